// Recurrent layers, forward and backward. The formulas are in `kernels/rnn.py`.
//
// The kernels `…_step` do one step of a batch: everything between two products of matrices, which cuBLAS computes. A thread
// takes one unit of one sequence. The state before the step is in two arrays: for the first `known` sequences in the rows of
// the step before, for the others, which begin here, in the initial state.
//
// The kernels `…_steps` do all steps, with their products: a block takes one or a few sequences, which depend on no others.
//
// The parts of a unit in an array of inputs are `apart` numbers from each other, in an array of results `size`.

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
// unit.
template <typename T, typename I>
__device__ inline void lstm_unit(const T* z, const Wide<T>* m, Wide<T> c_before, T* gates, T* cell, T* y, I apart, I size) {
    Wide<T> i = sigmoid(wide(z[0]) + m[0]), f = sigmoid(wide(z[apart]) + m[apart]);
    Wide<T> g = tanh(wide(z[2 * apart]) + m[2 * apart]), o = sigmoid(wide(z[3 * apart]) + m[3 * apart]);
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
__device__ inline Wide<T> lstm_unit_grad(const T* gates, T cell, Wide<T> c_before, Wide<T> dy, Wide<T> dc, T* da, I apart,
                                         I size) {
    Wide<T> i = wide(gates[0]), f = wide(gates[apart]), g = wide(gates[2 * apart]), o = wide(gates[3 * apart]);
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
        lstm_unit(z + at, m + at, c, gates + at, cells + index, y + index, size, size);
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
        gc[index] = narrow<T>(lstm_unit_grad(gates + at, cells[index], c, dy, wide(gc[index]), da + at, size, size));
    }
}

// r, u = sigmoid of the first two parts of z + m; n = tanh(z_n + r * m_n); h = (1 - u) * n + u * h_before. `bias`, or null, is
// added to m. For the backward pass r, u, n and m_n are stored.
template <typename T, typename I>
__device__ inline void gru_unit(const T* z, const Wide<T>* m, const T* bias, Wide<T> h_before, T* gates, T* out, I apart,
                                I size) {
    Wide<T> m_r = m[0], m_u = m[apart], m_n = m[2 * apart];
    if (bias) {
        m_r += wide(bias[0]);
        m_u += wide(bias[size]);
        m_n += wide(bias[2 * size]);
    }
    Wide<T> r = sigmoid(wide(z[0]) + m_r), u = sigmoid(wide(z[apart]) + m_u), n = tanh(wide(z[2 * apart]) + r * m_n);
    gates[0] = narrow<T>(r);
    gates[size] = narrow<T>(u);
    gates[2 * size] = narrow<T>(n);
    gates[3 * size] = narrow<T>(m_n);
    *out = narrow<T>((1 - u) * n + u * h_before);
}

// The gradients of the parts of z and m, from `d`, that of h. Returns the part of the gradient of the state before that does
// not go through m.
template <typename T, typename I>
__device__ inline Wide<T> gru_unit_grad(const T* gates, Wide<T> h_before, Wide<T> d, T* dz, T* dm, I apart, I size) {
    Wide<T> r = wide(gates[0]), u = wide(gates[apart]), n = wide(gates[2 * apart]), m_n = wide(gates[3 * apart]);
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
        gru_unit(z + at, m + at, bias ? bias + unit : bias, h, gates + to, out + index, size, size);
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
        gh[index] = narrow<T>(gru_unit_grad(gates + from, h, d, dz + at, dm + at, size, size));
    }
}

// ---- all steps in one launch
//
// `n` sequences have `steps` steps each; step t of sequence s is row t * n + s. In each step a unit needs one or more sums: in
// the forward pass, of the state times its rows of the weight; in the backward pass, of the gradients of all parts times its
// column of the weight. LANES neighbouring threads add up the sums of a unit together, then one of them does the rest of the
// step for that unit of that sequence. What the next step multiplies, its `vector`, is in shared memory twice, for the step
// that reads it and for the step that writes it, so that a step needs one barrier.
//
// `weight` has a row of `length` numbers for each sum of each unit; the numbers behind those of the layer are 0, as they are
// in the vectors. With few sequences, and states of at most KEPT bytes, a block has one sequence, which is `alone`, and each
// thread keeps its numbers of the weight in registers for all steps. Otherwise a block has SEQUENCES sequences, for which it
// reads the weight once a step, from the caches.

