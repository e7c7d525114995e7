// Rows of a table by number, a thread for each element. A row that there is not is not a number: to look at the numbers
// first would be to wait for the device, and to read what is behind the table worse.
template <typename T, typename I>
__global__ void embedding(I total, const T* weight, const long long* index, T* out, I count, I size) {
    each(I, i, total) {
        long long row = index[i / size];
        out[i] = 0 <= row && row < count ? weight[(I)row * size + i % size] : narrow<T>((Wide<T>)__uint_as_float(0x7fc00000u));
    }
}
