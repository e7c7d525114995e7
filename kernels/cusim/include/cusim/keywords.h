// CUDA C's keywords as C++: on the host a kernel is an ordinary function. `__shared__` declarations are rewritten by
// kernels/cusim/translate.py before the compiler sees them.
#pragma once

#define __global__
#define __device__
#define __host__
#define __constant__ __attribute__((visibility("default")))
#define __managed__ __attribute__((visibility("default")))
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __grid_constant__
#ifndef __align__
#define __align__(bytes) __attribute__((aligned(bytes)))
#endif

// The language version that NVRTC 13 speaks; CuPy's headers ask for it.
#define __CUDACC_VER_MAJOR__ 13
#define __CUDACC_VER_MINOR__ 0
