// Recurrent layers, forward and backward. The formulas are in `kernels/rnn.py`.
//
// The kernels `…_step` do one step of a batch: everything between two products of matrices, which cuBLAS computes. A thread
// takes one unit of one sequence. The kernels `…_steps` do all steps, with their products: a block takes SEQUENCES
// sequences, which depend on no others, and keeps the weight in shared memory, if that has room for it.
//
// In a `…_step`, the state before a step is in two arrays: for the first `known` sequences in the rows of the step before, for the others,
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
template <typename A, typename I> __device__ inline A rnn_unit(A a, I relu) {
    return relu ? (a > 0 || a != a ? a : (A)0) : tanh(a);
}

// The gradient of a, from that of h.
template <typename A, typename I> __device__ inline A rnn_unit_grad(A h, A g, I relu) {
    return relu ? (h <= 0 ? (A)0 : g) : g * (1 - h * h);
}

template <typename T, typename I> __global__ void rnn_step(I total, const T* z, const Wide<T>* m, T* out, I relu) {
    each(I, i, total) out[i] = narrow<T>(rnn_unit(wide(z[i]) + m[i], relu));
}

// The gradient of a = z + m, from the gradient of h: the incoming one (or null) plus that from the next step.
template <typename T, typename I>
__global__ void rnn_step_grad(I total, const T* out, const T* g_out, const T* gh, T* da, I relu) {
    each(I, i, total) {
        Wide<T> h = wide(out[i]), g = wide(gh[i]);
        if (g_out) g += wide(g_out[i]);
        da[i] = narrow<T>(rnn_unit_grad(h, g, relu));
    }
}

// i, f, o = sigmoid, g = tanh of the four parts of z + m; c = f * c_before + i * g; y = o * tanh(c). The arrays begin at the
// unit; its parts are `size` apart.
template <typename T, typename I>
__device__ inline void lstm_unit(const T* z, const Wide<T>* m, Wide<T> c_before, T* gates, T* cell, T* y, I size) {
    Wide<T> i = sigmoid(wide(z[0]) + m[0]), f = sigmoid(wide(z[size]) + m[size]);
    Wide<T> g = tanh(wide(z[2 * size]) + m[2 * size]), o = sigmoid(wide(z[3 * size]) + m[3 * size]);
    Wide<T> c = f * c_before + i * g;
    gates[0] = narrow<T>(i);
    gates[size] = narrow<T>(f);
    gates[2 * size] = narrow<T>(g);
    gates[3 * size] = narrow<T>(o);
    *cell = narrow<T>(c);
    *y = narrow<T>(o * tanh(c));
}

// The gradients of the four parts, from `dy`, that of y, and `dc`, that of c from the next step. Returns that of the c before.
template <typename T, typename I>
__device__ inline Wide<T> lstm_unit_grad(const T* gates, T cell, Wide<T> c_before, Wide<T> dy, Wide<T> dc, T* da, I size) {
    Wide<T> i = wide(gates[0]), f = wide(gates[size]), g = wide(gates[2 * size]), o = wide(gates[3 * size]);
    Wide<T> t = tanh(wide(cell));
    dc += dy * o * (1 - t * t);
    da[0] = narrow<T>(dc * g * i * (1 - i));
    da[size] = narrow<T>(dc * c_before * f * (1 - f));
    da[2 * size] = narrow<T>(dc * i * (1 - g * g));
    da[3 * size] = narrow<T>(dy * t * o * (1 - o));
    return dc * f;
}

// `y` are the rows of the result, or of the projection's input.
template <typename T, typename I>
__global__ void lstm_step(I total, const T* z, const Wide<T>* m, const T* before, const T* initial, T* gates, T* cells,
                          T* y, I size, I known) {
    each(I, index, total) {
        I sequence = index / size, unit = index % size, at = sequence * 4 * size + unit;
        Wide<T> c = state_before(before, initial, known, sequence, unit, size);
        lstm_unit(z + at, m + at, c, gates + at, cells + index, y + index, size);
    }
}

