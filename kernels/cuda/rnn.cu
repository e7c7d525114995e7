// One step of a recurrent layer for a batch, forward and backward: everything between two products of
// matrices. A thread takes one unit of one sequence. The formulas are in `kernels/rnn.py`.
//
// The state before a step is in two arrays: for the first `known` sequences in the rows of the step before, for the others,
// which begin here, in the initial state.

template <typename A> __device__ inline A sigmoid(A x) {
    A e = exp(x < 0 ? x : -x);
    return (x < 0 ? e : (A)1) / (1 + e);
}

template <typename T, typename I>
__device__ inline Wide<T> state_before(const T* before, const T* initial, I known, I sequence, I unit, I size) {
    return wide((sequence < known ? before : initial)[sequence * size + unit]);
}

// h = tanh(z + m) or max(z + m, 0), with m the product of the state before and the weight.
template <typename T, typename I> __global__ void rnn_step(I total, const T* z, const Wide<T>* m, T* out, I relu) {
    each(I, i, total) {
        Wide<T> a = wide(z[i]) + m[i];
        out[i] = narrow<T>(relu ? (a > 0 || a != a ? a : (Wide<T>)0) : tanh(a));
    }
}

// The gradient of a = z + m, from the gradient of h: the incoming one (or null) plus that from the next step.
template <typename T, typename I>
__global__ void rnn_step_grad(I total, const T* out, const T* g_out, const T* gh, T* da, I relu) {
    each(I, i, total) {
        Wide<T> h = wide(out[i]), g = wide(gh[i]);
        if (g_out) g += wide(g_out[i]);
        da[i] = narrow<T>(relu ? (h <= 0 ? (Wide<T>)0 : g) : g * (1 - h * h));
    }
}

// i, f, o = sigmoid, g = tanh of the four parts of z + m; c = f * c_before + i * g; y = o * tanh(c). `y` are the rows of the
// result, or of the projection's input.
template <typename T, typename I>
__global__ void lstm_step(I total, const T* z, const Wide<T>* m, const T* before, const T* initial, T* gates, T* cells,
                          T* y, I size, I known) {
    each(I, index, total) {
        I sequence = index / size, unit = index % size, at = sequence * 4 * size + unit;
        Wide<T> i = sigmoid(wide(z[at]) + m[at]), f = sigmoid(wide(z[at + size]) + m[at + size]);
        Wide<T> g = tanh(wide(z[at + 2 * size]) + m[at + 2 * size]);
        Wide<T> o = sigmoid(wide(z[at + 3 * size]) + m[at + 3 * size]);
        Wide<T> c = f * state_before(before, initial, known, sequence, unit, size) + i * g;
        gates[at] = narrow<T>(i);
        gates[at + size] = narrow<T>(f);
        gates[at + 2 * size] = narrow<T>(g);
        gates[at + 3 * size] = narrow<T>(o);
        cells[index] = narrow<T>(c);
        y[index] = narrow<T>(o * tanh(c));
    }
}

// The gradients of the four parts, from those of y (`gy`, plus the incoming `g_out` or null) and c (`gc`, which is
// overwritten by the gradient of the c before).
template <typename T, typename I>
__global__ void lstm_step_grad(I total, const T* gates, const T* cells, const T* before, const T* initial, const T* gy,
                               const T* g_out, T* gc, T* da, I size, I known) {
    each(I, index, total) {
        I sequence = index / size, unit = index % size, at = sequence * 4 * size + unit;
        Wide<T> i = wide(gates[at]), f = wide(gates[at + size]), g = wide(gates[at + 2 * size]);
        Wide<T> o = wide(gates[at + 3 * size]), t = tanh(wide(cells[index])), dy = wide(gy[index]);
        if (g_out) dy += wide(g_out[index]);
        Wide<T> dc = wide(gc[index]) + dy * o * (1 - t * t);
        da[at] = narrow<T>(dc * g * i * (1 - i));
        da[at + size] = narrow<T>(dc * state_before(before, initial, known, sequence, unit, size) * f * (1 - f));
        da[at + 2 * size] = narrow<T>(dc * i * (1 - g * g));
        da[at + 3 * size] = narrow<T>(dy * t * o * (1 - o));
        gc[index] = narrow<T>(dc * f);
    }
}

// r, u = sigmoid of the first two parts of z + m; n = tanh(z_n + r * m_n); h = (1 - u) * n + u * h_before. `bias`, or null, is
// added to m. For the backward pass r, u, n and m_n are stored.
template <typename T, typename I>
__global__ void gru_step(I total, const T* z, const Wide<T>* m, const T* bias, const T* before, const T* initial, T* gates,
                         T* out, I size, I known) {
    each(I, index, total) {
        I sequence = index / size, unit = index % size, at = sequence * 3 * size + unit, to = at + sequence * size;
        Wide<T> m_r = m[at], m_u = m[at + size], m_n = m[at + 2 * size];
        if (bias) {
            m_r += wide(bias[unit]);
            m_u += wide(bias[unit + size]);
            m_n += wide(bias[unit + 2 * size]);
        }
        Wide<T> r = sigmoid(wide(z[at]) + m_r), u = sigmoid(wide(z[at + size]) + m_u);
        Wide<T> n = tanh(wide(z[at + 2 * size]) + r * m_n);
        gates[to] = narrow<T>(r);
        gates[to + size] = narrow<T>(u);
        gates[to + 2 * size] = narrow<T>(n);
        gates[to + 3 * size] = narrow<T>(m_n);
        out[index] = narrow<T>((1 - u) * n + u * state_before(before, initial, known, sequence, unit, size));
    }
}

// The gradients of the parts of z and m. `gh`, to which the incoming `g_out` (or null) is added, is overwritten by the part
// of the gradient of the state before that does not go through m.
template <typename T, typename I>
__global__ void gru_step_grad(I total, const T* gates, const T* before, const T* initial, const T* g_out, T* gh, T* dz,
                              T* dm, I size, I known) {
    each(I, index, total) {
        I sequence = index / size, unit = index % size, at = sequence * 3 * size + unit, from = at + sequence * size;
        Wide<T> r = wide(gates[from]), u = wide(gates[from + size]), n = wide(gates[from + 2 * size]);
        Wide<T> m_n = wide(gates[from + 3 * size]), d = wide(gh[index]);
        if (g_out) d += wide(g_out[index]);
        Wide<T> d_n = d * (1 - u) * (1 - n * n), d_r = d_n * m_n * r * (1 - r);
        Wide<T> d_u = d * (state_before(before, initial, known, sequence, unit, size) - n) * u * (1 - u);
        dz[at] = narrow<T>(d_r);
        dz[at + size] = narrow<T>(d_u);
        dz[at + 2 * size] = narrow<T>(d_n);
        dm[at] = narrow<T>(d_r);
        dm[at + size] = narrow<T>(d_u);
        dm[at + 2 * size] = narrow<T>(d_n * r);
        gh[index] = narrow<T>(d * u);
    }
}
