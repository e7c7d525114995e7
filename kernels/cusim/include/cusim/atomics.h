// Atomic functions. One loop of compare-and-swap for all of them: which type and operation is all that differs.
#pragma once

#include <cstring>

namespace cusim {

template <class T>
static inline T compare_and_swap(T* address, T expected, T desired) {
    __atomic_compare_exchange(address, &expected, &desired, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    return expected;
}

template <class T, class F>
static inline T read_modify_write(T* address, F change) {
    T old, changed;
    __atomic_load(address, &old, __ATOMIC_RELAXED);
    do changed = change(old);
    while (!__atomic_compare_exchange(address, &old, &changed, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return old;
}

}  // namespace cusim

// NAME(address, v): *address becomes EXPRESSION of the old value `o` and `v`; returns the old one.
#define CUSIM_ATOMIC(NAME, T, EXPRESSION)                                                  \
    static inline T NAME(T* address, T v) {                                                \
        return cusim::read_modify_write(address, [v](T o) -> T { return EXPRESSION; });    \
    }                                                                                      \
    static inline T NAME##_block(T* address, T v) { return NAME(address, v); }             \
    static inline T NAME##_system(T* address, T v) { return NAME(address, v); }

CUSIM_ATOMIC(atomicAdd, int, int(unsigned(o) + unsigned(v)))
CUSIM_ATOMIC(atomicAdd, unsigned int, o + v)
CUSIM_ATOMIC(atomicAdd, unsigned long long, o + v)
CUSIM_ATOMIC(atomicAdd, float, o + v)
CUSIM_ATOMIC(atomicAdd, double, o + v)
CUSIM_ATOMIC(atomicSub, int, int(unsigned(o) - unsigned(v)))
CUSIM_ATOMIC(atomicSub, unsigned int, o - v)
CUSIM_ATOMIC(atomicExch, int, v)
CUSIM_ATOMIC(atomicExch, unsigned int, v)
CUSIM_ATOMIC(atomicExch, unsigned long long, v)
CUSIM_ATOMIC(atomicExch, float, v)
CUSIM_ATOMIC(atomicInc, unsigned int, o >= v ? 0 : o + 1)
CUSIM_ATOMIC(atomicDec, unsigned int, o == 0 || o > v ? v : o - 1)
#define CUSIM_ATOMIC_INTEGERS(NAME, EXPRESSION)        \
    CUSIM_ATOMIC(NAME, int, EXPRESSION)                \
    CUSIM_ATOMIC(NAME, unsigned int, EXPRESSION)       \
    CUSIM_ATOMIC(NAME, long long, EXPRESSION)          \
    CUSIM_ATOMIC(NAME, unsigned long long, EXPRESSION)
CUSIM_ATOMIC_INTEGERS(atomicMin, v < o ? v : o)
CUSIM_ATOMIC_INTEGERS(atomicMax, v > o ? v : o)
CUSIM_ATOMIC_INTEGERS(atomicAnd, o & v)
CUSIM_ATOMIC_INTEGERS(atomicOr, o | v)
CUSIM_ATOMIC_INTEGERS(atomicXor, o ^ v)
#undef CUSIM_ATOMIC_INTEGERS
#undef CUSIM_ATOMIC

static inline int atomicCAS(int* p, int c, int v) { return cusim::compare_and_swap(p, c, v); }
static inline unsigned atomicCAS(unsigned* p, unsigned c, unsigned v) { return cusim::compare_and_swap(p, c, v); }
static inline unsigned short atomicCAS(unsigned short* p, unsigned short c, unsigned short v) {
    return cusim::compare_and_swap(p, c, v);
}
static inline unsigned long long atomicCAS(unsigned long long* p, unsigned long long c, unsigned long long v) {
    return cusim::compare_and_swap(p, c, v);
}