// From the gradients of y (`gy`, plus the incoming `g_out` or null) and c (`gc`, which is overwritten by the gradient of the
// c before).
template <typename T, typename I>
__global__ void lstm_step_grad(I total, const T* gates, const T* cells, const T* before, const T* initial, const T* gy,
                               const T* g_out, T* gc, T* da, I size, I known) {
    each(I, index, total) {
        I sequence = index / size, unit = index % size, at = sequence * 4 * size + unit;
        Wide<T> dy = wide(gy[index]), c = state_before(before, initial, known, sequence, unit, size);
        if (g_out) dy += wide(g_out[index]);
        gc[index] = narrow<T>(lstm_unit_grad(gates + at, cells[index], c, dy, wide(gc[index]), da + at, size));
    }
}

// r, u = sigmoid of the first two parts of z + m; n = tanh(z_n + r * m_n); h = (1 - u) * n + u * h_before. `bias`, or null, is
// added to m. For the backward pass r, u, n and m_n are stored.
template <typename T, typename I>
__device__ inline void gru_unit(const T* z, const Wide<T>* m, const T* bias, Wide<T> h_before, T* gates, T* out, I size) {
    Wide<T> m_r = m[0], m_u = m[size], m_n = m[2 * size];
    if (bias) {
        m_r += wide(bias[0]);
        m_u += wide(bias[size]);
        m_n += wide(bias[2 * size]);
    }
    Wide<T> r = sigmoid(wide(z[0]) + m_r), u = sigmoid(wide(z[size]) + m_u), n = tanh(wide(z[2 * size]) + r * m_n);
    gates[0] = narrow<T>(r);
    gates[size] = narrow<T>(u);
    gates[2 * size] = narrow<T>(n);
    gates[3 * size] = narrow<T>(m_n);
    *out = narrow<T>((1 - u) * n + u * h_before);
}

// The gradients of the parts of z and m, from `d`, that of h. Returns the part of the gradient of the state before that does
// not go through m.
template <typename T, typename I>
__device__ inline Wide<T> gru_unit_grad(const T* gates, Wide<T> h_before, Wide<T> d, T* dz, T* dm, I size) {
    Wide<T> r = wide(gates[0]), u = wide(gates[size]), n = wide(gates[2 * size]), m_n = wide(gates[3 * size]);
    Wide<T> d_n = d * (1 - u) * (1 - n * n), d_r = d_n * m_n * r * (1 - r), d_u = d * (h_before - n) * u * (1 - u);
    dz[0] = narrow<T>(d_r);
    dz[size] = narrow<T>(d_u);
    dz[2 * size] = narrow<T>(d_n);
    dm[0] = narrow<T>(d_r);
    dm[size] = narrow<T>(d_u);
    dm[2 * size] = narrow<T>(d_n * r);
    return d * u;
}

template <typename T, typename I>
__global__ void gru_step(I total, const T* z, const Wide<T>* m, const T* bias, const T* before, const T* initial, T* gates,
                         T* out, I size, I known) {
    each(I, index, total) {
        I sequence = index / size, unit = index % size, at = sequence * 3 * size + unit, to = at + sequence * size;
        Wide<T> h = state_before(before, initial, known, sequence, unit, size);
        gru_unit(z + at, m + at, bias ? bias + unit : bias, h, gates + to, out + index, size);
    }
}

// `gh`, to which the incoming `g_out` (or null) is added, is overwritten by what `gru_unit_grad` returns.
template <typename T, typename I>
__global__ void gru_step_grad(I total, const T* gates, const T* before, const T* initial, const T* g_out, T* gh, T* dz,
                              T* dm, I size, I known) {
    each(I, index, total) {
        I sequence = index / size, unit = index % size, at = sequence * 3 * size + unit, from = at + sequence * size;
        Wide<T> d = wide(gh[index]), h = state_before(before, initial, known, sequence, unit, size);
        if (g_out) d += wide(g_out[index]);
        gh[index] = narrow<T>(gru_unit_grad(gates + from, h, d, dz + at, dm + at, size));
    }
}

