"""What the commands that train a model have in common: options, progress, checkpoints, metrics, figures, Ctrl-C."""
