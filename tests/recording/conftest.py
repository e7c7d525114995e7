"""A recording asks the garbage collector for all tensors, several times: what is there before these tests is set aside.

Without this it would look through all objects of PyTorch, of hypothesis and of the other tests each time.
"""

import gc

gc.collect()
gc.freeze()
