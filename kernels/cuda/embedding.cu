// Rows of a table by their index, a thread for each element. For an index out of range the row is NaN: checking the
// indices first would wait for the device, and reading beyond the table would be undefined.
template <typename T, typename I>
__global__ void embedding(I total, const T* weight, const long long* index, T* out, I count, I size) {
    each(I, i, total) {
        long long row = index[i / size];
        out[i] = 0 <= row && row < count ? weight[(I)row * size + i % size] : narrow<T>((Wide<T>)__uint_as_float(0x7fc00000u));
    }
}