// ---- all steps in one launch
//
// `n` sequences have `steps` steps each; step t of sequence s is row t * n + s. The layer's weight has `width` rows, which is
// 1, 3 or 4 times `size`, and `size` columns. `first` is the first sequence of a block's group, which has `rows` of them.

constexpr int SEQUENCES = 4;

#define local(I, i, count) for (I i = (I)threadIdx.x; i < (count); i += (I)blockDim.x)

// m = h · weightᵀ for the group; `w` is the transposed weight.
template <typename A, typename I>
__device__ inline void multiply_states(const A* w, const A* h, A* m, I size, I width) {
    local(I, j, width) {
        A sums[SEQUENCES] = {};
        for (I k = 0; k < size; k++)
            for (int r = 0; r < SEQUENCES; r++) sums[r] += h[r * size + k] * w[k * width + j];
        for (int r = 0; r < SEQUENCES; r++) m[r * width + j] = sums[r];
    }
}

// The terms of d · weight, summed over each part of the gates by itself: a thread for each part of each unit.
template <typename A, typename I>
__device__ inline void multiply_gradients(const A* w, const A* d, A* terms, I size, I width) {
    local(I, j, width) {
        I part = j - j % size;
        A sums[SEQUENCES] = {};
        for (I k = part; k < part + size; k++)
            for (int r = 0; r < SEQUENCES; r++) sums[r] += d[r * width + k] * w[k * size + j - part];
        for (int r = 0; r < SEQUENCES; r++) terms[r * width + j] = sums[r];
    }
}

// The sum of the terms of a unit; `terms` begins at its first.
template <typename A, typename I> __device__ inline A sum_of_terms(const A* terms, I size, I width) {
    A sum = terms[0];
    for (I part = size; part < width; part += size) sum += terms[part];
    return sum;
}

template <typename T, typename I>
__global__ void rnn_steps(I total, const T* z, const T* h0, const T* weight, T* out, I n, I steps, I size, I reverse, I relu) {
    typedef Wide<T> A;
    extern __shared__ double room[];
    A *w = (A*)room, *h = w + size * size, *m = h + SEQUENCES * size;
    local(I, i, size * size) w[i % size * size + i / size] = wide(weight[i]);
    for (I group = (I)blockIdx.x; group < total; group += (I)gridDim.x) {
        I first = group * SEQUENCES, rows = n - first < SEQUENCES ? n - first : (I)SEQUENCES;
        local(I, i, SEQUENCES * size) h[i] = i < rows * size ? wide(h0[first * size + i]) : (A)0;
        __syncthreads();
        for (I s = 0; s < steps; s++) {
            I row = (reverse ? steps - 1 - s : s) * n + first;
            multiply_states(w, h, m, size, size);
            __syncthreads();
            local(I, i, rows * size) {
                out[row * size + i] = narrow<T>(rnn_unit(wide(z[row * size + i]) + m[i], relu));
                h[i] = wide(out[row * size + i]);
            }
            __syncthreads();
        }
    }
}

// `gh`, the gradient of the last states, is overwritten by that of the initial ones.
template <typename T, typename I>
__global__ void rnn_steps_grad(I total, const T* out, const T* weight, const T* g_out, T* gh, T* da, I n, I steps, I size,
                               I reverse, I relu) {
    typedef Wide<T> A;
    extern __shared__ double room[];
    A *w = (A*)room, *d = w + size * size, *terms = d + SEQUENCES * size;
    local(I, i, size * size) w[i] = wide(weight[i]);
    for (I group = (I)blockIdx.x; group < total; group += (I)gridDim.x) {
        I first = group * SEQUENCES, rows = n - first < SEQUENCES ? n - first : (I)SEQUENCES;
        local(I, i, SEQUENCES * size) {
            d[i] = 0;
            terms[i] = i < rows * size ? wide(gh[first * size + i]) : (A)0;
        }
        for (I s = steps - 1; s >= 0; s--) {
            I row = (reverse ? steps - 1 - s : s) * n + first;
            local(I, i, rows * size) {
                A g = wide(narrow<T>(terms[i]));
                if (g_out) g += wide(g_out[row * size + i]);
                da[row * size + i] = narrow<T>(rnn_unit_grad(wide(out[row * size + i]), g, relu));
                d[i] = wide(da[row * size + i]);
            }
            __syncthreads();
            multiply_gradients(w, d, terms, size, size);
            __syncthreads();
        }
        local(I, i, rows * size) gh[first * size + i] = narrow<T>(terms[i]);
    }
}

