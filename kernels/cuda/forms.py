"""Everything of this package that registers itself as a kernel's form for CuPy. It needs no CuPy to be imported."""

from kernels.cuda import (
    conv as conv,
    lookup as lookup,
    loss as loss,
    matmul as matmul,
    norm as norm,
    optimizer as optimizer,
    philox as philox,
    pointwise as pointwise,
    pool as pool,
    recurrent as recurrent,
    scatter as scatter,
)
