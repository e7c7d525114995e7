"""The networks that ``minitorch train`` knows, one readable file each.

A model's module provides

    add_arguments(parser)   its options, for ``minitorch train NAME --help``
    run(args) -> int        the training; what it returns is the command's exit code

and stands in `MODELS`. A dash in its name is an underscore in its file's.
"""

MODELS = {
    "cnn": "a convolutional network that reads handwritten digits",
}
"""The name of each model, and what it is in a line."""
