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

// Along one dimension: x is (outer, size, inner), the index (outer, count, inner), of numbers along the middle dimension.

// An index out of range wraps around, as in CuPy.
template <typename I> __device__ inline I wrapped(long long index, I size) {
    long long rest = index % size;
    return (I)(rest < 0 ? rest + size : rest);
}

template <typename T, typename I>
__global__ void gather(I total, const T* x, const long long* index, T* out, I size, I count, I inner) {
    each(I, i, total) out[i] = x[(i / (count * inner) * size + wrapped(index[i], size)) * inner + i % inner];
}

// out = base (or 0), plus the values whose index it is, from the first to the last: a thread looks through all of them.
template <typename T, typename I>
__global__ void add_along(I total, const T* base, const long long* index, const T* values, T* out, I size, I count, I inner) {
    each(I, i, total) {
        I place = i / inner % size, start = i / (size * inner) * count * inner + i % inner;
        Wide<T> sum = base ? wide(base[i]) : (Wide<T>)0;
        for (I entry = start; entry < start + count * inner; entry += inner)
            if (wrapped(index[entry], size) == place) sum += wide(values[entry]);
        out[i] = narrow<T>(sum);
    }
}
