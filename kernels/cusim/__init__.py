"""CUDA without a GPU: CUDA C compiled by g++ and run on the host, and the real CuPy on an emulated CUDA runtime.

- `kernels.cusim.compiler` makes a callable on NumPy arrays from a kernel's text; sanitizers can check it.
- ``python -m kernels.cusim COMMAND …`` runs a program with CuPy, whose calls of CUDA are emulated on the host.

Nothing here starts when it is imported, and nothing here imports minitorch. See ``docs/cusim.md``.
"""
