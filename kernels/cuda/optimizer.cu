// Steps of optimizers, all of a step's arithmetic in one pass over memory: for one parameter, or for many in one launch. The
// formulas are those of `kernels/optimizer.py`, in its order.

// The gradient that an optimizer uses: negated to maximize, with the gradient of the L2 penalty added.
template <typename T>
__device__ inline Wide<T> seen(T grad, Wide<T> param, Wide<T> weight_decay, bool maximize) {
    Wide<T> g = maximize ? -wide(grad) : wide(grad);
    return weight_decay != 0 ? g + param * weight_decay : g;
}

// A running mean moved towards a value, from the end that is nearer.
template <typename A> __device__ inline A average(A mean, A value, double keep) {
    return keep > 0.5 ? mean + (value - mean) * (A)(1 - keep) : value - (value - mean) * (A)keep;
}

// Up to 48 parameters, each with its gradient and state: how many elements, and where each array begins. They are gone
// through in chunks of 4096 elements, of which parameter t has those from first[t] up to, not with, first[t + 1].
template <typename T> struct Tensors {
    int count, first[49];
    long long sizes[48];
    T* arrays[48][6];
};

#define each_of_all(I, chunks, tensors, i, t)                                                                      \
    for (I chunk = (I)blockIdx.x, t = 0; chunk < (chunks); chunk += (I)gridDim.x)                                  \
        for (long long i = start_of(chunk, t, tensors), stop = stop_of(i, t, tensors); i < stop; i += blockDim.x)

// Finds the parameter t of a chunk, no earlier than that of the chunk before; the first element of the calling thread.
template <typename T, typename I> __device__ inline long long start_of(I chunk, I& t, const Tensors<T>& tensors) {
    while (chunk >= tensors.first[t + 1]) t++;
    return (long long)(chunk - tensors.first[t]) * 4096 + threadIdx.x;
}

template <typename T, typename I> __device__ inline long long stop_of(long long start, I t, const Tensors<T>& tensors) {
    return min(start - threadIdx.x + 4096, tensors.sizes[t]);
}

template <typename T>
__device__ inline void sgd(T& param, T grad, T* momentum_buffer, Wide<T> lr, Wide<T> momentum, Wide<T> undamped,
                           Wide<T> weight_decay, bool nesterov, bool maximize) {
    Wide<T> p = wide(param), g = seen(grad, p, weight_decay, maximize);
    if (momentum_buffer) {
        Wide<T> b = wide(*momentum_buffer) * momentum + g * undamped;
        *momentum_buffer = narrow<T>(b);
        g = nesterov ? g + b * momentum : b;
    }
    param = narrow<T>(p + g * -lr);
}

template <typename T, typename I>
__global__ void sgd_step(I total, T* param, const T* grad, T* momentum_buffer, Wide<T> lr, Wide<T> momentum,
                         Wide<T> undamped, Wide<T> weight_decay, I nesterov, I maximize) {
    each(I, i, total) sgd(param[i], grad[i], momentum_buffer ? momentum_buffer + i : nullptr, lr, momentum, undamped,
                          weight_decay, nesterov, maximize);
}

template <typename T, typename I>
__global__ void sgd_steps(I chunks, const Tensors<T> all, Wide<T> lr, Wide<T> momentum, Wide<T> undamped,
                          Wide<T> weight_decay, I nesterov, I maximize) {
    each_of_all(I, chunks, all, i, t)
        sgd(all.arrays[t][0][i], all.arrays[t][1][i], all.arrays[t][2] ? all.arrays[t][2] + i : nullptr, lr, momentum,
            undamped, weight_decay, nesterov, maximize);
}

// `correction` is the square root of 1 - beta2^step, `step_size` lr / (1 - beta1^step), `decay` 1 - lr * weight_decay.
template <typename T>
__device__ inline void adam(T& param, T grad, T& exp_avg, T& exp_avg_sq, T* max_exp_avg_sq, double beta1, double beta2,
                            Wide<T> eps, Wide<T> weight_decay, Wide<T> decay, Wide<T> step_size, Wide<T> correction,
                            bool maximize) {
    Wide<T> p = wide(param) * decay, g = seen(grad, p, weight_decay, maximize);
    Wide<T> m = average(wide(exp_avg), g, beta1);
    Wide<T> v = wide(exp_avg_sq) * (Wide<T>)beta2 + g * (Wide<T>)(1 - beta2) * g;
    exp_avg = narrow<T>(m);
    exp_avg_sq = narrow<T>(v);
    if (max_exp_avg_sq) {
        Wide<T> most = wide(*max_exp_avg_sq);
        v = v > most || v != v ? v : most;
        *max_exp_avg_sq = narrow<T>(v);
    }
    param = narrow<T>(p + m * -step_size / (sqrt(v) / correction + eps));
}

