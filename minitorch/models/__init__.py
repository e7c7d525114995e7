"""The networks that ``minitorch train`` knows, one readable file each.

A model's module provides

    add_arguments(parser)   its options, for ``minitorch train NAME --help``
    run(args) -> int        the training; what it returns is the command's exit code

and stands in `MODELS`. A dash in its name is an underscore in its file's.
"""

MODELS = {
    "regression": "a small net that follows a noisy curve",
    "classification": "a small net that tells two clouds of points apart",
    "optimizers": "one problem with SGD, momentum, RMSprop and Adam",
    "cnn": "a convolutional network that reads handwritten digits",
    "lstm": "an LSTM that reads handwritten digits row by row",
    "rnn": "a recurrent network that predicts the cosine from the sine",
    "dynamic-rnn": "the same over sequences of changing length",
    "autoencoder": "an autoencoder that squeezes digits into three numbers",
    "gan": "a generative adversarial network that paints curves",
    "cgan": "the same on commission",
    "dqn": "deep Q-learning that balances a pole (needs gymnasium)",
    "dropout": "an over-fitting net and its twin with dropout",
    "regularization": "L1, L2 and weight decay side by side",
    "batchnorm": "an eight-layer net with and without batch normalization",
    "all": "every one of these in a short form, with a page of all figures",
}
"""The name of each model, and what it is in a line."""
