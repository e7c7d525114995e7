// Softmax and its logarithm: a block for a row, or, where rows are interleaved and there are many, a thread for a row.
//
// An array (outer, size, inner) has a row for each outer and inner index, of `size` elements, `inner` apart.

// exp(x - m) / sum exp(x - m), m = max x.
template <typename T, typename I> __global__ void softmax(I rows, const T* x, T* out, I size, I inner) {
    for (I row = blockIdx.x; row < rows; row += gridDim.x) {
        I start = row / inner * size * inner + row % inner;
        Wide<T> largest = Lowest<Wide<T>>::value();
        for (I k = threadIdx.x; k < size; k += blockDim.x) {
            Wide<T> value = wide(x[start + k * inner]);
            largest = value > largest ? value : largest;
        }
        largest = block_max(largest);
        Wide<T> sum = 0;
        for (I k = threadIdx.x; k < size; k += blockDim.x) sum += exp(wide(x[start + k * inner]) - largest);
        sum = block_sum(sum);
        for (I k = threadIdx.x; k < size; k += blockDim.x)
            out[start + k * inner] = narrow<T>(exp(wide(x[start + k * inner]) - largest) / sum);
    }
}

// x - m - log sum exp(x - m), m = max x.
template <typename T, typename I> __global__ void log_softmax(I rows, const T* x, T* out, I size, I inner) {
    for (I row = blockIdx.x; row < rows; row += gridDim.x) {
        I start = row / inner * size * inner + row % inner;
        Wide<T> largest = Lowest<Wide<T>>::value();
        for (I k = threadIdx.x; k < size; k += blockDim.x) {
            Wide<T> value = wide(x[start + k * inner]);
            largest = value > largest ? value : largest;
        }
        largest = block_max(largest);
        Wide<T> sum = 0;
        for (I k = threadIdx.x; k < size; k += blockDim.x) sum += exp(wide(x[start + k * inner]) - largest);
        sum = log(block_sum(sum));
        for (I k = threadIdx.x; k < size; k += blockDim.x)
            out[start + k * inner] = narrow<T>(wide(x[start + k * inner]) - largest - sum);
    }
}

// The largest element of a row, and the sum of exp(x - m).
template <typename T, typename I> __device__ inline double sum_of_row(const T* x, I size, I inner, Wide<T>* m) {
    Wide<T> largest = Lowest<Wide<T>>::value();
    for (I k = 0; k < size; k++) {
        Wide<T> value = wide(x[k * inner]);
        largest = value > largest ? value : largest;
    }
    double sum = 0;
    for (I k = 0; k < size; k++) sum += exp(wide(x[k * inner]) - largest);
    *m = largest;
    return sum;
}

template <typename T, typename I> __global__ void softmax_each(I rows, const T* x, T* out, I size, I inner) {
    each(I, row, rows) {
        I start = row / inner * size * inner + row % inner;
        Wide<T> m, sum = (Wide<T>)sum_of_row(x + start, size, inner, &m);
        for (I k = start; k < start + size * inner; k += inner) out[k] = narrow<T>(exp(wide(x[k]) - m) / sum);
    }
}

template <typename T, typename I> __global__ void log_softmax_each(I rows, const T* x, T* out, I size, I inner) {
    each(I, row, rows) {
        I start = row / inner * size * inner + row % inner;
        Wide<T> m, sum = (Wide<T>)log(sum_of_row(x + start, size, inner, &m));
        for (I k = start; k < start + size * inner; k += inner) out[k] = narrow<T>(wide(x[k]) - m - sum);
    }
}

// ---- gradients: y * (g - sum g * y), and, for the logarithm, g - exp(y) * sum g; the sum is in double

template <typename T> __device__ inline double gradient_term(T g, T y, bool log) {
    return log ? wide(g) : wide(g) * wide(y);
}

template <typename T> __device__ inline T gradient_of(T g, T y, Wide<T> total, bool log) {
    return narrow<T>(log ? wide(g) - exp(wide(y)) * total : wide(y) * (wide(g) - total));
}

template <typename T, typename I>
__global__ void softmax_grad(I rows, const T* g, const T* y, T* x_grad, I size, I inner, I log) {
    for (I row = blockIdx.x; row < rows; row += gridDim.x) {
        I start = row / inner * size * inner + row % inner;
        double sum = 0;
        for (I k = threadIdx.x; k < size; k += blockDim.x)
            sum += gradient_term(g[start + k * inner], y[start + k * inner], log);
        Wide<T> total = (Wide<T>)block_sum(sum);
        for (I k = threadIdx.x; k < size; k += blockDim.x) {
            I at = start + k * inner;
            x_grad[at] = gradient_of(g[at], y[at], total, log);
        }
    }
}

template <typename T, typename I>
__global__ void softmax_grad_each(I rows, const T* g, const T* y, T* x_grad, I size, I inner, I log) {
    each(I, row, rows) {
        I start = row / inner * size * inner + row % inner, stop = start + size * inner;
        double sum = 0;
        for (I k = start; k < stop; k += inner) sum += gradient_term(g[k], y[k], log);
        for (I k = start; k < stop; k += inner) x_grad[k] = gradient_of(g[k], y[k], (Wide<T>)sum, log);
    }
}
