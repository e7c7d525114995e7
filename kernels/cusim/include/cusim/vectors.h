// The built-in vector types, and the variables that tell a thread who it is.
#pragma once

// Alignment as CUDA has it: two and four components are aligned as a whole (at most 16 bytes), three are not.
#define CUSIM_VECTOR_TYPES(T, NAME)                                                                              \
    struct NAME##1 { T x; };                                                                                     \
    struct alignas(2 * sizeof(T)) NAME##2 { T x, y; };                                                           \
    struct NAME##3 { T x, y, z; };                                                                               \
    struct alignas(4 * sizeof(T) > 16 ? 16 : 4 * sizeof(T)) NAME##4 { T x, y, z, w; };                           \
    static inline NAME##1 make_##NAME##1(T x) { return {x}; }                                                    \
    static inline NAME##2 make_##NAME##2(T x, T y) { return {x, y}; }                                            \
    static inline NAME##3 make_##NAME##3(T x, T y, T z) { return {x, y, z}; }                                    \
    static inline NAME##4 make_##NAME##4(T x, T y, T z, T w) { return {x, y, z, w}; }

CUSIM_VECTOR_TYPES(signed char, char)
CUSIM_VECTOR_TYPES(unsigned char, uchar)
CUSIM_VECTOR_TYPES(short, short)
CUSIM_VECTOR_TYPES(unsigned short, ushort)
CUSIM_VECTOR_TYPES(int, int)
CUSIM_VECTOR_TYPES(unsigned int, uint)
CUSIM_VECTOR_TYPES(long, long)
CUSIM_VECTOR_TYPES(unsigned long, ulong)
CUSIM_VECTOR_TYPES(long long, longlong)
CUSIM_VECTOR_TYPES(unsigned long long, ulonglong)
CUSIM_VECTOR_TYPES(float, float)
CUSIM_VECTOR_TYPES(double, double)
#undef CUSIM_VECTOR_TYPES

struct dim3 {
    unsigned int x, y, z;
    constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
    constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
};

// Set by the scheduler (scheduler.h) whenever it switches to another thread.
static uint3 threadIdx, blockIdx;
static dim3 blockDim, gridDim;
static const int warpSize = 32;
