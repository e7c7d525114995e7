// What Thrust does for CuPy: sorting, as work of a stream, so that it is queued and captured as kernels are.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <type_traits>
#include <vector>

#include "state.h"
#include "streams.h"

namespace cusim {

namespace {
// NaNs come last, as in NumPy.
template <class T>
bool before(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) return a < b || (!std::isnan(a) && std::isnan(b));
    return a < b;
}
bool before(_Float16 a, _Float16 b) { return before(float(a), float(b)); }

// The places of the elements of each row of `data` in sorted order; equal elements keep their order.
template <class T>
void sort_rows(T* data, int64_t* index, int64_t rows, int64_t n) {
    std::vector<int64_t> order(n);
    std::vector<T> row(n);
    for (int64_t i = 0; i < rows; i++, data += n) {
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return before(data[a], data[b]); });
        for (int64_t j = 0; j < n; j++) row[j] = data[order[j]];
        std::copy(row.begin(), row.end(), data);
        if (index) std::copy(order.begin(), order.end(), index + i * n);
    }
}

// The order of columns by the last of `k` keys, then by the one before it, and so on.
template <class T>
void sort_columns(const T* keys, int64_t* index, int64_t k, int64_t n) {
    std::iota(index, index + n, 0);
    for (int64_t i = 0; i < k; i++, keys += n)
        std::stable_sort(index, index + n, [&](int64_t a, int64_t b) { return before(keys[a], keys[b]); });
}

// Call `work` with a null pointer to the type that NumPy describes by a letter and a number of bytes.
template <class Work>
int with_type(char kind, int bytes, Work work) {
    switch (kind * 16 + bytes) {
        case 'b' * 16 + 1: return work(static_cast<uint8_t*>(nullptr)), success;
        case 'i' * 16 + 1: return work(static_cast<int8_t*>(nullptr)), success;
        case 'i' * 16 + 2: return work(static_cast<int16_t*>(nullptr)), success;
        case 'i' * 16 + 4: return work(static_cast<int32_t*>(nullptr)), success;
        case 'i' * 16 + 8: return work(static_cast<int64_t*>(nullptr)), success;
        case 'u' * 16 + 1: return work(static_cast<uint8_t*>(nullptr)), success;
        case 'u' * 16 + 2: return work(static_cast<uint16_t*>(nullptr)), success;
        case 'u' * 16 + 4: return work(static_cast<uint32_t*>(nullptr)), success;
        case 'u' * 16 + 8: return work(static_cast<uint64_t*>(nullptr)), success;
        case 'f' * 16 + 2: return work(static_cast<_Float16*>(nullptr)), success;
        case 'f' * 16 + 4: return work(static_cast<float*>(nullptr)), success;
        case 'f' * 16 + 8: return work(static_cast<double*>(nullptr)), success;
        default: return refuse(not_supported, "sorting elements of type %c%d is not emulated", kind, bytes);
    }
}
}  // namespace

}  // namespace cusim

using namespace cusim;

extern "C" {

// Sort the rows of `data`; write to `index`, unless it is null, where each element was.
int cusim_sort(char kind, int bytes, void* data, int64_t* index, int64_t rows, int64_t n, void* stream) {
    Lock lock;
    if (int error = with_type(kind, bytes, [](auto*) {})) return error;
    return submit(stream, [=] {
        return with_type(kind, bytes, [=](auto* type) { sort_rows(static_cast<decltype(type)>(data), index, rows, n); });
    });
}

int cusim_sort_columns(char kind, int bytes, const void* keys, int64_t* index, int64_t k, int64_t n, void* stream) {
    Lock lock;
    if (int error = with_type(kind, bytes, [](auto*) {})) return error;
    return submit(stream, [=] {
        return with_type(kind, bytes, [=](auto* type) { sort_columns(static_cast<const std::remove_pointer_t<decltype(type)>*>(keys), index, k, n); });
    });
}

}  // extern "C"
