// CUDA's math functions and intrinsics. They differ from the device's in the last bits: the host's are more exact.
#pragma once

#include <climits>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

// CUDA has the overloads for float and double in the global namespace.
using std::abs; using std::acos; using std::acosh; using std::asin; using std::asinh; using std::atan; using std::atan2;
using std::atanh; using std::cbrt; using std::ceil; using std::copysign; using std::cos; using std::cosh; using std::erf;
using std::erfc; using std::exp; using std::exp2; using std::expm1; using std::fabs; using std::fdim; using std::floor;
using std::fma; using std::fmax; using std::fmin; using std::fmod; using std::frexp; using std::hypot; using std::ilogb;
using std::isfinite; using std::isinf; using std::isnan; using std::ldexp; using std::lgamma; using std::llrint;
using std::llround; using std::log; using std::log10; using std::log1p; using std::log2; using std::logb; using std::lrint;
using std::lround; using std::modf; using std::nearbyint; using std::nextafter; using std::pow; using std::remainder;
using std::rint; using std::round; using std::scalbln; using std::scalbn; using std::signbit; using std::sin;
using std::sinh; using std::sqrt; using std::tan; using std::tanh; using std::tgamma; using std::trunc;

// min and max: of two integers as the usual conversions make of them, of floating values as fmin and fmax.
#define CUSIM_MIN_MAX(R, A, B)                                                         \
    static inline R min(A a, B b) { R x = a, y = b; return y < x ? y : x; }   \
    static inline R max(A a, B b) { R x = a, y = b; return x < y ? y : x; }
#define CUSIM_MIN_MAX_INTEGERS(S, U) \
    CUSIM_MIN_MAX(S, S, S) CUSIM_MIN_MAX(U, U, U) CUSIM_MIN_MAX(U, S, U) CUSIM_MIN_MAX(U, U, S)
CUSIM_MIN_MAX_INTEGERS(int, unsigned)
CUSIM_MIN_MAX_INTEGERS(long, unsigned long)
CUSIM_MIN_MAX_INTEGERS(long long, unsigned long long)
#undef CUSIM_MIN_MAX_INTEGERS
#undef CUSIM_MIN_MAX
#define CUSIM_MIN_MAX(R, A, B)                                    \
    static inline R min(A a, B b) { return std::fmin(R(a), R(b)); } \
    static inline R max(A a, B b) { return std::fmax(R(a), R(b)); }
CUSIM_MIN_MAX(float, float, float)
CUSIM_MIN_MAX(double, double, double)
CUSIM_MIN_MAX(double, float, double)
CUSIM_MIN_MAX(double, double, float)
#undef CUSIM_MIN_MAX

static inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
static inline float rsqrt(float x) { return rsqrtf(x); }
static inline double rsqrt(double x) { return 1.0 / std::sqrt(x); }
static inline double normcdf(double x) { return 0.5 * std::erfc(-x * M_SQRT1_2); }
static inline float normcdf(float x) { return float(normcdf(double(x))); }
static inline float normcdff(float x) { return normcdf(x); }
static inline double sinpi(double x) { return std::sin(M_PI * std::remainder(x, 2.0)); }
static inline double cospi(double x) { return std::cos(M_PI * std::remainder(x, 2.0)); }
static inline float sinpi(float x) { return float(sinpi(double(x))); }
static inline float cospi(float x) { return float(cospi(double(x))); }
static inline float sinpif(float x) { return sinpi(x); }
static inline float cospif(float x) { return cospi(x); }
static inline double rhypot(double x, double y) { return 1.0 / std::hypot(x, y); }
static inline float fdividef(float x, float y) { return x / y; }

