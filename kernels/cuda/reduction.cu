// Sums over dimensions, in double, in an order that depends on the shape alone; the places of largest elements.
//
// The array is (outer, rows, inner, columns), of which outer and inner are summed: result (row, column) has outer * inner =
// count terms. A block computes `together` neighbouring results, with blockDim.x / together threads for each: neighbouring
// threads read neighbouring columns. Where there are few results of many terms, several blocks each sum a part of the terms,
// and a second kernel adds the parts.

constexpr int SUM_THREADS = 512;

// Blocks are numbered by results, then by parts; without `sums` there is one part. The result is the sum / divisor.
template <typename T, typename I>
__global__ void sum_terms(I blocks, const T* x, T* out, double* sums, I outer, I rows, I inner, I columns, I together,
                          I parts, I part_size, double divisor) {
    __shared__ double room[SUM_THREADS];
    I results = rows * columns, count = outer * inner;
    I lanes = (I)blockDim.x / together, lane = (I)threadIdx.x / together;
    I far = lanes / inner, near = lanes % inner;  // from one term of a thread to its next
    for (I block = (I)blockIdx.x; block < blocks; block += (I)gridDim.x) {
        I part = block % parts, result = block / parts * together + (I)threadIdx.x % together;
        I term = part * part_size + lane, stop = min(count, (part + 1) * part_size);
        double sum = 0;
        if (result < results && term < stop) {
            I row = result / columns, column = result % columns, o = term / inner, i = term % inner;
#pragma unroll 4
            for (; term < stop; term += lanes) {
                sum += wide(x[((o * rows + row) * inner + i) * columns + column]);
                o += far;
                i += near;
                if (i >= inner) {
                    i -= inner;
                    o++;
                }
            }
        }
        __syncthreads();  // threads may still be reading the sums of the block before
        room[threadIdx.x] = sum;
        for (int half = (int)blockDim.x / 2; half >= (int)together; half /= 2) {
            __syncthreads();
            if ((int)threadIdx.x < half) room[threadIdx.x] += room[threadIdx.x + half];
        }
        if (threadIdx.x < together && result < results) {  // its own sum: no other thread has written it since
            sum = room[threadIdx.x];
            if (sums) sums[result * parts + part] = sum;
            else out[result] = narrow<T>((Wide<T>)(sum / divisor));
        }
    }
}

template <typename T, typename I>
__global__ void add_parts(I results, const double* sums, T* out, I parts, double divisor) {
    for (I result = (I)blockIdx.x; result < results; result += (I)gridDim.x) {
        double sum = 0;
        for (I part = (I)threadIdx.x; part < parts; part += (I)blockDim.x) sum += sums[result * parts + part];
        sum = block_sum(sum);
        if (threadIdx.x == 0) out[result] = narrow<T>((Wide<T>)(sum / divisor));
    }
}

// ---- the same for large arrays, of which a thread reads a chunk of neighbouring elements at once
//
// `inner`, or `columns`, counts chunks.

template <typename T> __device__ inline double sum_of(const Chunk<T>& chunk) {
    double sums[Chunk<T>::SIZE];
#pragma unroll
    for (int j = 0; j < Chunk<T>::SIZE; j++) sums[j] = wide(chunk.of[j]);
#pragma unroll
    for (int half = Chunk<T>::SIZE / 2; half; half /= 2)
#pragma unroll
        for (int j = 0; j < half; j++) sums[j] += sums[j + half];
    return sums[0];
}

// One column: a block for each part of each row. A thread reads four chunks before it adds the first.
template <typename T, typename I>
__global__ void sum_chunks(I blocks, const T* x, T* out, double* sums, I outer, I rows, I inner, I parts, I part_size,
                           double divisor) {
    const Chunk<T>* chunks = (const Chunk<T>*)x;
    I threads = (I)blockDim.x, count = outer * inner, far = threads / inner, near = threads % inner;
    for (I block = (I)blockIdx.x; block < blocks; block += (I)gridDim.x) {
        I part = block % parts, row = block / parts, term = part * part_size + (I)threadIdx.x;
        I stop = min(count, (part + 1) * part_size), o = term / inner, i = term % inner;
        double sum = 0;
        while (term < stop) {
            Chunk<T> read[4] = {};
#pragma unroll
            for (int u = 0; u < 4; u++) {
                if (term < stop) read[u] = chunks[(o * rows + row) * inner + i];
                term += threads;
                o += far;
                i += near;
                if (i >= inner) {
                    i -= inner;
                    o++;
                }
            }
            sum += (sum_of(read[0]) + sum_of(read[1])) + (sum_of(read[2]) + sum_of(read[3]));
        }
        sum = block_sum(sum);
        if (threadIdx.x == 0) {
            if (sums) sums[block] = sum;
            else out[row] = narrow<T>((Wide<T>)(sum / divisor));
        }
    }
}

// A thread adds the chunk of neighbouring results to its sums.
template <typename T> __device__ inline void add_chunk(double (&sums)[Chunk<T>::SIZE], const Chunk<T>& chunk) {
#pragma unroll
    for (int j = 0; j < Chunk<T>::SIZE; j++) sums[j] += wide(chunk.of[j]);
}

