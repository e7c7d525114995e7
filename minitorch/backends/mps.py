"""Apple's Metal, which minitorch does not use."""


def is_available() -> bool:
    """Whether tensors can be on a Metal device: never."""
    return False


def is_built() -> bool:
    """Whether minitorch supports Metal: never."""
    return False
