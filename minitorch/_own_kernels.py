"""Importing this module checks that the package ``kernels`` is minitorch's own.

The name is general: a file ``kernels.py`` beside the user's script comes first on Python's path, and another project
has a package of that name. Without the check, importing minitorch would fail in one of its files, far from the cause.
"""

from __future__ import annotations

import kernels

if not hasattr(kernels, "KERNELS"):
    _found = getattr(kernels, "__file__", None) or ", ".join(getattr(kernels, "__path__", ())) or repr(kernels)
    raise ImportError(
        f"minitorch needs its own package 'kernels', but Python finds another module of that name: {_found}. If it is "
        "your file, rename it; if another project has installed it, install minitorch into an environment of its own",
        name="kernels",
    )
