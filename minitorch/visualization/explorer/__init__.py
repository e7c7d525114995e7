"""The explorer: a page on which a reader steps through one training step, forward and backward (docs/look-inside.md)."""