constexpr int LANES = 8, SEQUENCES = 4, KEPT = 256;

// The q-th chunk of a row that a thread multiplies: neighbouring threads take neighbouring chunks.
template <typename A> __device__ inline Chunk<A> chunk_of(const A* row, int q, int lane) {
    return *(const Chunk<A>*)(row + (q * LANES + lane) * Chunk<A>::SIZE);
}

// Where a thread is: the sequence, the unit, the row of this step, and of the step before it in time unless it is the `first`.
// `begins` in the pass's first step, and `ends` in its last one: of a backward pass it is one step more, which has only the sums.
template <typename I> struct Place {
    I sequence, row, before;
    int unit, size;
    bool first, begins, ends;
    __device__ I state() const { return sequence * size + unit; }
    __device__ I now(I parts) const { return row * parts * size + unit; }
    __device__ I earlier() const { return before * size + unit; }
};

// The sums of LANES threads for COUNT sequences, added up: each thread gets those of one sequence. First each half of the
// threads gives away the sequences of the other half, until a thread has one; then they add theirs.
template <int PARTS, int COUNT, typename A>
__device__ inline void add_lanes(A (&sums)[PARTS][COUNT], A (&m)[PARTS], int lane) {
    int left = COUNT, apart = LANES / 2;
#pragma unroll
    for (; left > 1; left /= 2, apart /= 2)
#pragma unroll
        for (int p = 0; p < PARTS; p++)
#pragma unroll
            for (int r = 0; r < left / 2; r++) {
                A low = sums[p][r], high = sums[p][r + left / 2];
                bool upper = lane & apart;
                sums[p][r] = (upper ? high : low) + __shfl_xor_sync(0xffffffffu, upper ? low : high, apart);
            }
#pragma unroll
    for (int p = 0; p < PARTS; p++) {
        m[p] = sums[p][0];
#pragma unroll
        for (int step = LANES / COUNT / 2; step; step /= 2) m[p] += __shfl_xor_sync(0xffffffffu, m[p], step);
    }
}

