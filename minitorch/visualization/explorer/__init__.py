"""The explorer: a page on which to step through one training step, forward and backward (docs/look-inside.md)."""
