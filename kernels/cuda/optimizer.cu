// Steps of optimizers, all of a step's arithmetic in one pass over memory. The formulas are those of `kernels/optimizer.py`,
// in its order. The gradient that an optimizer sees: turned round to maximize, with the L2 penalty's added.

template <typename T>
__device__ inline Wide<T> seen(T grad, Wide<T> param, Wide<T> weight_decay, bool maximize) {
    Wide<T> g = maximize ? -wide(grad) : wide(grad);
    return weight_decay != 0 ? g + param * weight_decay : g;
}

// A running mean moved towards a value, from the end that is nearer.
template <typename A> __device__ inline A average(A mean, A value, double keep) {
    return keep > 0.5 ? mean + (value - mean) * (A)(1 - keep) : value - (value - mean) * (A)keep;
}

template <typename T, typename I>
__global__ void sgd_step(I total, T* param, const T* grad, T* momentum_buffer, Wide<T> lr, Wide<T> momentum,
                         Wide<T> undamped, Wide<T> weight_decay, I nesterov, I maximize) {
    each(I, i, total) {
        Wide<T> p = wide(param[i]), g = seen(grad[i], p, weight_decay, maximize);
        if (momentum_buffer) {
            Wide<T> b = wide(momentum_buffer[i]) * momentum + g * undamped;
            momentum_buffer[i] = narrow<T>(b);
            g = nesterov ? g + b * momentum : b;
        }
        param[i] = narrow<T>(p + g * -lr);
    }
}

// `correction` is the square root of 1 - beta2^step, `step_size` lr / (1 - beta1^step), `decay` 1 - lr * weight_decay.
template <typename T, typename I>
__global__ void adam_step(I total, T* param, const T* grad, T* exp_avg, T* exp_avg_sq, T* max_exp_avg_sq, double beta1,
                          double beta2, Wide<T> eps, Wide<T> weight_decay, Wide<T> decay, Wide<T> step_size,
                          Wide<T> correction, I maximize) {
    each(I, i, total) {
        Wide<T> p = wide(param[i]) * decay, g = seen(grad[i], p, weight_decay, maximize);
        Wide<T> m = average(wide(exp_avg[i]), g, beta1);
        Wide<T> v = wide(exp_avg_sq[i]) * (Wide<T>)beta2 + g * (Wide<T>)(1 - beta2) * g;
        exp_avg[i] = narrow<T>(m);
        exp_avg_sq[i] = narrow<T>(v);
        if (max_exp_avg_sq) {
            Wide<T> most = wide(max_exp_avg_sq[i]);
            v = v > most || v != v ? v : most;
            max_exp_avg_sq[i] = narrow<T>(v);
        }
        param[i] = narrow<T>(p + m * -step_size / (sqrt(v) / correction + eps));
    }
}

template <typename T, typename I>
__global__ void rmsprop_step(I total, T* param, const T* grad, T* square_avg, T* grad_avg, T* momentum_buffer, Wide<T> lr,
                             double alpha, Wide<T> eps, Wide<T> weight_decay, Wide<T> momentum, I maximize) {
    each(I, i, total) {
        Wide<T> p = wide(param[i]), g = seen(grad[i], p, weight_decay, maximize);
        Wide<T> v = wide(square_avg[i]) * (Wide<T>)alpha + g * (Wide<T>)(1 - alpha) * g;
        square_avg[i] = narrow<T>(v);
        if (grad_avg) {
            Wide<T> m = average(wide(grad_avg[i]), g, alpha);
            grad_avg[i] = narrow<T>(m);
            v = v - m * m;
        }
        Wide<T> root = sqrt(v) + eps;
        if (momentum_buffer) {
            Wide<T> b = wide(momentum_buffer[i]) * momentum + g / root;
            momentum_buffer[i] = narrow<T>(b);
            param[i] = narrow<T>(p + b * -lr);
        } else {
            param[i] = narrow<T>(p + g * -lr / root);
        }
    }
}

// `lr` is that of the step, decayed.
template <typename T, typename I>
__global__ void adagrad_step(I total, T* param, const T* grad, T* state_sum, Wide<T> lr, Wide<T> eps, Wide<T> weight_decay,
                             I maximize) {
    each(I, i, total) {
        Wide<T> p = wide(param[i]), g = seen(grad[i], p, weight_decay, maximize);
        Wide<T> s = wide(state_sum[i]) + g * g;
        state_sum[i] = narrow<T>(s);
        param[i] = narrow<T>(p + g * -lr / (sqrt(s) + eps));
    }
}

template <typename T, typename I>
__global__ void adadelta_step(I total, T* param, const T* grad, T* square_avg, T* acc_delta, Wide<T> lr, double rho,
                              Wide<T> eps, Wide<T> weight_decay, I maximize) {
    each(I, i, total) {
        Wide<T> p = wide(param[i]), g = seen(grad[i], p, weight_decay, maximize);
        Wide<T> v = wide(square_avg[i]) * (Wide<T>)rho + g * (Wide<T>)(1 - rho) * g, u = wide(acc_delta[i]);
        Wide<T> delta = sqrt(u + eps) / sqrt(v + eps) * g;
        square_avg[i] = narrow<T>(v);
        acc_delta[i] = narrow<T>(u * (Wide<T>)rho + delta * (Wide<T>)(1 - rho) * delta);
        param[i] = narrow<T>(p + delta * -lr);
    }
}