template <int COUNT, bool KEEP, typename Layer, typename I>
__device__ inline void take_steps(const Layer& layer, const typename Layer::A* weight, I groups, I n, I steps, int size,
                                  int length, I reverse) {
    typedef typename Layer::A A;
    constexpr int PARTS = Layer::PARTS, STRIDE = LANES * Chunk<A>::SIZE;
    constexpr int CHUNKS = KEEP ? KEPT / (int)sizeof(A) * Layer::VECTORS / STRIDE : 1;
    constexpr int UNROLLED = KEEP ? CHUNKS : PARTS == 1 ? 4 : 1;
    extern __shared__ double room[];
    if (KEEP) length = CHUNKS * STRIDE;
    A *vectors = (A*)room, *carried = vectors + 2 * COUNT * length;
    int lane = (int)threadIdx.x % LANES, mine = lane / (LANES / COUNT);  // the sequence whose unit this thread computes
    int in_warp = (int)threadIdx.x % 32 / LANES, from_unit = (int)threadIdx.x / 32 * (32 / LANES);
    int together = (int)blockDim.x / LANES, passes = KEEP ? 1 : (size + together - 1) / together;
    Chunk<A> kept[PARTS][CHUNKS];
    if (KEEP) {
        int unit = from_unit + in_warp < size ? from_unit + in_warp : size - 1;
#pragma unroll
        for (int p = 0; p < PARTS; p++)
#pragma unroll
            for (int q = 0; q < CHUNKS; q++) kept[p][q] = chunk_of(weight + (p * size + unit) * length, q, lane);
    }
    for (I group = (I)blockIdx.x; group < groups; group += (I)gridDim.x) {
        I first = group * COUNT, rows = n - first < COUNT ? n - first : (I)COUNT, end = steps + (Layer::BACKWARD ? 1 : 0);
        __syncthreads();
        for (int i = (int)threadIdx.x; i < 2 * COUNT * length; i += (int)blockDim.x) {
            vectors[i] = 0;
            if constexpr (!Layer::BACKWARD) {
                int r = i / length, k = i % length;
                if (r < rows && k < size) vectors[i] = wide(layer.h0[(first + r) * size + k]);
            }
        }
        for (I s = 0; s < end; s++) {
            A *from = vectors + (int)(s % 2) * COUNT * length;
            A *to = vectors + ((int)((s + 1) % 2) * COUNT + mine) * length;
            I t = (reverse != 0) != Layer::BACKWARD ? steps - 1 - s : s;
            __syncthreads();
            for (int pass = 0; pass < passes; pass++) {
                // Every second step takes the units in reverse: it begins with those that are still in the cache.
                int base = (s % 2 ? passes - 1 - pass : pass) * together + from_unit, unit = base + in_warp;
                if (base >= size) continue;
                bool computes = unit < size && mine < rows && lane % (LANES / COUNT) == 0;
                I row = t * n + first + mine, before = (reverse ? t + 1 : t - 1) * n + first + mine;
                bool is_first = t == (reverse ? steps - 1 : (I)0);
                Place<I> place = {first + mine, row, before, unit, size, is_first, s == 0, s == end - 1};
                typename Layer::Inputs inputs;
                if (computes && !(Layer::BACKWARD && place.ends)) layer.read(place, inputs);
                A sums[PARTS][COUNT] = {};
                if (unit >= size) unit = size - 1;
#pragma unroll (UNROLLED)
                for (int q = 0; q < (KEEP ? CHUNKS : length / STRIDE); q++) {
                    Chunk<A> v[COUNT];
#pragma unroll
                    for (int r = 0; r < COUNT; r++) v[r] = chunk_of(from + r * length, q, lane);
#pragma unroll
                    for (int p = 0; p < PARTS; p++) {
                        Chunk<A> w;
                        if (KEEP) w = kept[p][q];
                        else w = chunk_of(weight + (p * size + unit) * length, q, lane);
#pragma unroll
                        for (int r = 0; r < COUNT; r++)
#pragma unroll
                            for (int i = 0; i < Chunk<A>::SIZE; i++) sums[p][r] += w.of[i] * v[r].of[i];
                    }
                }
                A m[PARTS];
                add_lanes(sums, m, lane);
                if (computes) layer.step(place, inputs, m, carried[mine * size + place.unit], to + place.unit);
            }
        }
    }
}

template <typename Layer, typename I>
__device__ inline void all_steps(const Layer& layer, const typename Layer::A* weight, I groups, I n, I steps, int size,
                                 int length, I reverse, I alone) {
    if (alone) take_steps<1, true>(layer, weight, groups, n, steps, size, length, reverse);
    else take_steps<SEQUENCES, false>(layer, weight, groups, n, steps, size, length, reverse);
}

// A layer has PARTS sums for a unit, and vectors of VECTORS numbers for a unit. `read` gets what a step needs besides, before
// the sums are known; `step` computes and stores one unit of one step; `carried` is its own number from step to step, and `to`
// what is next multiplied.
template <typename T, typename I> struct RnnLayer {
    typedef Wide<T> A;
    static constexpr int PARTS = 1, VECTORS = 1;
    static constexpr bool BACKWARD = false;
    struct Inputs {
        T z;
    };
    const T *z, *h0;
    T *out, *h_n;
    I relu;
    __device__ void read(const Place<I>& at, Inputs& in) const { in.z = z[at.now(1)]; }
    __device__ void step(const Place<I>& at, const Inputs& in, const A* m, A&, A* to) const {
        T h = out[at.now(1)] = narrow<T>(rnn_unit(wide(in.z) + m[0], relu));
        *to = wide(h);
        if (at.ends) h_n[at.state()] = h;
    }
};

// Here and in the other backward layers `g_h` is the gradient of the last states, or null for 0, and `gh` is filled with the
// gradient of the initial ones; `h_before` is filled with the states before each step, for the gradient of the weight.
template <typename T, typename I> __device__ inline T given(const T* g, const Place<I>& at) {
    return g ? g[at.state()] : narrow<T>((Wide<T>)0);
}

