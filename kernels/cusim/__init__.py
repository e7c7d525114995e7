"""CUDA without a GPU: CUDA C compiled by g++ and run on the host, and the real CuPy on an emulated CUDA runtime.

- `kernels.cusim.compiler` makes of a kernel's text a callable that takes NumPy arrays; sanitizers can watch it run.
- ``python -m kernels.cusim COMMAND …`` runs a program with CuPy, whose calls of CUDA are answered on the host.

Nothing here starts when it is imported, and nothing here imports minitorch. See ``docs/cusim.md``.
"""