template <typename T, typename I>
__global__ void lstm_steps(I total, const T* z, const T* h0, const T* c0, const T* weight, T* gates, T* cells, T* out, I n,
                           I steps, I size, I reverse) {
    typedef Wide<T> A;
    extern __shared__ double room[];
    I width = 4 * size;
    A *w = (A*)room, *h = w + width * size, *c = h + SEQUENCES * size, *m = c + SEQUENCES * size;
    local(I, i, width * size) w[i % size * width + i / size] = wide(weight[i]);
    for (I group = (I)blockIdx.x; group < total; group += (I)gridDim.x) {
        I first = group * SEQUENCES, rows = n - first < SEQUENCES ? n - first : (I)SEQUENCES;
        local(I, i, SEQUENCES * size) {
            h[i] = i < rows * size ? wide(h0[first * size + i]) : (A)0;
            c[i] = i < rows * size ? wide(c0[first * size + i]) : (A)0;
        }
        __syncthreads();
        for (I s = 0; s < steps; s++) {
            I row = (reverse ? steps - 1 - s : s) * n + first;
            multiply_states(w, h, m, size, width);
            __syncthreads();
            local(I, i, rows * size) {
                I sequence = i / size, unit = i % size, at = (row + sequence) * width + unit, to = row * size + i;
                lstm_unit(z + at, m + sequence * width + unit, c[i], gates + at, cells + to, out + to, size);
                c[i] = wide(cells[to]);
                h[i] = wide(out[to]);
            }
            __syncthreads();
        }
    }
}

// `gh` and `gc`, the gradients of the last states, are overwritten by those of the initial ones.
template <typename T, typename I>
__global__ void lstm_steps_grad(I total, const T* gates, const T* cells, const T* c0, const T* weight, const T* g_out, T* gh,
                                T* gc, T* da, I n, I steps, I size, I reverse) {
    typedef Wide<T> A;
    extern __shared__ double room[];
    I width = 4 * size;
    A *w = (A*)room, *dc = w + width * size, *d = dc + SEQUENCES * size, *terms = d + SEQUENCES * width;
    local(I, i, width * size) w[i] = wide(weight[i]);
    for (I group = (I)blockIdx.x; group < total; group += (I)gridDim.x) {
        I first = group * SEQUENCES, rows = n - first < SEQUENCES ? n - first : (I)SEQUENCES;
        local(I, i, SEQUENCES * width) d[i] = terms[i] = 0;
        __syncthreads();
        local(I, i, rows * size) {
            terms[i / size * width + i % size] = wide(gh[first * size + i]);
            dc[i] = wide(gc[first * size + i]);
        }
        for (I s = steps - 1; s >= 0; s--) {
            I step = reverse ? steps - 1 - s : s, row = step * n + first, before = (reverse ? step + 1 : step - 1) * n + first;
            local(I, i, rows * size) {
                I sequence = i / size, unit = i % size, at = (row + sequence) * width + unit, to = row * size + i;
                A dy = wide(narrow<T>(sum_of_terms(terms + sequence * width + unit, size, width)));
                if (g_out) dy += wide(g_out[to]);
                A c = wide(s == 0 ? c0[first * size + i] : cells[before * size + i]);
                dc[i] = wide(narrow<T>(lstm_unit_grad(gates + at, cells[to], c, dy, dc[i], da + at, size)));
                for (I part = 0; part < width; part += size) d[sequence * width + unit + part] = wide(da[at + part]);
            }
            __syncthreads();
            multiply_gradients(w, d, terms, size, width);
            __syncthreads();
        }
        local(I, i, rows * size) {
            gh[first * size + i] = narrow<T>(sum_of_terms(terms + i / size * width + i % size, size, width));
            gc[first * size + i] = narrow<T>(dc[i]);
        }
        __syncthreads();
    }
}

