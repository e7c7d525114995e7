"""The array libraries on which kernels can be run on this machine."""

from __future__ import annotations

import kernels
from kernels.backend import Backend


def backend_for(library: str) -> Backend:
    """The backend whose arrays are of `library`, the name under which forms of kernels are registered.

    Raises:
        LookupError: if none is registered.
    """
    if library == "cupy":
        return kernels.get_backend("cuda")
    for name in kernels.backend_names():
        backend = kernels.loaded(name)
        if backend is not None and backend.library == library:
            return backend
    raise LookupError(f"no backend is registered for arrays of {library!r}")


def unavailable_because(library: str) -> str | None:
    """Why kernels cannot be run on `library` here; None if they can.

    Asking for CuPy does not register its backend: other tests need the devices as they are without it.
    """
    if library != "cupy":
        return None
    try:
        import cupy
    except ImportError as error:
        return f"needs CuPy (pip install 'minitorch-parity[cuda13]'): {error}"
    try:
        cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return f"no GPU ({error}), and not started by `python -m kernels.cusim pytest …`"
    return None
