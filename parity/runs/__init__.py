"""Training runs: a model file trained under both libraries from the same seed, and its losses compared."""