template <typename T, typename I> struct RnnLayerGrad {
    typedef Wide<T> A;
    static constexpr int PARTS = 1, VECTORS = 1;
    static constexpr bool BACKWARD = true;
    struct Inputs {
        T h, h_before, g;
    };
    const T *out, *h0, *g_out, *g_h;
    T *gh, *da, *h_before;
    I relu;
    __device__ void read(const Place<I>& at, Inputs& in) const {
        in.h = out[at.now(1)];
        in.h_before = at.first ? h0[at.state()] : out[at.earlier()];
        if (g_out) in.g = g_out[at.now(1)];
    }
    __device__ void step(const Place<I>& at, const Inputs& in, const A* m, A&, A* to) const {
        T incoming = at.begins ? given(g_h, at) : narrow<T>(m[0]);
        if (at.ends) {
            gh[at.state()] = incoming;
            return;
        }
        A g = wide(incoming);
        if (g_out) g += wide(in.g);
        *to = wide(da[at.now(1)] = narrow<T>(rnn_unit_grad(wide(in.h), g, relu)));
        h_before[at.now(1)] = in.h_before;
    }
};

template <typename T, typename I> struct LstmLayer {
    typedef Wide<T> A;
    static constexpr int PARTS = 4, VECTORS = 1;
    static constexpr bool BACKWARD = false;
    struct Inputs {
        T z[4];
    };
    const T *z, *h0, *c0;
    T *gates, *cells, *out, *h_n, *c_n;
    __device__ void read(const Place<I>& at, Inputs& in) const {
        for (int p = 0; p < 4; p++) in.z[p] = z[at.now(4) + p * at.size];
    }
    __device__ void step(const Place<I>& at, const Inputs& in, const A* m, A& c, A* to) const {
        T cell, y;
        lstm_unit(in.z, m, at.begins ? wide(c0[at.state()]) : c, gates + at.now(4), &cell, &y, 1, at.size);
        c = wide(cells[at.now(1)] = cell);
        *to = wide(out[at.now(1)] = y);
        if (at.ends) {
            h_n[at.state()] = y;
            c_n[at.state()] = cell;
        }
    }
};

template <typename T, typename I> struct LstmLayerGrad {
    typedef Wide<T> A;
    static constexpr int PARTS = 1, VECTORS = 4;
    static constexpr bool BACKWARD = true;
    struct Inputs {
        T gates[4], cell, c_before, h_before, g;
    };
    const T *gates, *cells, *out, *h0, *c0, *g_out, *g_h, *g_c;
    T *gh, *gc, *da, *h_before;
    __device__ void read(const Place<I>& at, Inputs& in) const {
        for (int p = 0; p < 4; p++) in.gates[p] = gates[at.now(4) + p * at.size];
        in.cell = cells[at.now(1)];
        in.c_before = at.first ? c0[at.state()] : cells[at.earlier()];
        in.h_before = at.first ? h0[at.state()] : out[at.earlier()];
        if (g_out) in.g = g_out[at.now(1)];
    }
    __device__ void step(const Place<I>& at, const Inputs& in, const A* m, A& dc, A* to) const {
        T incoming = at.begins ? given(g_h, at) : narrow<T>(m[0]);
        if (at.ends) {
            gh[at.state()] = incoming;
            gc[at.state()] = narrow<T>(dc);
            return;
        }
        A dy = wide(incoming), d = at.begins ? wide(given(g_c, at)) : dc;
        if (g_out) dy += wide(in.g);
        T g[4];
        dc = wide(narrow<T>(lstm_unit_grad(in.gates, in.cell, wide(in.c_before), dy, d, g, 1, 1)));
        for (int p = 0; p < 4; p++) to[p * at.size] = wide(da[at.now(4) + p * at.size] = g[p]);
        h_before[at.now(1)] = in.h_before;
    }
};

template <typename T, typename I> struct GruLayer {
    typedef Wide<T> A;
    static constexpr int PARTS = 3, VECTORS = 1;
    static constexpr bool BACKWARD = false;
    struct Inputs {
        T z[3];
    };
    const T *z, *h0, *bias;
    T *gates, *out, *h_n;
    __device__ void read(const Place<I>& at, Inputs& in) const {
        for (int p = 0; p < 3; p++) in.z[p] = z[at.now(3) + p * at.size];
    }
    __device__ void step(const Place<I>& at, const Inputs& in, const A* m, A& h, A* to) const {
        T y;
        A h_before = at.begins ? wide(h0[at.state()]) : h;
        gru_unit(in.z, m, bias ? bias + at.unit : bias, h_before, gates + at.now(4), &y, 1, at.size);
        *to = h = wide(out[at.now(1)] = y);
        if (at.ends) h_n[at.state()] = y;
    }
};

