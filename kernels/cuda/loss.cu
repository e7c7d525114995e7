// The loss of the target classes (nll_loss), the mean squared error (mse_loss), and their gradients.

// The weight of a target class: 0 if it is ignored, and NaN if it is out of range, so that the loss is NaN, too.
template <typename T> __device__ inline Wide<T> weight_of(long long target, const T* weight, long long classes,
                                                          long long ignored) {
    if (target == ignored) return 0;
    if (target < 0 || target >= classes) return (Wide<T>)__uint_as_float(0x7fc00000u);
    return weight ? wide(weight[target]) : (Wide<T>)1;
}

// The losses -weight[t] * x[n, t, s] of x (N, classes, inner), an element (n, s) each.
template <typename T, typename I>
__global__ void nll_losses(I total, const T* x, const long long* target, const T* weight, T* out, I classes, I inner,
                           long long ignored) {
    each(I, index, total) {
        long long t = target[index];
        Wide<T> factor = weight_of(t, weight, classes, ignored);
        I at = index / inner * classes * inner + index % inner;
        bool read = t != ignored && 0 <= t && t < classes;
        out[index] = narrow<T>(read ? -factor * wide(x[at + (I)t * inner]) : factor);
    }
}

// A block for each part of the elements: the sum of its losses and the sum of its weights. Without x, the weights only. The
// only part writes the loss itself to `out`, if given: for a mean, divided by the sum of the weights.
template <typename T, typename I>
__global__ void nll_parts(I parts, const T* x, const long long* target, const T* weight, Wide<T>* losses,
                          Wide<T>* weights, T* out, I total, I part_size, I classes, I inner, I mean, long long ignored) {
    for (I part = blockIdx.x; part < parts; part += gridDim.x) {
        I start = part * part_size, stop = min(start + part_size, total);
        Wide<T> loss = 0, sum = 0;
        for (I index = start + threadIdx.x; index < stop; index += blockDim.x) {
            long long t = target[index];
            Wide<T> factor = weight_of(t, weight, classes, ignored);
            sum += factor;
            I at = index / inner * classes * inner + index % inner;
            if (x && t != ignored && 0 <= t && t < classes) loss -= factor * wide(x[at + (I)t * inner]);
            if (factor != factor) loss = factor;
        }
        loss = block_sum(loss);
        sum = block_sum(sum);
        if (threadIdx.x == 0) {
            if (out) *out = narrow<T>(mean ? loss / sum : loss);
            else {
                losses[part] = loss;
                weights[part] = sum;
            }
        }
    }
}

// The sum of the parts' losses, divided by the sum of their weights for a mean.
template <typename T, typename I>
__global__ void nll_total(I rows, const Wide<T>* losses, const Wide<T>* weights, T* out, I parts, I mean) {
    for (I row = blockIdx.x; row < rows; row += gridDim.x) {
        Wide<T> loss = 0, sum = 0;
        for (I k = threadIdx.x; k < parts; k += blockDim.x) {
            loss += losses[k];
            sum += weights[k];
        }
        loss = block_sum(loss);
        sum = block_sum(sum);
        if (threadIdx.x == 0) out[row] = narrow<T>(mean ? loss / sum : loss);
    }
}

// The gradient for x: -weight[t] * g at the target classes, 0 elsewhere. `g` has an element for each (n, s), or one for all,
// which for a mean is divided by the sum of the parts' weights; without parts each block sums the weights of `targets` targets.
template <typename T, typename I>
__global__ void nll_grad(I total, const T* g, const long long* target, const T* weight, const Wide<T>* weights, T* x_grad,
                         I classes, I inner, I parts, I targets, I g_step, long long ignored) {
    Wide<T> sum = 0;
    for (I part = 0; part < parts; part++) sum += weights[part];
    if (targets) {
        for (I k = threadIdx.x; k < targets; k += blockDim.x) sum += weight_of(target[k], weight, classes, ignored);
        sum = block_sum(sum);
    }
    each(I, index, total) {
        I s = index % inner, c = index / inner % classes, row = index / inner / classes * inner + s;
        long long t = target[row];
        Wide<T> share = wide(g[row * g_step]);
        if (parts || targets) share /= sum;
        x_grad[index] = narrow<T>(t == c && t != ignored ? -weight_of(t, weight, classes, ignored) * share : (Wide<T>)0);
    }
}

// ---- (x - target)^2, summed

// A block for each part of the elements: the sum of its squares, in double. The only part writes the sum / divisor to `out`.
template <typename T, typename I>
__global__ void mse_parts(I parts, const T* x, const T* target, double* sums, T* out, I total, I part_size, double divisor) {
    for (I part = blockIdx.x; part < parts; part += gridDim.x) {
        I start = part * part_size, stop = min(start + part_size, total);
        double sum = 0;
        for (I i = start + threadIdx.x; i < stop; i += blockDim.x) {
            Wide<T> apart = wide(x[i]) - wide(target[i]);
            sum += (double)(apart * apart);
        }
        sum = block_sum(sum);
        if (threadIdx.x == 0) {
            if (out) *out = narrow<T>((Wide<T>)(sum / divisor));
            else sums[part] = sum;
        }
    }
}

// 2 * g / divisor * (x - target). `g` has an element for each of x, or one for all.
template <typename T, typename I>
__global__ void mse_grad(I total, const T* g, const T* x, const T* target, T* x_grad, I g_step, Wide<T> divisor) {
    each(I, i, total) x_grad[i] = narrow<T>(2 * (wide(g[i * g_step]) / divisor) * (wide(x[i]) - wide(target[i])));
}
