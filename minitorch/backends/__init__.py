"""The settings of torch's backends. Scripts may set them; they have no effect, because minitorch has no such backends.

Every operation of minitorch is deterministic, and each device has one implementation.
"""

from minitorch.backends import cudnn, mps
