// Normalization to mean 0 and variance 1; sums in double, as in `kernels/normalization.py`. A block takes a group; where
// there are few groups of many elements, several blocks take a part of it each, first its sums, then its results.
//
// The array is (outer, groups, inner): a group has outer * inner = count elements. For layer norm outer is 1 and a group is
// a run of memory, for batch norm outer are the samples, groups the channels, inner the pixels.

template <typename I> __device__ inline I place(I k, I group, I groups, I inner) {
    return (k / inner * groups + group) * inner + k % inner;
}

// The parameters of each channel, of which each has `run` elements in a run of memory: y * weight + bias; null for 1, or 0.
template <typename T, typename I>
__device__ inline T affine(Wide<T> y, I at, const T* weight, const T* bias, I run, I channels) {
    I c = weight || bias ? at / run % channels : 0;
    if (weight) y *= wide(weight[c]);
    if (bias) y += wide(bias[c]);
    return narrow<T>(y);
}

// mean = sum x / count, var = sum (x - mean)^2 / count, scale = 1 / sqrt(var + eps), out = (x - mean) * scale. The mean is
// rounded before it is subtracted; the variance is corrected for its rounding error. With `result`, it is filled with
// out * weight + bias.
template <typename T, typename I>
__global__ void standardize(I groups, const T* x, T* out, Wide<T>* scale, Wide<T>* mean, Wide<T>* var, const T* weight,
                            const T* bias, T* result, I count, I inner, I run, I channels, double eps) {
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
            if (result) result[at] = affine(wide(out[at]), at, weight, bias, run, channels);
        }
        if (threadIdx.x == 0) {
            scale[group] = factor;
            mean[group] = middle;
            var[group] = (Wide<T>)squares;
        }
    }
}

// (h - mean(h) - out * mean(h * out)) * scale, with h = g * weight.
template <typename T, typename I>
__global__ void standardize_grad(I groups, const T* g, const T* out, const Wide<T>* scale, const T* weight,
                                 T* x_grad, I count, I inner, I run, I channels) {
    for (I group = blockIdx.x; group < groups; group += gridDim.x) {
        double sum = 0, products = 0;
        for (I k = threadIdx.x; k < count; k += blockDim.x) {
            I at = place(k, group, groups, inner);
            Wide<T> incoming = wide(affine(wide(g[at]), at, weight, (const T*)0, run, channels));
            sum += incoming;
            products += (double)(incoming * wide(out[at]));
        }
        Wide<T> mean = (Wide<T>)(block_sum(sum) / count), slope = (Wide<T>)(block_sum(products) / count);
        for (I k = threadIdx.x; k < count; k += blockDim.x) {
            I at = place(k, group, groups, inner);
            Wide<T> incoming = wide(affine(wide(g[at]), at, weight, (const T*)0, run, channels));
            x_grad[at] = narrow<T>((incoming - mean - wide(out[at]) * slope) * scale[group]);
        }
    }
}

// ---- several blocks for a group
//
// Block b takes part b % parts of group b / parts: `part_size` elements, of the last part what is left.

// The mean of a part and the sum of the squares of the deviations from it.
template <typename T, typename I>
__global__ void part_moments(I blocks, const T* x, double* moments, I groups, I count, I inner, I parts, I part_size) {
    for (I block = blockIdx.x; block < blocks; block += gridDim.x) {
        I group = block / parts, start = block % parts * part_size, stop = min(count, start + part_size);
        double sum = 0, squares = 0;
        for (I k = start + threadIdx.x; k < stop; k += blockDim.x) sum += wide(x[place(k, group, groups, inner)]);
        double mean = block_sum(sum) / (stop - start);
        for (I k = start + threadIdx.x; k < stop; k += blockDim.x) {
            double centred = wide(x[place(k, group, groups, inner)]) - mean;
            squares += centred * centred;
        }
        squares = block_sum(squares);
        if (threadIdx.x == 0) {
            moments[2 * block] = mean;
            moments[2 * block + 1] = squares;
        }
    }
}

