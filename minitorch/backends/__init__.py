"""The settings of torch's backends. Scripts may set them. Those that allow TF32 on a GPU have an effect.

The others have none: minitorch has no such backends, every operation is deterministic, and each device has one
implementation.
"""

from minitorch.backends import cuda, cudnn, mps
