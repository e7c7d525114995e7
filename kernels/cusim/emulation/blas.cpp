// The part of cuBLAS that minitorch and CuPy's matmul, dot and tensordot call: products of matrices in half, single and
// double precision, and sums of (transposed) matrices. The arithmetic is OpenBLAS's, the one inside NumPy (cusim_set_blas);
// halves are multiplied in single precision and rounded once. For TF32 the factors are rounded as tensor cores round them.
//
// A product writes to the workspace of its handle, as on a GPU, though it needs none: memory that is used for something
// else at that time is destroyed. With lazy streams it is an error if two of them could use one workspace at a time. Setting
// a stream takes the workspace away.
//
// Matrices are stored column by column (Fortran), as in BLAS. Types are declared here, as cuBLAS's headers need not be
// installed; the numbers are theirs.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "memory.h"
#include "state.h"
#include "streams.h"

namespace cusim {
namespace {

enum Status : int { ok = 0, invalid = 7, execution_failed = 13, unsupported = 15 };
enum Type : int { f32 = 0, f64 = 1, f16 = 2 };  // cudaDataType_t
enum Compute : int { compute_f32 = 68, compute_f64 = 70, compute_tf32 = 77 };  // cublasComputeType_t
constexpr size_t scribbled = 4096;  // bytes at the start of a workspace

struct Handle {
    void* stream = nullptr;
    void* workspace = nullptr;
    size_t workspace_size = 0;
    int pointer_mode = 0;  // 1: alpha and beta are in device memory
    int math_mode = 0;
};

size_t size_of(int type) { return type == f64 ? 8 : type == f32 ? 4 : 2; }

struct Matrix {
    const void* data;
    int type;
    int64_t leading;    // from the start of a column to the start of the next
    bool transposed;
    // How many bytes from the start of the data to its end, for a matrix of rows × columns after transposition.
    size_t extent(int64_t rows, int64_t columns) const {
        int64_t stored_rows = transposed ? columns : rows, stored_columns = transposed ? rows : columns;
        if (!stored_rows || !stored_columns) return 0;
        return size_t((stored_columns - 1) * leading + stored_rows) * size_of(type);
    }
    Matrix moved(int64_t elements) const {
        return {static_cast<const char*>(data) + elements * int64_t(size_of(type)), type, leading, transposed};
    }
};

// alpha or beta: in host memory it is read when the call is made, in device memory when the work is done.
struct Scalar {
    const void* device = nullptr;
    bool is_double;
    double known = 0;
    Scalar(const Handle* handle, const void* from, bool is_double) : is_double(is_double) {
        if (handle->pointer_mode) device = from;
        else known = read(from);
    }
    double read(const void* from) const {
        return is_double ? *static_cast<const double*>(from) : double(*static_cast<const float*>(from));
    }
    double value() const { return device ? read(device) : known; }
};

using Sgemm = void (*)(int, int, int, int64_t, int64_t, int64_t, float, const float*, int64_t, const float*, int64_t, float, float*, int64_t);
using Dgemm = void (*)(int, int, int, int64_t, int64_t, int64_t, double, const double*, int64_t, const double*, int64_t, double, double*, int64_t);
Sgemm sgemm;
Dgemm dgemm;
constexpr int column_major = 102, plain = 111, transpose = 112;  // cblas.h

// C ← alpha A B + beta C, all of type T.
template <class T>
void product(int64_t m, int64_t n, int64_t k, T alpha, Matrix a, Matrix b, T beta, T* c, int64_t ldc) {
    if (m == 0 || n == 0) return;
    if (beta == 0)  // C is not read: it may hold NaN
        for (int64_t j = 0; j < n; j++) memset(c + j * ldc, 0, size_t(m) * sizeof(T));
    auto *pa = static_cast<const T*>(a.data), *pb = static_cast<const T*>(b.data);
    int ta = a.transposed ? transpose : plain, tb = b.transposed ? transpose : plain;
    if constexpr (sizeof(T) == 4) sgemm(column_major, ta, tb, m, n, k, alpha, pa, a.leading, pb, b.leading, beta, c, ldc);
    else dgemm(column_major, ta, tb, m, n, k, alpha, pa, a.leading, pb, b.leading, beta, c, ldc);
}

float half_value(uint16_t bits) {
    _Float16 half;
    memcpy(&half, &bits, sizeof half);
    return float(half);
}

uint16_t half_bits(float value) {
    _Float16 half = _Float16(value);
    uint16_t bits;
    memcpy(&bits, &half, sizeof bits);
    return bits;
}

// A half matrix as single precision, packed, in `room`.
Matrix widened(Matrix matrix, int64_t rows, int64_t columns, std::vector<float>& room) {
    int64_t stored_rows = matrix.transposed ? columns : rows, stored_columns = matrix.transposed ? rows : columns;
    room.resize(size_t(stored_rows * stored_columns));
    auto* halves = static_cast<const uint16_t*>(matrix.data);
    for (int64_t j = 0; j < stored_columns; j++)
        for (int64_t i = 0; i < stored_rows; i++)
            room[size_t(j * stored_rows + i)] = half_value(halves[j * matrix.leading + i]);
    return {room.data(), f32, stored_rows > 0 ? stored_rows : 1, matrix.transposed};
}

// A single matrix rounded to the 10 bits after the point that TF32 has, packed, in `room`.
Matrix rounded(Matrix matrix, int64_t rows, int64_t columns, std::vector<float>& room) {
    int64_t stored_rows = matrix.transposed ? columns : rows, stored_columns = matrix.transposed ? rows : columns;
    room.resize(size_t(stored_rows * stored_columns));
    auto* singles = static_cast<const float*>(matrix.data);
    for (int64_t j = 0; j < stored_columns; j++)
        for (int64_t i = 0; i < stored_rows; i++) {
            uint32_t bits;
            memcpy(&bits, &singles[j * matrix.leading + i], sizeof bits);
            if ((bits >> 23 & 255) != 255) bits += 0x1000;  // to the nearest, from the middle away from 0
            bits &= ~0x1fffu;
            memcpy(&room[size_t(j * stored_rows + i)], &bits, sizeof bits);
        }
    return {room.data(), f32, stored_rows > 0 ? stored_rows : 1, matrix.transposed};
}

void half_product(int64_t m, int64_t n, int64_t k, float alpha, Matrix a, Matrix b, float beta, Matrix c) {
    std::vector<float> wide_a, wide_b, sum(size_t(m * n));
    Matrix fa = widened(a, m, k, wide_a), fb = widened(b, k, n, wide_b);
    product<float>(m, n, k, alpha, fa, fb, 0.0f, sum.data(), m > 0 ? m : 1);
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i < m; i++) {
            char* to = static_cast<char*>(const_cast<void*>(c.data)) + size_t(j * c.leading + i) * size_of(c.type);
            float value = sum[size_t(j * m + i)];
            if (c.type == f32) {
                float old = beta == 0 ? 0 : beta * *reinterpret_cast<float*>(to);
                *reinterpret_cast<float*>(to) = value + old;
            } else {
                float old = beta == 0 ? 0 : beta * half_value(*reinterpret_cast<uint16_t*>(to));
                *reinterpret_cast<uint16_t*>(to) = half_bits(value + old);
            }
        }
}

int on_device(const char* name, Matrix matrix, int64_t rows, int64_t columns) {
    size_t size = matrix.extent(rows, columns);
    if (size == 0 || lies_on_device(matrix.data, size)) return success;
    fprintf(stderr, "cusim: cuBLAS: matrix %s of %lld × %lld: %s\n", name, (long long)rows, (long long)columns,
            describe_address(matrix.data));
    return refuse(illegal_address, "cuBLAS: matrix %s is not in device memory", name);
}

int multiply(int64_t m, int64_t n, int64_t k, const Scalar& alpha, Matrix a, Matrix b, const Scalar& beta, Matrix c,
             bool tf32 = false) {
    if (int error = on_device("A", a, m, k)) return error;
    if (int error = on_device("B", b, k, n)) return error;
    if (int error = on_device("C", c, m, n)) return error;
    void* to = const_cast<void*>(c.data);
    std::vector<float> room_a, room_b;
    if (tf32) a = rounded(a, m, k, room_a), b = rounded(b, k, n, room_b);
    if (c.type == f64) product<double>(m, n, k, alpha.value(), a, b, beta.value(), static_cast<double*>(to), c.leading);
    else if (a.type == f32) product<float>(m, n, k, float(alpha.value()), a, b, float(beta.value()), static_cast<float*>(to), c.leading);
    else half_product(m, n, k, float(alpha.value()), a, b, float(beta.value()), c);
    return success;
}

int give(Handle* handle, Work work, const Scratch& scratch = {}) {
    Lock lock;
    return submit(handle->stream, std::move(work), scratch) ? execution_failed : ok;
}

bool types_fit(int a, int b, int c) {
    return (a == f32 && b == f32 && c == f32) || (a == f64 && b == f64 && c == f64) ||
           (a == f16 && b == f16 && (c == f16 || c == f32));
}

int gemm(Handle* handle, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int a_type, int lda,
         int64_t a_stride, const void* b, int b_type, int ldb, int64_t b_stride, const void* beta, void* c, int c_type,
         int ldc, int64_t c_stride, int count, int compute) {
    bool computes = c_type == f64 ? compute == compute_f64 : compute == compute_f32 || (compute == compute_tf32 && a_type == f32);
    if (!types_fit(a_type, b_type, c_type) || !computes) {
        fprintf(stderr, "cusim: cuBLAS: products of types %d, %d, %d computed as %d are not emulated\n", a_type, b_type, c_type, compute);
        return unsupported;
    }
    int stored_a = ta ? k : m, stored_b = tb ? n : k;
    bool fits = m >= 0 && n >= 0 && k >= 0 && count >= 0 && lda >= (stored_a > 1 ? stored_a : 1) && ldb >= (stored_b > 1 ? stored_b : 1) &&
                ldc >= (m > 1 ? m : 1);
    if (!fits) return invalid;
    void* workspace = handle->workspace;
    size_t size = handle->workspace_size < scribbled ? handle->workspace_size : scribbled;
    Scalar scale(handle, alpha, c_type == f64), keep(handle, beta, c_type == f64);
    Matrix A{a, a_type, lda, ta != 0}, B{b, b_type, ldb, tb != 0}, C{c, c_type, ldc, false};
    auto run = [=] {
        if (size && !lies_on_device(workspace, size)) return refuse(illegal_address, "cuBLAS: the workspace is not in device memory");
        memset(workspace, 0xff, size);
        for (int i = 0; i < count; i++)
            if (int error = multiply(m, n, k, scale, A.moved(i * a_stride), B.moved(i * b_stride), keep, C.moved(i * c_stride),
                                     compute == compute_tf32))
                return error;
        return int(success);
    };
    return give(handle, run, size ? Scratch{workspace} : Scratch{});
}

// Batches of matrices, given by arrays of pointers in device memory.
template <class T>
int gemm_pointers(Handle* handle, int ta, int tb, int m, int n, int k, const T* alpha, const T* const* a, int lda,
                  const T* const* b, int ldb, const T* beta, T* const* c, int ldc, int count) {
    constexpr int type = sizeof(T) == 8 ? f64 : f32;
    Scalar scale(handle, alpha, type == f64), keep(handle, beta, type == f64);
    return give(handle, [=] {
        for (const void* pointers : {static_cast<const void*>(a), static_cast<const void*>(b), static_cast<const void*>(c)})
            if (!lies_on_device(pointers, size_t(count) * sizeof(void*)))
                return refuse(illegal_address, "cuBLAS: an array of pointers is not in device memory");
        for (int i = 0; i < count; i++)
            if (int error = multiply(m, n, k, scale, {a[i], type, lda, ta != 0}, {b[i], type, ldb, tb != 0}, keep, {c[i], type, ldc, false}))
                return error;
        return int(success);
    });
}

// C ← alpha op(A) + beta op(B). A matrix with the factor 0 is not read.
template <class T>
int geam(Handle* handle, int ta, int tb, int m, int n, const T* alpha, const T* a, int lda, const T* beta, const T* b,
         int ldb, T* c, int ldc) {
    constexpr bool is_double = sizeof(T) == 8;
    constexpr int type = is_double ? f64 : f32;
    Scalar first(handle, alpha, is_double), second(handle, beta, is_double);
    return give(handle, [=] {
        T x = T(first.value()), y = T(second.value());
        if (x != 0)
            if (int error = on_device("A", {a, type, lda, ta != 0}, m, n)) return error;
        if (y != 0)
            if (int error = on_device("B", {b, type, ldb, tb != 0}, m, n)) return error;
        if (int error = on_device("C", {c, type, ldc, false}, m, n)) return error;
        for (int64_t j = 0; j < n; j++)
            for (int64_t i = 0; i < m; i++) {
                T sum = 0;
                if (x != 0) sum += x * (ta ? a[i * lda + j] : a[j * lda + i]);
                if (y != 0) sum += y * (tb ? b[i * ldb + j] : b[j * ldb + i]);
                c[j * ldc + i] = sum;
            }
        return int(success);
    });
}

}  // namespace
}  // namespace cusim