// Bits.
namespace cusim {
template <class To, class From>
static inline To bits_of(From from) {
    static_assert(sizeof(To) == sizeof(From), "");
    To to;
    memcpy(&to, &from, sizeof to);
    return to;
}
}  // namespace cusim
static inline int __float_as_int(float x) { return cusim::bits_of<int>(x); }
static inline unsigned __float_as_uint(float x) { return cusim::bits_of<unsigned>(x); }
static inline float __int_as_float(int x) { return cusim::bits_of<float>(x); }
static inline float __uint_as_float(unsigned x) { return cusim::bits_of<float>(x); }
static inline long long __double_as_longlong(double x) { return cusim::bits_of<long long>(x); }
static inline double __longlong_as_double(long long x) { return cusim::bits_of<double>(x); }
static inline int __double2hiint(double x) { return int(cusim::bits_of<uint64_t>(x) >> 32); }
static inline int __double2loint(double x) { return int(cusim::bits_of<uint64_t>(x)); }
static inline double __hiloint2double(int high, int low) {
    return cusim::bits_of<double>(uint64_t(unsigned(high)) << 32 | unsigned(low));
}
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static inline int __clz(int x) { return x ? __builtin_clz(unsigned(x)) : 32; }
static inline int __clzll(long long x) { return x ? __builtin_clzll((unsigned long long)x) : 64; }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __ffsll(long long x) { return __builtin_ffsll(x); }
static inline unsigned __brev(unsigned x) {
    unsigned reversed = 0;
    for (int i = 0; i < 32; i++) reversed |= (x >> i & 1) << (31 - i);
    return reversed;
}

// Integers.
static inline int __mul24(int a, int b) { return a * b; }
static inline unsigned __umul24(unsigned a, unsigned b) { return a * b; }
static inline int __mulhi(int a, int b) { return int(int64_t(a) * b >> 32); }
static inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned(uint64_t(a) * b >> 32); }
static inline long long __mul64hi(long long a, long long b) { return (long long)((__int128)a * b >> 64); }
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long)((unsigned __int128)a * b >> 64);
}

// Rounded once, never contracted.
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fsub_rn(float a, float b) { return a - b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static inline float __fsqrt_rn(float x) { return sqrtf(x); }
static inline float __frcp_rn(float x) { return 1.0f / x; }
static inline float __frsqrt_rn(float x) { return rsqrtf(x); }
static inline double __dadd_rn(double a, double b) { return a + b; }
static inline double __dsub_rn(double a, double b) { return a - b; }
static inline double __dmul_rn(double a, double b) { return a * b; }
static inline double __ddiv_rn(double a, double b) { return a / b; }
static inline double __fma_rn(double a, double b, double c) { return std::fma(a, b, c); }
static inline double __dsqrt_rn(double x) { return std::sqrt(x); }

// Conversions that name their rounding. Out of range they saturate, as on the device.
static inline int cusim_to_int(double x) { return x != x ? 0 : x <= INT_MIN ? INT_MIN : x >= INT_MAX ? INT_MAX : int(x); }
static inline int __float2int_rn(float x) { return cusim_to_int(rintf(x)); }
static inline int __float2int_rd(float x) { return cusim_to_int(floorf(x)); }
static inline int __float2int_ru(float x) { return cusim_to_int(ceilf(x)); }
static inline int __float2int_rz(float x) { return cusim_to_int(truncf(x)); }
static inline int __double2int_rn(double x) { return cusim_to_int(std::rint(x)); }
static inline int __double2int_rz(double x) { return cusim_to_int(std::trunc(x)); }
static inline float __int2float_rn(int x) { return float(x); }
static inline float __uint2float_rn(unsigned x) { return float(x); }
static inline double __uint2double_rn(unsigned x) { return double(x); }
static inline float __ull2float_rn(unsigned long long x) { return float(x); }
static inline double __ull2double_rn(unsigned long long x) { return double(x); }
static inline float __double2float_rn(double x) { return float(x); }

// Fast and less exact on the device; here the exact ones. (As macros: glibc has functions of these names.)
#define __expf(x) expf(x)
#define __exp10f(x) exp10f(x)
#define __logf(x) logf(x)
#define __log2f(x) log2f(x)
#define __log10f(x) log10f(x)
#define __powf(x, y) powf(x, y)
#define __sinf(x) sinf(x)
#define __cosf(x) cosf(x)
#define __tanf(x) tanf(x)
static inline float __fdividef(float x, float y) { return x / y; }
static inline float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1) : 0; }

template <class T>
static inline T __ldg(const T* address) { return *address; }
template <class T>
static inline T __ldcg(const T* address) { return *address; }
static inline void __trap() { abort(); }