template <typename T, typename I> struct GruLayerGrad {
    typedef Wide<T> A;
    static constexpr int PARTS = 1, VECTORS = 3;
    static constexpr bool BACKWARD = true;
    struct Inputs {
        T gates[4], h_before, g;
    };
    const T *gates, *out, *h0, *g_out, *g_h;
    T *gh, *dz, *dm, *h_before;
    __device__ void read(const Place<I>& at, Inputs& in) const {
        for (int p = 0; p < 4; p++) in.gates[p] = gates[at.now(4) + p * at.size];
        in.h_before = at.first ? h0[at.state()] : out[at.earlier()];
        if (g_out) in.g = g_out[at.now(1)];
    }
    __device__ void step(const Place<I>& at, const Inputs& in, const A* m, A& rest, A* to) const {
        T incoming = at.begins ? given(g_h, at) : narrow<T>(rest + m[0]);
        if (at.ends) {
            gh[at.state()] = incoming;
            return;
        }
        A d = wide(incoming);
        if (g_out) d += wide(in.g);
        T through_z[3], through_m[3];
        rest = wide(narrow<T>(gru_unit_grad(in.gates, wide(in.h_before), d, through_z, through_m, 1, 1)));
        for (int p = 0; p < 3; p++) {
            dz[at.now(3) + p * at.size] = through_z[p];
            to[p * at.size] = wide(dm[at.now(3) + p * at.size] = through_m[p]);
        }
        h_before[at.now(1)] = in.h_before;
    }
};

#define SIZES I n, I steps, I size, I length, I reverse, I alone
#define RUN(...) all_steps(__VA_ARGS__, weight, groups, n, steps, (int)size, (int)length, reverse, alone)

template <typename T, typename I>
__global__ void __launch_bounds__(512, 1) rnn_steps(I groups, const Wide<T>* weight, const T* z, const T* h0, T* out, T* h_n,
                                                    SIZES, I relu) {
    RUN(RnnLayer<T, I>{z, h0, out, h_n, relu});
}

template <typename T, typename I>
__global__ void __launch_bounds__(512, 1) rnn_steps_grad(I groups, const Wide<T>* weight, const T* out, const T* h0,
                                                         const T* g_out, const T* g_h, T* gh, T* da, T* h_before, SIZES,
                                                         I relu) {
    RUN(RnnLayerGrad<T, I>{out, h0, g_out, g_h, gh, da, h_before, relu});
}

template <typename T, typename I>
__global__ void __launch_bounds__(512, 1) lstm_steps(I groups, const Wide<T>* weight, const T* z, const T* h0, const T* c0,
                                                     T* gates, T* cells, T* out, T* h_n, T* c_n, SIZES) {
    RUN(LstmLayer<T, I>{z, h0, c0, gates, cells, out, h_n, c_n});
}

template <typename T, typename I>
__global__ void __launch_bounds__(512, 1) lstm_steps_grad(I groups, const Wide<T>* weight, const T* gates, const T* cells,
                                                          const T* out, const T* h0, const T* c0, const T* g_out,
                                                          const T* g_h, const T* g_c, T* gh, T* gc, T* da, T* h_before,
                                                          SIZES) {
    RUN(LstmLayerGrad<T, I>{gates, cells, out, h0, c0, g_out, g_h, g_c, gh, gc, da, h_before});
}

template <typename T, typename I>
__global__ void __launch_bounds__(512, 1) gru_steps(I groups, const Wide<T>* weight, const T* z, const T* h0, const T* bias,
                                                    T* gates, T* out, T* h_n, SIZES) {
    RUN(GruLayer<T, I>{z, h0, bias, gates, out, h_n});
}

template <typename T, typename I>
__global__ void __launch_bounds__(512, 1) gru_steps_grad(I groups, const Wide<T>* weight, const T* gates, const T* out,
                                                         const T* h0, const T* g_out, const T* g_h, T* gh, T* dz, T* dm,
                                                         T* h_before, SIZES) {
    RUN(GruLayerGrad<T, I>{gates, out, h0, g_out, g_h, gh, dz, dm, h_before});
}
