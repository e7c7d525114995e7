"""cuDNN's switches: without effect, as minitorch does not use it."""

enabled = False
benchmark = False
deterministic = True
allow_tf32 = False


def is_available() -> bool:
    """Whether cuDNN is used: never."""
    return False


def version() -> None:
    """The version of cuDNN: None."""
