// Half precision: `__half` with arithmetic in float, rounded after every operation, as the device's half instructions
// round once. For the real <cuda_fp16.h> see NVIDIA's headers; the names are theirs.
#pragma once

#include <type_traits>

#include "cusim/math.h"

struct __half_raw {
    unsigned short x;
};

static inline unsigned short cusim_half_bits(float value) { return cusim::bits_of<unsigned short>(_Float16(value)); }
static inline float cusim_half_value(unsigned short bits) { return float(cusim::bits_of<_Float16>(bits)); }

struct __half {
    unsigned short bits;

    __half() = default;
    __half(const __half_raw& raw) : bits(raw.x) {}
    template <class T, class = typename std::enable_if<std::is_arithmetic<T>::value>::type>
    __half(T value) : bits(cusim::bits_of<unsigned short>(_Float16(value))) {}
    operator float() const { return cusim_half_value(bits); }
    operator __half_raw() const { return {bits}; }
    __half& operator+=(__half other) { return *this = __half(float(*this) + float(other)); }
    __half& operator-=(__half other) { return *this = __half(float(*this) - float(other)); }
    __half& operator*=(__half other) { return *this = __half(float(*this) * float(other)); }
    __half& operator/=(__half other) { return *this = __half(float(*this) / float(other)); }
};
using half = __half;

static inline __half operator+(__half a, __half b) { return a += b; }
static inline __half operator-(__half a, __half b) { return a -= b; }
static inline __half operator*(__half a, __half b) { return a *= b; }
static inline __half operator/(__half a, __half b) { return a /= b; }
static inline __half operator-(__half a) { return __half_raw{(unsigned short)(a.bits ^ 0x8000u)}; }
static inline bool operator<(__half a, __half b) { return float(a) < float(b); }
static inline bool operator>(__half a, __half b) { return float(a) > float(b); }
static inline bool operator<=(__half a, __half b) { return float(a) <= float(b); }
static inline bool operator>=(__half a, __half b) { return float(a) >= float(b); }
static inline bool operator==(__half a, __half b) { return float(a) == float(b); }
static inline bool operator!=(__half a, __half b) { return float(a) != float(b); }

static inline __half __float2half(float x) { return x; }
static inline __half __float2half_rn(float x) { return x; }
static inline __half __double2half(double x) { return x; }
static inline float __half2float(__half x) { return x; }
static inline unsigned short __half_as_ushort(__half x) { return x.bits; }
static inline __half __ushort_as_half(unsigned short x) { return __half_raw{x}; }
static inline __half __hadd(__half a, __half b) { return a + b; }
static inline __half __hsub(__half a, __half b) { return a - b; }
static inline __half __hmul(__half a, __half b) { return a * b; }
static inline __half __hdiv(__half a, __half b) { return a / b; }
static inline __half __hfma(__half a, __half b, __half c) { return std::fma(double(float(a)), float(b), float(c)); }
static inline bool __hisnan(__half x) { return float(x) != float(x); }