template <typename T, typename I>
__device__ inline void store_sums(T* out, I result, const double (&sums)[Chunk<T>::SIZE], double divisor) {
    Chunk<T> chunk;
#pragma unroll
    for (int j = 0; j < Chunk<T>::SIZE; j++) chunk.of[j] = narrow<T>((Wide<T>)(sums[j] / divisor));
    ((Chunk<T>*)out)[result] = chunk;
}

// Several columns: a block for `together` neighbouring chunks of results.
template <typename T, typename I>
__global__ void sum_columns(I blocks, const T* x, T* out, I outer, I rows, I inner, I columns, I together, double divisor) {
    __shared__ double room[Chunk<T>::SIZE][SUM_THREADS];
    const Chunk<T>* chunks = (const Chunk<T>*)x;
    I lanes = (I)blockDim.x / together, lane = (I)threadIdx.x / together, far = lanes / inner, near = lanes % inner;
    for (I block = (I)blockIdx.x; block < blocks; block += (I)gridDim.x) {
        I result = block * together + (I)threadIdx.x % together, term = lane, o = lane / inner, i = lane % inner;
        double sums[Chunk<T>::SIZE] = {};
        if (result < rows * columns) {
            I row = result / columns, column = result % columns;
            while (term < outer * inner) {
                Chunk<T> read[4] = {};
#pragma unroll
                for (int u = 0; u < 4; u++) {
                    if (term < outer * inner) read[u] = chunks[((o * rows + row) * inner + i) * columns + column];
                    term += lanes;
                    o += far;
                    i += near;
                    if (i >= inner) {
                        i -= inner;
                        o++;
                    }
                }
#pragma unroll
                for (int u = 0; u < 4; u++) add_chunk(sums, read[u]);
            }
        }
        __syncthreads();  // threads may still be reading the sums of the block before
#pragma unroll
        for (int j = 0; j < Chunk<T>::SIZE; j++) room[j][threadIdx.x] = sums[j];
        for (int half = (int)blockDim.x / 2; half >= (int)together; half /= 2) {
            __syncthreads();
            if ((int)threadIdx.x < half)
#pragma unroll
                for (int j = 0; j < Chunk<T>::SIZE; j++) room[j][threadIdx.x] += room[j][threadIdx.x + half];
        }
        if (threadIdx.x < together && result < rows * columns) {
#pragma unroll
            for (int j = 0; j < Chunk<T>::SIZE; j++) sums[j] = room[j][threadIdx.x];
            store_sums(out, result, sums, divisor);
        }
    }
}

// So many columns that each thread sums a chunk of results alone.
template <typename T, typename I>
__global__ void sum_each(I total, const T* x, T* out, I outer, I rows, I inner, I columns, double divisor) {
    const Chunk<T>* chunks = (const Chunk<T>*)x;
    each(I, result, total) {
        I row = result / columns, column = result % columns;
        double sums[Chunk<T>::SIZE] = {};
        for (I o = 0; o < outer; o++) {
            const Chunk<T>* from = chunks + (o * rows + row) * inner * columns + column;
#pragma unroll 4
            for (I i = 0; i < inner; i++) add_chunk(sums, from[i * columns]);
        }
        store_sums(out, result, sums, divisor);
    }
}

// ---- the place of the largest element of a row, or of the least
//
// An array (outer, size, inner) has a row for each outer and inner index. A block takes a row, or a thread.

// Whether a value at a place comes before another: NaN does, then the larger, or the smaller; of equals the first.
template <typename A, typename I> __device__ inline bool precedes(A value, I place, A other, I other_place, I least) {
    bool nan = value != value, other_nan = other != other;
    if (nan != other_nan) return nan;
    if (!nan && value != other) return least ? value < other : value > other;
    return place < other_place;
}

// Among the places from the first on, `step` apart.
template <typename T, typename I>
__device__ inline I extreme_from(const T* row, I first, I step, I size, I inner, I least) {
    I best = first;
    for (I k = first + step; k < size; k += step)
        if (precedes(wide(row[k * inner]), k, wide(row[best * inner]), best, least)) best = k;
    return best;
}

template <typename T, typename I>
__global__ void extreme_of_rows(I rows, const T* x, long long* out, I size, I inner, I least) {
    __shared__ Wide<T> values[SUM_THREADS];
    __shared__ I places[SUM_THREADS];
    for (I row = (I)blockIdx.x; row < rows; row += (I)gridDim.x) {
        const T* start = x + row / inner * size * inner + row % inner;
        I place = extreme_from(start, min((I)threadIdx.x, size - 1), (I)blockDim.x, size, inner, least);
        __syncthreads();  // threads may still be reading those of the row before
        values[threadIdx.x] = wide(start[place * inner]);
        places[threadIdx.x] = place;
        for (int half = (int)blockDim.x / 2; half; half /= 2) {
            __syncthreads();
            int mine = (int)threadIdx.x, other = mine + half;
            if (mine < half && precedes(values[other], places[other], values[mine], places[mine], least)) {
                values[mine] = values[other];
                places[mine] = places[other];
            }
        }
        if (threadIdx.x == 0) out[row] = places[0];
    }
}

template <typename T, typename I>
__global__ void extreme_of_each(I rows, const T* x, long long* out, I size, I inner, I least) {
    each(I, row, rows) out[row] = extreme_from(x + row / inner * size * inner + row % inner, (I)0, (I)1, size, inner, least);
}