// `standardize` of a part, with the moments of all parts: the squares of their deviations, plus those of their means.
template <typename T, typename I>
__global__ void standardize_part(I blocks, const T* x, const double* moments, T* out, Wide<T>* scale, Wide<T>* mean,
                                 Wide<T>* var, const T* weight, const T* bias, T* result, I groups, I count, I inner,
                                 I parts, I part_size, I run, I channels, double eps) {
    for (I block = blockIdx.x; block < blocks; block += gridDim.x) {
        I group = block / parts, start = block % parts * part_size, stop = min(count, start + part_size);
        const double* of_group = moments + 2 * group * parts;
        double middle = 0, squares = 0;
        for (I part = 0; part < parts; part++) middle += of_group[2 * part] * min(part_size, count - part * part_size);
        middle /= count;
        for (I part = 0; part < parts; part++) {
            double apart = of_group[2 * part] - middle;
            squares += of_group[2 * part + 1] + apart * apart * min(part_size, count - part * part_size);
        }
        squares /= count;
        Wide<T> factor = (Wide<T>)(1 / sqrt(squares + eps)), rounded = (Wide<T>)middle;
        for (I k = start + threadIdx.x; k < stop; k += blockDim.x) {
            I at = place(k, group, groups, inner);
            out[at] = narrow<T>((wide(x[at]) - rounded) * factor);
            if (result) result[at] = affine(wide(out[at]), at, weight, bias, run, channels);
        }
        if (threadIdx.x == 0 && start == 0) {
            scale[group] = factor;
            mean[group] = rounded;
            var[group] = (Wide<T>)squares;
        }
    }
}

// The sums of g and of g * out over a part.
template <typename T, typename I>
__global__ void part_gradient_sums(I blocks, const T* g, const T* out, double* sums, const T* weight, I groups, I count,
                                   I inner, I parts, I part_size, I run, I channels) {
    for (I block = blockIdx.x; block < blocks; block += gridDim.x) {
        I group = block / parts, start = block % parts * part_size, stop = min(count, start + part_size);
        double sum = 0, products = 0;
        for (I k = start + threadIdx.x; k < stop; k += blockDim.x) {
            I at = place(k, group, groups, inner);
            Wide<T> incoming = wide(affine(wide(g[at]), at, weight, (const T*)0, run, channels));
            sum += incoming;
            products += (double)(incoming * wide(out[at]));
        }
        sum = block_sum(sum);
        products = block_sum(products);
        if (threadIdx.x == 0) {
            sums[2 * block] = sum;
            sums[2 * block + 1] = products;
        }
    }
}

// `standardize_grad` of a part, with the sums of all parts.
template <typename T, typename I>
__global__ void standardize_grad_part(I blocks, const T* g, const T* out, const double* sums, const Wide<T>* scale,
                                      const T* weight, T* x_grad, I groups, I count, I inner, I parts, I part_size, I run,
                                      I channels) {
    for (I block = blockIdx.x; block < blocks; block += gridDim.x) {
        I group = block / parts, start = block % parts * part_size, stop = min(count, start + part_size);
        double sum = 0, products = 0;
        for (I part = group * parts; part < (group + 1) * parts; part++) {
            sum += sums[2 * part];
            products += sums[2 * part + 1];
        }
        Wide<T> mean = (Wide<T>)(sum / count), slope = (Wide<T>)(products / count);
        for (I k = start + threadIdx.x; k < stop; k += blockDim.x) {
            I at = place(k, group, groups, inner);
            Wide<T> incoming = wide(affine(wide(g[at]), at, weight, (const T*)0, run, channels));
            x_grad[at] = narrow<T>((incoming - mean - wide(out[at]) * slope) * scale[group]);
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

// running <- (1 - momentum) * running + momentum * batch, of the mean and of the variance; the batch's variance is times `factor`. The
// momentum is a number, or read from memory.
template <typename T, typename I>
__global__ void update_running(I total, T* running_mean, T* running_var, const Wide<T>* mean, const Wide<T>* var,
                               const double* in_memory, double momentum, double factor) {
    double weight = in_memory ? *in_memory : momentum;
    each(I, i, total) {
        running_mean[i] = narrow<T>((Wide<T>)((1 - weight) * wide(running_mean[i]) + weight * mean[i]));
        running_var[i] = narrow<T>((Wide<T>)((1 - weight) * wide(running_var[i]) + weight * factor * var[i]));
    }
}
