"""The ops: which kernel computes each, and the gradients, by family as in `kernels`."""
