"""The common parts of the commands that train a model: options, progress, checkpoints, metrics, figures, Ctrl-C."""
