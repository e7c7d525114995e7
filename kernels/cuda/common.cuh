// The beginning of every kernel file: this text is put before the text of the file.
//
// No header is included, neither CUDA's nor CuPy's: NVRTC and a C++ compiler on the host compile the same text.
// Kernels are templates over T, the type of the elements, and I, the type of counts and indices (int where 32 bits are
// enough). A kernel for elements loops over them with `each`: a thread takes element i, then i + the number of threads in
// the grid, and so on, so that any grid serves any number of elements.

#define each(I, i, total)                                                                  \
    for (I i = (I)blockIdx.x * (I)blockDim.x + (I)threadIdx.x; i < (total); i += (I)blockDim.x * (I)gridDim.x)

// Half precision (IEEE 754 binary16) is stored only: it is computed in single.
struct Half {
    unsigned short bits;
};

__device__ inline float single_of(Half half) {
    unsigned int sign = (half.bits & 0x8000u) << 16, exponent = half.bits >> 10 & 31u, fraction = half.bits & 1023u;
    if (exponent == 31) return __uint_as_float(sign | 0x7f800000u | fraction << 13);      // infinity and NaN
    if (exponent != 0) return __uint_as_float(sign | (exponent + 112) << 23 | fraction << 13);
    if (fraction == 0) return __uint_as_float(sign);
    for (exponent = 113; !(fraction & 1024u); exponent--) fraction <<= 1;                 // below 2^-14
    return __uint_as_float(sign | exponent << 23 | (fraction & 1023u) << 13);
}

__device__ inline Half half_of(float single) {  // to the nearest, from the middle to the even one
    unsigned int bits = __float_as_uint(single), sign = bits >> 16 & 0x8000u, size = bits & 0x7fffffffu;
    Half half;
    if (size > 0x7f800000u) half.bits = (unsigned short)(sign | 0x7e00u);
    else if (size >= 0x47800000u) half.bits = (unsigned short)(sign | 0x7c00u);           // 2^16 and more
    else if (size >= 0x38800000u) half.bits = (unsigned short)(sign | (size - 0x38000000u + 0xfffu + (size >> 13 & 1u)) >> 13);
    else if (size < 0x33000000u) half.bits = (unsigned short)sign;                        // below 2^-25
    else {
        unsigned int shift = 126u - (size >> 23), fraction = (size & 0x7fffffu) | 0x800000u;
        unsigned int whole = fraction >> shift, rest = fraction & ((1u << shift) - 1u), middle = 1u << (shift - 1u);
        half.bits = (unsigned short)(sign | (whole + (rest > middle || (rest == middle && (whole & 1u)))));
    }
    return half;
}

// The type in which numbers of type T are computed, and the conversions to it and back.
template <typename T> struct WideOf { typedef T type; };
template <> struct WideOf<Half> { typedef float type; };
template <typename T> using Wide = typename WideOf<T>::type;

template <typename T> __device__ inline T wide(T x) { return x; }
__device__ inline float wide(Half x) { return single_of(x); }

template <typename T> struct Narrow { __device__ static T of(T x) { return x; } };
template <> struct Narrow<Half> { __device__ static Half of(float x) { return half_of(x); } };
template <typename T> __device__ inline T narrow(Wide<T> x) { return Narrow<T>::of(x); }

// What a thread reads at once: 16 bytes. The address must be a multiple of 16.
template <typename T> struct alignas(16) Chunk {
    static constexpr int SIZE = 16 / sizeof(T);
    T of[SIZE];
};

// The sum, or the largest, of the values of all threads of a block, returned to every thread. Threads of a warp exchange
// theirs, then each warp writes one number to shared memory. The order of the additions is the same every time.
template <typename A> __device__ inline A block_sum(A value) {
    __shared__ A parts[32];
    for (int step = 16; step; step >>= 1) value += __shfl_xor_sync(0xffffffffu, value, step);
    __syncthreads();  // threads may still be reading `parts` of the call before
    if ((threadIdx.x & 31) == 0) parts[threadIdx.x >> 5] = value;
    __syncthreads();
    A sum = 0;
    for (int warp = 0; warp < (int)(blockDim.x >> 5); warp++) sum += parts[warp];
    return sum;
}

template <typename A> __device__ inline A block_max(A value) {
    __shared__ A parts[32];
    for (int step = 16; step; step >>= 1) {
        A other = __shfl_xor_sync(0xffffffffu, value, step);
        value = other > value ? other : value;
    }
    __syncthreads();
    if ((threadIdx.x & 31) == 0) parts[threadIdx.x >> 5] = value;
    __syncthreads();
    A largest = parts[0];
    for (int warp = 1; warp < (int)(blockDim.x >> 5); warp++) largest = parts[warp] > largest ? parts[warp] : largest;
    return largest;
}

// The lowest value of W: minus infinity, or the least integer.
template <typename W> struct Lowest {
    __device__ static W value() { return (W)-1 < (W)0 ? (W)((unsigned long long)1 << (8 * sizeof(W) - 1)) : (W)0; }
};
template <> struct Lowest<float> { __device__ static float value() { return __uint_as_float(0xff800000u); } };
template <> struct Lowest<double> {
    __device__ static double value() { return __longlong_as_double((long long)0xfff0000000000000ull); }
};
