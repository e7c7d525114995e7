// Normalization to mean 0 and variance 1, a block for each group; sums in double, as in `kernels/normalization.py`.
//
// The array is (outer, groups, inner): a group has outer * inner = count elements. For layer norm outer is 1 and a group is
// a run of memory, for batch norm outer are the samples, groups the channels, inner the pixels.

template <typename I> __device__ inline I place(I k, I group, I groups, I inner) {
    return (k / inner * groups + group) * inner + k % inner;
}

// mean = sum x / count, var = sum (x - mean)^2 / count, scale = 1 / sqrt(var + eps), out = (x - mean) * scale. The mean is
// rounded before it is subtracted; the variance is corrected for its rounding error.
template <typename T, typename I>
__global__ void standardize(I groups, const T* x, T* out, Wide<T>* scale, Wide<T>* mean, Wide<T>* var, I count, I inner,
                            double eps) {
    for (I group = blockIdx.x; group < groups; group += gridDim.x) {
        double sum = 0;
        for (I k = threadIdx.x; k < count; k += blockDim.x) sum += wide(x[place(k, group, groups, inner)]);
        Wide<T> middle = (Wide<T>)(block_sum(sum) / count);
        double rest = 0, squares = 0;
        for (I k = threadIdx.x; k < count; k += blockDim.x) {
            Wide<T> centred = wide(x[place(k, group, groups, inner)]) - middle;
            rest += centred;
            squares += (double)(centred * centred);
        }
        rest = block_sum(rest) / count;
        squares = block_sum(squares) / count - rest * rest;
        Wide<T> factor = (Wide<T>)(1 / sqrt(squares + eps));
        for (I k = threadIdx.x; k < count; k += blockDim.x) {
            I at = place(k, group, groups, inner);
            out[at] = narrow<T>((wide(x[at]) - middle) * factor);
        }
        if (threadIdx.x == 0) {
            scale[group] = factor;
            mean[group] = middle;
            var[group] = (Wide<T>)squares;
        }
    }
}

// (g - mean(g) - out * mean(g * out)) * scale.
template <typename T, typename I>
__global__ void standardize_grad(I groups, const T* g, const T* out, const Wide<T>* scale, T* x_grad, I count, I inner) {
    for (I group = blockIdx.x; group < groups; group += gridDim.x) {
        double sum = 0, products = 0;
        for (I k = threadIdx.x; k < count; k += blockDim.x) {
            I at = place(k, group, groups, inner);
            Wide<T> incoming = wide(g[at]);
            sum += incoming;
            products += (double)(incoming * wide(out[at]));
        }
        Wide<T> mean = (Wide<T>)(block_sum(sum) / count), slope = (Wide<T>)(block_sum(products) / count);
        for (I k = threadIdx.x; k < count; k += blockDim.x) {
            I at = place(k, group, groups, inner);
            x_grad[at] = narrow<T>((wide(g[at]) - mean - wide(out[at]) * slope) * scale[group]);
        }
    }
}

// x / sqrt(mean(x^2) + eps).
template <typename T, typename I>
__global__ void scale_by_rms(I groups, const T* x, T* out, I count, I inner, double eps) {
    for (I group = blockIdx.x; group < groups; group += gridDim.x) {
        double squares = 0;
        for (I k = threadIdx.x; k < count; k += blockDim.x) {
            Wide<T> value = wide(x[place(k, group, groups, inner)]);
            squares += (double)(value * value);
        }
        Wide<T> factor = (Wide<T>)(1 / sqrt(block_sum(squares) / count + eps));
        for (I k = threadIdx.x; k < count; k += blockDim.x) {
            I at = place(k, group, groups, inner);
            out[at] = narrow<T>(wide(x[at]) * factor);
        }
    }
}