template <typename T, typename I>
__global__ void gru_steps(I total, const T* z, const T* h0, const T* weight, const T* bias, T* gates, T* out, I n, I steps,
                          I size, I reverse) {
    typedef Wide<T> A;
    extern __shared__ double room[];
    I width = 3 * size;
    A *w = (A*)room, *h = w + width * size, *m = h + SEQUENCES * size;
    local(I, i, width * size) w[i % size * width + i / size] = wide(weight[i]);
    for (I group = (I)blockIdx.x; group < total; group += (I)gridDim.x) {
        I first = group * SEQUENCES, rows = n - first < SEQUENCES ? n - first : (I)SEQUENCES;
        local(I, i, SEQUENCES * size) h[i] = i < rows * size ? wide(h0[first * size + i]) : (A)0;
        __syncthreads();
        for (I s = 0; s < steps; s++) {
            I row = (reverse ? steps - 1 - s : s) * n + first;
            multiply_states(w, h, m, size, width);
            __syncthreads();
            local(I, i, rows * size) {
                I sequence = i / size, unit = i % size, at = row + sequence, to = row * size + i;
                gru_unit(z + at * width + unit, m + sequence * width + unit, bias ? bias + unit : bias, h[i],
                         gates + at * 4 * size + unit, out + to, size);
                h[i] = wide(out[to]);
            }
            __syncthreads();
        }
    }
}

// `gh`, the gradient of the last states, is overwritten by that of the initial ones.
template <typename T, typename I>
__global__ void gru_steps_grad(I total, const T* gates, const T* out, const T* h0, const T* weight, const T* g_out, T* gh,
                               T* dz, T* dm, I n, I steps, I size, I reverse) {
    typedef Wide<T> A;
    extern __shared__ double room[];
    I width = 3 * size;
    A *w = (A*)room, *rest = w + width * size, *d = rest + SEQUENCES * size, *terms = d + SEQUENCES * width;
    local(I, i, width * size) w[i] = wide(weight[i]);
    for (I group = (I)blockIdx.x; group < total; group += (I)gridDim.x) {
        I first = group * SEQUENCES, rows = n - first < SEQUENCES ? n - first : (I)SEQUENCES;
        local(I, i, SEQUENCES * width) d[i] = terms[i] = 0;
        local(I, i, rows * size) rest[i] = wide(gh[first * size + i]);
        __syncthreads();
        for (I s = steps - 1; s >= 0; s--) {
            I step = reverse ? steps - 1 - s : s, row = step * n + first, before = (reverse ? step + 1 : step - 1) * n + first;
            local(I, i, rows * size) {
                I sequence = i / size, unit = i % size, at = (row + sequence) * width + unit;
                A dh = wide(narrow<T>(rest[i] + sum_of_terms(terms + sequence * width + unit, size, width)));
                if (g_out) dh += wide(g_out[row * size + i]);
                A h = wide(s == 0 ? h0[first * size + i] : out[before * size + i]);
                const T* saved = gates + (row + sequence) * 4 * size + unit;
                rest[i] = wide(narrow<T>(gru_unit_grad(saved, h, dh, dz + at, dm + at, size)));
                for (I part = 0; part < width; part += size) d[sequence * width + unit + part] = wide(dm[at + part]);
            }
            __syncthreads();
            multiply_gradients(w, d, terms, size, width);
            __syncthreads();
        }
        local(I, i, rows * size)
            gh[first * size + i] = narrow<T>(rest[i] + sum_of_terms(terms + i / size * width + i % size, size, width));
        __syncthreads();
    }
}
