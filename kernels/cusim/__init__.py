"""CUDA without a GPU: CUDA C compiled by g++ and run on the host, and the real CuPy on an emulated CUDA runtime.

Two layers, for two rungs of the ladder (``docs/cusim.md``):

- `kernels.cusim.compiler`: the text of a kernel → a callable over NumPy arrays (L2), also under sanitizers.
- ``python -m kernels.cusim COMMAND …``: a program with CuPy whose CUDA calls are served by the host (L3).

Nothing here starts by itself.
"""