using namespace cusim;

extern "C" {

void cusim_set_blas(void* single, void* twice) {
    sgemm = reinterpret_cast<Sgemm>(single);
    dgemm = reinterpret_cast<Dgemm>(twice);
}

int cublasCreate_v2(Handle** to) { *to = new Handle; return ok; }
int cublasDestroy_v2(Handle* handle) { delete handle; return ok; }
int cublasGetVersion_v2(Handle*, int* version) { *version = 130200; return ok; }
int cublasSetStream_v2(Handle* handle, void* stream) {
    handle->stream = stream;
    handle->workspace = nullptr, handle->workspace_size = 0;
    return ok;
}
int cublasSetWorkspace_v2(Handle* handle, void* workspace, size_t size) {
    if (uintptr_t(workspace) % 256) return invalid;
    handle->workspace = workspace, handle->workspace_size = size;
    return ok;
}
const char* cublasGetStatusString(int status) {
    return status == ok            ? "CUBLAS_STATUS_SUCCESS"
           : status == invalid     ? "CUBLAS_STATUS_INVALID_VALUE"
           : status == unsupported ? "CUBLAS_STATUS_NOT_SUPPORTED"
                                   : "CUBLAS_STATUS_EXECUTION_FAILED";
}
int cublasGetStream_v2(Handle* handle, void** stream) { *stream = handle->stream; return ok; }
int cublasSetPointerMode_v2(Handle* handle, int mode) { handle->pointer_mode = mode; return ok; }
int cublasGetPointerMode_v2(Handle* handle, int* mode) { *mode = handle->pointer_mode; return ok; }
int cublasSetMathMode(Handle* handle, int mode) { handle->math_mode = mode; return ok; }
int cublasGetMathMode(Handle* handle, int* mode) { *mode = handle->math_mode; return ok; }

int cublasGemmEx(Handle* h, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int a_type, int lda,
                 const void* b, int b_type, int ldb, const void* beta, void* c, int c_type, int ldc, int compute, int) {
    return gemm(h, ta, tb, m, n, k, alpha, a, a_type, lda, 0, b, b_type, ldb, 0, beta, c, c_type, ldc, 0, 1, compute);
}
int cublasSgemmEx(Handle* h, int ta, int tb, int m, int n, int k, const float* alpha, const void* a, int a_type, int lda,
                  const void* b, int b_type, int ldb, const float* beta, void* c, int c_type, int ldc) {
    return gemm(h, ta, tb, m, n, k, alpha, a, a_type, lda, 0, b, b_type, ldb, 0, beta, c, c_type, ldc, 0, 1, compute_f32);
}
int cublasGemmStridedBatchedEx(Handle* h, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int a_type,
                               int lda, long long a_stride, const void* b, int b_type, int ldb, long long b_stride,
                               const void* beta, void* c, int c_type, int ldc, long long c_stride, int count, int compute, int) {
    return gemm(h, ta, tb, m, n, k, alpha, a, a_type, lda, a_stride, b, b_type, ldb, b_stride, beta, c, c_type, ldc, c_stride, count,
                compute);
}

#define COMPUTE(TYPE) ((TYPE) == f64 ? compute_f64 : compute_f32)
#define CUSIM_BLAS(P, T, TYPE)                                                                                              \
    int cublas##P##gemm_v2(Handle* h, int ta, int tb, int m, int n, int k, const T* alpha, const T* a, int lda, const T* b, \
                           int ldb, const T* beta, T* c, int ldc) {                                                         \
        return gemm(h, ta, tb, m, n, k, alpha, a, TYPE, lda, 0, b, TYPE, ldb, 0, beta, c, TYPE, ldc, 0, 1, COMPUTE(TYPE));  \
    }                                                                                                                       \
    int cublas##P##gemmBatched(Handle* h, int ta, int tb, int m, int n, int k, const T* alpha, const T* const* a, int lda,  \
                               const T* const* b, int ldb, const T* beta, T* const* c, int ldc, int count) {                \
        return gemm_pointers<T>(h, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, count);                            \
    }                                                                                                                       \
    int cublas##P##gemmStridedBatched(Handle* h, int ta, int tb, int m, int n, int k, const T* alpha, const T* a, int lda,  \
                                      long long as, const T* b, int ldb, long long bs, const T* beta, T* c, int ldc,        \
                                      long long cs, int count) {                                                            \
        return gemm(h, ta, tb, m, n, k, alpha, a, TYPE, lda, as, b, TYPE, ldb, bs, beta, c, TYPE, ldc, cs, count,           \
                    COMPUTE(TYPE));                                                                                         \
    }                                                                                                                       \
    int cublas##P##geam(Handle* h, int ta, int tb, int m, int n, const T* alpha, const T* a, int lda, const T* beta,        \
                        const T* b, int ldb, T* c, int ldc) {                                                               \
        return geam<T>(h, ta, tb, m, n, alpha, a, lda, beta, b, ldb, c, ldc);                                               \
    }
CUSIM_BLAS(S, float, f32)
CUSIM_BLAS(D, double, f64)

}  // extern "C"
