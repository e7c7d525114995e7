"""The settings of cuDNN. They have no effect, because minitorch does not use cuDNN."""

enabled = False
benchmark = False
deterministic = True
allow_tf32 = False


def is_available() -> bool:
    """Whether cuDNN is used: never."""
    return False


def version() -> None:
    """The version of cuDNN: None."""
