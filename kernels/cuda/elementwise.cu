// Functions of one number that CUDA has and NumPy lacks, or that are many operations on arrays but one here.

// The error function and its complement, computed in double and rounded once.
template <typename T, typename I> __global__ void erf_of(I total, const T* x, T* out) {
    each(I, i, total) out[i] = narrow<T>((Wide<T>)erf((double)wide(x[i])));
}

template <typename T, typename I> __global__ void erfc_of(I total, const T* x, T* out) {
    each(I, i, total) out[i] = narrow<T>((Wide<T>)erfc((double)wide(x[i])));
}

// x * Phi(x) = x / 2 * erfc(-x / sqrt 2).
template <typename T, typename I> __global__ void gelu(I total, const T* x, T* out) {
    each(I, i, total) {
        Wide<T> value = wide(x[i]);
        out[i] = narrow<T>((Wide<T>)0.5 * value * (Wide<T>)erfc((double)value * -0.70710678118654752440));
    }
}

// The approximation x / (1 + e^(-2u)), u = sqrt(2 / pi) * (x + 0.044715 x^3).
template <typename T, typename I> __global__ void gelu_tanh(I total, const T* x, T* out) {
    each(I, i, total) {
        Wide<T> value = wide(x[i]);
        Wide<T> doubled = (Wide<T>)1.59576912160573071176 * (value + (Wide<T>)0.044715 * (value * value * value));
        out[i] = narrow<T>(value / (1 + exp(-doubled)));
    }
}

template <typename T, typename I> __global__ void sigmoid_of(I total, const T* x, T* out) {
    each(I, i, total) out[i] = narrow<T>(1 / (1 + exp(-wide(x[i]))));
}

template <typename T, typename I> __global__ void silu(I total, const T* x, T* out) {
    each(I, i, total) {
        Wide<T> value = wide(x[i]);
        out[i] = narrow<T>(value / (1 + exp(-value)));
    }
}

// ln(1 + e^(beta * x)) / beta, or x itself where beta * x > threshold.
template <typename T, typename I> __global__ void softplus(I total, const T* x, T* out, Wide<T> beta, Wide<T> threshold) {
    each(I, i, total) {
        Wide<T> value = wide(x[i]), scaled = value * beta;
        out[i] = narrow<T>(scaled > threshold ? value : log1p(exp(scaled)) / beta);
    }
}

// min(x, 0) - ln(1 + e^-|x|).
template <typename T, typename I> __global__ void log_sigmoid(I total, const T* x, T* out) {
    each(I, i, total) {
        Wide<T> value = wide(x[i]);
        out[i] = narrow<T>((value > 0 ? (Wide<T>)0 : value) - log1p(exp(value > 0 ? -value : value)));
    }
}

// 0 where y = relu(x) is not above 0, else g.
template <typename T, typename I> __global__ void relu_grad(I total, const T* g, const T* y, T* out) {
    each(I, i, total) out[i] = wide(y[i]) <= 0 ? narrow<T>((Wide<T>)0) : g[i];
}

// g (1 - y) y, with y = sigmoid(x).
template <typename T, typename I> __global__ void sigmoid_grad(I total, const T* g, const T* y, T* out) {
    each(I, i, total) {
        Wide<T> value = wide(y[i]);
        out[i] = narrow<T>(wide(g[i]) * ((1 - value) * value));
    }
}

// g (1 - y^2), with y = tanh(x).
template <typename T, typename I> __global__ void tanh_grad(I total, const T* g, const T* y, T* out) {
    each(I, i, total) {
        Wide<T> value = wide(y[i]);
        out[i] = narrow<T>(wide(g[i]) * (1 - value * value));
    }
}