template <typename T, typename I>
__global__ void adam_step(I total, T* param, const T* grad, T* exp_avg, T* exp_avg_sq, T* max_exp_avg_sq, double beta1,
                          double beta2, Wide<T> eps, Wide<T> weight_decay, Wide<T> decay, Wide<T> step_size,
                          Wide<T> correction, I maximize) {
    each(I, i, total) adam(param[i], grad[i], exp_avg[i], exp_avg_sq[i], max_exp_avg_sq ? max_exp_avg_sq + i : nullptr,
                           beta1, beta2, eps, weight_decay, decay, step_size, correction, maximize);
}

template <typename T, typename I>
__global__ void adam_steps(I chunks, const Tensors<T> all, double beta1, double beta2, Wide<T> eps, Wide<T> weight_decay,
                           Wide<T> decay, Wide<T> step_size, Wide<T> correction, I maximize) {
    each_of_all(I, chunks, all, i, t)
        adam(all.arrays[t][0][i], all.arrays[t][1][i], all.arrays[t][2][i], all.arrays[t][3][i],
             all.arrays[t][4] ? all.arrays[t][4] + i : nullptr, beta1, beta2, eps, weight_decay, decay, step_size,
             correction, maximize);
}

// The same where the number of the step is on the device. The two numbers that depend on it are computed in double, as on
// the host.
template <typename T> struct Corrections {
    Wide<T> step_size, correction;
    __device__ Corrections(const Wide<T>* step, double beta1, double beta2, double lr)
        : step_size((Wide<T>)(lr / (1 - pow(beta1, (double)*step)))),
          correction((Wide<T>)sqrt(1 - pow(beta2, (double)*step))) {}
};

template <typename T, typename I>
__global__ void adam_counted_step(I total, T* param, const T* grad, T* exp_avg, T* exp_avg_sq, T* max_exp_avg_sq,
                                  const Wide<T>* step, double beta1, double beta2, Wide<T> eps, Wide<T> weight_decay,
                                  Wide<T> decay, double lr, I maximize) {
    Corrections<T> by(step, beta1, beta2, lr);
    each(I, i, total) adam(param[i], grad[i], exp_avg[i], exp_avg_sq[i], max_exp_avg_sq ? max_exp_avg_sq + i : nullptr,
                           beta1, beta2, eps, weight_decay, decay, by.step_size, by.correction, maximize);
}

template <typename T, typename I>
__global__ void adam_counted_steps(I chunks, const Tensors<T> all, double beta1, double beta2, Wide<T> eps,
                                   Wide<T> weight_decay, Wide<T> decay, double lr, I maximize) {
    for (I chunk = (I)blockIdx.x, t = 0; chunk < chunks; chunk += (I)gridDim.x) {
        long long i = start_of(chunk, t, all), stop = stop_of(i, t, all);
        Corrections<T> by((const Wide<T>*)all.arrays[t][5], beta1, beta2, lr);
        for (; i < stop; i += blockDim.x)
            adam(all.arrays[t][0][i], all.arrays[t][1][i], all.arrays[t][2][i], all.arrays[t][3][i],
                 all.arrays[t][4] ? all.arrays[t][4] + i : nullptr, beta1, beta2, eps, weight_decay, decay, by.step_size,
                 by.correction, maximize);
    }
}

// Numbers of steps on the device, each counted on by one.
template <typename T, typename I> __global__ void count_step(I total, T* step) {
    each(I, i, total) step[i] = narrow<T>(wide(step[i]) + 1);
}

template <typename T, typename I> __global__ void count_steps(I chunks, const Tensors<T> all) {
    each_of_all(I, chunks, all, i, t) all.arrays[t][0][i] = narrow<T>(wide(all.arrays[t][0][i]) + 1);
}

template <typename T>
__device__ inline void rmsprop(T& param, T grad, T& square_avg, T* grad_avg, T* momentum_buffer, Wide<T> lr, double alpha,
                               Wide<T> eps, Wide<T> weight_decay, Wide<T> momentum, bool maximize) {
    Wide<T> p = wide(param), g = seen(grad, p, weight_decay, maximize);
    Wide<T> v = wide(square_avg) * (Wide<T>)alpha + g * (Wide<T>)(1 - alpha) * g;
    square_avg = narrow<T>(v);
    if (grad_avg) {
        Wide<T> m = average(wide(*grad_avg), g, alpha);
        *grad_avg = narrow<T>(m);
        v = isinf(v) ? v : v - m * m;  // m * m may overflow too
    }
    Wide<T> root = sqrt(v) + eps;
    if (momentum_buffer) {
        Wide<T> b = wide(*momentum_buffer) * momentum + g / root;
        *momentum_buffer = narrow<T>(b);
        param = narrow<T>(p + b * -lr);
    } else {
        param = narrow<T>(p + g * -lr / root);
    }
}

