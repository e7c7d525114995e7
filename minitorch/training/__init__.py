"""What the commands that train a model share: options, progress, metrics, figures, a clean stop."""
