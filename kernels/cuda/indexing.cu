// Adding where places are named more than once, in an order that does not change: the gradient of reading rows by number.
//
// The numbers come sorted, equals in the order in which they stood, with the place that each had. Entries that name one row
// then stand together, and one thread for each element of the row adds them up, from the first to the last. So that a row
// that is named very often does not keep one thread busy, the entries come in chunks: first the sum of the entries with
// which each chunk begins, as far as they are of one row; then each row's first chunk, and those sums of the following ones.

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
        if (first > 0 && rows[first - 1] == row) continue;  // another thread's, that of the row's first entry
        I stop = min((first / chunk_size + 1) * chunk_size, count);
        Wide<T> sum = wide(out[(I)row * inner + k]);
        for (I entry = first; entry < stop && rows[entry] == row; entry++) sum += wide(values[(I)order[entry] * inner + k]);
        for (I start = stop; start < count && rows[start] == row; start += chunk_size)
            sum += sums[start / chunk_size * inner + k];
        out[(I)row * inner + k] = narrow<T>(sum);
    }
}
