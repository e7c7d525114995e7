"""The networks of ``minitorch train``, one file each.

A model's module provides

    add_arguments(parser)   its options, for ``minitorch train NAME --help``
    run(args) -> int        the training; it returns the command's exit code

and its name is a key of `MODELS`. A dash in the name is an underscore in the name of the file.
"""

MODELS = {
    "regression": "a small net that fits a noisy curve",
    "classification": "a small net that separates two clouds of points",
    "optimizers": "one problem with SGD, momentum, RMSprop and Adam",
    "cnn": "a convolutional network that reads handwritten digits",
    "lstm": "an LSTM that reads handwritten digits row by row",
    "rnn": "a recurrent network that predicts the cosine from the sine",
    "dynamic-rnn": "the same over sequences of changing length",
    "autoencoder": "an autoencoder that encodes digits as three numbers",
    "gan": "a generative adversarial network that paints curves",
    "cgan": "a conditional GAN, which paints curves of the class that it is given",
    "dqn": "deep Q-learning that balances a pole (needs gymnasium)",
    "dropout": "an over-fitting net and its twin with dropout",
    "regularization": "L1, L2 and weight decay compared",
    "batchnorm": "an eight-layer net with and without batch normalization",
    "all": "all of these in a short form, with a page of all figures",
}
"""For each model its name and a one-line description."""
