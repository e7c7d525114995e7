"""The switches of torch's backends that scripts set. There is none of them here: they can be set, without effect.

Results do not depend on them: every operation here is deterministic, and there is one implementation for a device.
"""

from minitorch.backends import cudnn, mps
