// Adding at indices that may repeat, in an order that does not change: the gradient of reading rows by index.
//
// The indices come sorted stably, with the original position of each. Entries of the same row are then neighbours, and one
// thread for each element of the row adds them up, from the first to the last. So that a row with very many entries does
// not occupy one thread alone, the entries are divided into chunks: first, for each chunk, the sum of the entries at its
// beginning that are of one row; then, for each row, the entries in its first chunk and the sums of the chunks after it.

template <typename T, typename I>
__global__ void sum_chunks(I total, const long long* rows, const long long* order, const T* values, Wide<T>* sums, I count,
                           I inner, I chunk_size) {
    each(I, index, total) {
        I k = index % inner, start = index / inner * chunk_size, stop = min(start + chunk_size, count);
        long long row = rows[start];
        Wide<T> sum = 0;
        for (I entry = start; entry < stop && rows[entry] == row; entry++) sum += wide(values[(I)order[entry] * inner + k]);
        sums[index] = sum;
    }
}

template <typename T, typename I>
__global__ void add_rows(I total, const long long* rows, const long long* order, const T* values, const Wide<T>* sums,
                         T* out, I count, I inner, I chunk_size) {
    each(I, index, total) {
        I k = index % inner, first = index / inner;
        long long row = rows[first];
        if (first > 0 && rows[first - 1] == row) continue;  // done by the thread of the row's first entry
        I stop = min((first / chunk_size + 1) * chunk_size, count);
        Wide<T> sum = wide(out[(I)row * inner + k]);
        for (I entry = first; entry < stop && rows[entry] == row; entry++) sum += wide(values[(I)order[entry] * inner + k]);
        for (I start = stop; start < count && rows[start] == row; start += chunk_size)
            sum += sums[start / chunk_size * inner + k];
        out[(I)row * inner + k] = narrow<T>(sum);
    }
}