template <typename T, typename I>
__global__ void rmsprop_step(I total, T* param, const T* grad, T* square_avg, T* grad_avg, T* momentum_buffer, Wide<T> lr,
                             double alpha, Wide<T> eps, Wide<T> weight_decay, Wide<T> momentum, I maximize) {
    each(I, i, total) rmsprop(param[i], grad[i], square_avg[i], grad_avg ? grad_avg + i : nullptr,
                              momentum_buffer ? momentum_buffer + i : nullptr, lr, alpha, eps, weight_decay, momentum,
                              maximize);
}

template <typename T, typename I>
__global__ void rmsprop_steps(I chunks, const Tensors<T> all, Wide<T> lr, double alpha, Wide<T> eps, Wide<T> weight_decay,
                              Wide<T> momentum, I maximize) {
    each_of_all(I, chunks, all, i, t)
        rmsprop(all.arrays[t][0][i], all.arrays[t][1][i], all.arrays[t][2][i],
                all.arrays[t][3] ? all.arrays[t][3] + i : nullptr, all.arrays[t][4] ? all.arrays[t][4] + i : nullptr, lr,
                alpha, eps, weight_decay, momentum, maximize);
}

// `lr` is the learning rate of the step, decayed.
template <typename T>
__device__ inline void adagrad(T& param, T grad, T& state_sum, Wide<T> lr, Wide<T> eps, Wide<T> weight_decay,
                               bool maximize) {
    Wide<T> p = wide(param), g = seen(grad, p, weight_decay, maximize);
    Wide<T> s = wide(state_sum) + g * g;
    state_sum = narrow<T>(s);
    param = narrow<T>(p + g * -lr / (sqrt(s) + eps));
}

template <typename T, typename I>
__global__ void adagrad_step(I total, T* param, const T* grad, T* state_sum, Wide<T> lr, Wide<T> eps, Wide<T> weight_decay,
                             I maximize) {
    each(I, i, total) adagrad(param[i], grad[i], state_sum[i], lr, eps, weight_decay, maximize);
}

template <typename T, typename I>
__global__ void adagrad_steps(I chunks, const Tensors<T> all, Wide<T> lr, Wide<T> eps, Wide<T> weight_decay, I maximize) {
    each_of_all(I, chunks, all, i, t)
        adagrad(all.arrays[t][0][i], all.arrays[t][1][i], all.arrays[t][2][i], lr, eps, weight_decay, maximize);
}

template <typename T>
__device__ inline void adadelta(T& param, T grad, T& square_avg, T& acc_delta, Wide<T> lr, double rho, Wide<T> eps,
                                Wide<T> weight_decay, bool maximize) {
    Wide<T> p = wide(param), g = seen(grad, p, weight_decay, maximize);
    Wide<T> v = wide(square_avg) * (Wide<T>)rho + g * (Wide<T>)(1 - rho) * g, u = wide(acc_delta);
    Wide<T> delta = sqrt(u + eps) / sqrt(v + eps) * g;
    square_avg = narrow<T>(v);
    acc_delta = narrow<T>(u * (Wide<T>)rho + delta * (Wide<T>)(1 - rho) * delta);
    param = narrow<T>(p + delta * -lr);
}

template <typename T, typename I>
__global__ void adadelta_step(I total, T* param, const T* grad, T* square_avg, T* acc_delta, Wide<T> lr, double rho,
                              Wide<T> eps, Wide<T> weight_decay, I maximize) {
    each(I, i, total)
        adadelta(param[i], grad[i], square_avg[i], acc_delta[i], lr, rho, eps, weight_decay, maximize);
}

template <typename T, typename I>
__global__ void adadelta_steps(I chunks, const Tensors<T> all, Wide<T> lr, double rho, Wide<T> eps, Wide<T> weight_decay,
                               I maximize) {
    each_of_all(I, chunks, all, i, t)
        adadelta(all.arrays[t][0][i], all.arrays[t][1][i], all.arrays[t][2][i], all.arrays[t][3][i], lr, rho, eps,
                 weight_decay, maximize);
}
