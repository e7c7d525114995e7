// Sums over dimensions, in double, in an order that depends on the shape alone.
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
