// Pooling in two dimensions, a thread for each element of the result. Values and positions as in `kernels/pooling.py`.

// The first position along one dimension that window `start` sees, moved into the input if it sees none.
template <typename I> __device__ inline I first_seen(I start, I dilation, I size) {
    I first = start < 0 ? (dilation + start % dilation) % dilation : start;
    return first < size ? first : size - 1;
}

// The largest value of every window and its position: of equals the first, of NaNs the last.
template <typename T, typename I>
__global__ void max_pool2d(I total, const T* x, T* values, long long* positions, I height, I width, I out_height,
                           I out_width, I kernel_height, I kernel_width, I stride_height, I stride_width, I pad_height,
                           I pad_width, I dilation_height, I dilation_width) {
    each(I, index, total) {
        I w = index % out_width, h = index / out_width % out_height, plane = index / out_width / out_height;
        I top = h * stride_height - pad_height, left = w * stride_width - pad_width;
        const T* from = x + plane * height * width;
        Wide<T> best = Lowest<Wide<T>>::value();
        I place = first_seen(top, dilation_height, height) * width + first_seen(left, dilation_width, width);
        for (I i = 0; i < kernel_height; i++) {
            I row = top + i * dilation_height;
            if (row < 0 || row >= height) continue;
            for (I j = 0; j < kernel_width; j++) {
                I column = left + j * dilation_width;
                if (column < 0 || column >= width) continue;
                Wide<T> value = wide(from[row * width + column]);
                if (value > best || value != value) {
                    best = value;
                    place = row * width + column;
                }
            }
        }
        values[index] = narrow<T>(best);
        positions[index] = place;
    }
}

// The gradient of max_pool2d, in two steps: for each position of the input a list of the outputs that came from it, then
// the sum of their gradients. Threads insert outputs into a list in any order; the sum is taken in the order of the
// outputs' numbers, and so is the same every time.
//
// Lists: `heads[position]` is the number + 1 of an output, `nexts[number]` the number + 1 of the next one, 0 at the end.
__device__ inline int exchange(int* where, int value) { return atomicExch(where, value); }
__device__ inline long long exchange(long long* where, long long value) {
    return (long long)atomicExch((unsigned long long*)where, (unsigned long long)value);
}

template <typename T, typename I>
__global__ void list_outputs(I total, const T* positions, I* heads, I* nexts, I plane_size, I out_plane_size) {
    each(I, number, total) {
        I plane = number / out_plane_size;
        nexts[number] = exchange(heads + plane * plane_size + (I)positions[number], number + 1);
    }
}

template <typename T, typename I>
__global__ void add_listed(I total, const T* g, const I* heads, const I* nexts, T* x_grad) {
    each(I, position, total) {
        Wide<T> sum = 0;
        for (I done = 0;;) {
            I least = 0;  // among the outputs that are not added yet
            for (I one = heads[position]; one; one = nexts[one - 1])
                if (one > done && (least == 0 || one < least)) least = one;
            if (least == 0) break;
            sum += wide(g[least - 1]);
            done = least;
        }
        x_grad[position] = narrow<T>(sum);
    }
}

template <typename T, typename I>
__global__ void max_pool2d_gather(I total, const T* x, const long long* positions, T* out, I plane_size,
                                  I out_plane_size) {
    each(I, index, total) { out[index] = x[index / out_plane_size * plane_size + (I)positions[index]]; }
}

// The divisor of a window: `fixed`, or if that is 0 the number of its positions that count.
template <typename I>
__device__ inline I divisor(I h, I w, I height, I width, I kernel_height, I kernel_width, I stride_height,
                            I stride_width, I pad_height, I pad_width, I count_padding, I fixed) {
    if (fixed) return fixed;
    I top = h * stride_height - pad_height, left = w * stride_width - pad_width;
    I bottom = min(top + kernel_height, height + pad_height), right = min(left + kernel_width, width + pad_width);
    if (count_padding) return (bottom - top) * (right - left);
    return (min(bottom, height) - max(top, (I)0)) * (min(right, width) - max(left, (I)0));
}

template <typename T, typename I>
__global__ void avg_pool2d(I total, const T* x, T* out, I height, I width, I out_height, I out_width, I kernel_height,
                           I kernel_width, I stride_height, I stride_width, I pad_height, I pad_width, I count_padding,
                           I fixed) {
    each(I, index, total) {
        I w = index % out_width, h = index / out_width % out_height, plane = index / out_width / out_height;
        I top = h * stride_height - pad_height, left = w * stride_width - pad_width;
        const T* from = x + plane * height * width;
        Wide<T> sum = 0;
        for (I row = max(top, (I)0); row < min(top + kernel_height, height); row++)
            for (I column = max(left, (I)0); column < min(left + kernel_width, width); column++)
                sum += wide(from[row * width + column]);
        out[index] = narrow<T>(sum / (Wide<T>)divisor(h, w, height, width, kernel_height, kernel_width, stride_height,
                                                      stride_width, pad_height, pad_width, count_padding, fixed));
    }
}

// A thread for each element of x: the sum over all windows that contain it, in the order of the windows.
template <typename T, typename I>
__global__ void avg_pool2d_grad(I total, const T* g, T* x_grad, I height, I width, I out_height, I out_width,
                                I kernel_height, I kernel_width, I stride_height, I stride_width, I pad_height,
                                I pad_width, I count_padding, I fixed) {
    each(I, index, total) {
        I column = index % width + pad_width, row = index / width % height + pad_height;
        const T* from = g + index / width / height * out_height * out_width;
        I first_h = row < kernel_height ? 0 : (row - kernel_height) / stride_height + 1;
        I first_w = column < kernel_width ? 0 : (column - kernel_width) / stride_width + 1;
        Wide<T> sum = 0;
        for (I h = first_h; h < min(row / stride_height + 1, out_height); h++)
            for (I w = first_w; w < min(column / stride_width + 1, out_width); w++)
                sum += wide(from[h * out_width + w]) /
                       (Wide<T>)divisor(h, w, height, width, kernel_height, kernel_width, stride_height, stride_width,
                                        pad_height, pad_width, count_padding, fixed);
        x_grad[index] = narrow<T>(sum);
    }
}

// Window i of m along a dimension of size n covers the positions first(i, n, m) <= p < last(i, n, m). Conversely,
// position i is in the windows first(i, m, n) <= w < last(i, m, n).
template <typename I> __device__ inline I first(I i, I n, I m) { return (I)((long long)i * n / m); }
template <typename I> __device__ inline I last(I i, I n, I m) { return (I)(((long long)(i + 1) * n + m - 1) / m); }

template <typename T, typename I>
__global__ void adaptive_avg_pool2d(I total, const T* x, T* out, I height, I width, I out_height, I out_width) {
    each(I, index, total) {
        I w = index % out_width, h = index / out_width % out_height;
        const T* from = x + index / out_width / out_height * height * width;
        I top = first(h, height, out_height), bottom = last(h, height, out_height);
        I left = first(w, width, out_width), right = last(w, width, out_width);
        Wide<T> sum = 0;
        for (I row = top; row < bottom; row++)
            for (I column = left; column < right; column++) sum += wide(from[row * width + column]);
        out[index] = narrow<T>(sum / (Wide<T>)((bottom - top) * (right - left)));
    }
}

template <typename T, typename I>
__global__ void adaptive_avg_pool2d_grad(I total, const T* g, T* x_grad, I height, I width, I out_height, I out_width) {
    each(I, index, total) {
        I column = index % width, row = index / width % height;
        const T* from = g + index / width / height * out_height * out_width;
        Wide<T> sum = 0;
        for (I h = first(row, out_height, height); h < last(row, out_height, height); h++) {
            I rows = last(h, height, out_height) - first(h, height, out_height);
            for (I w = first(column, out_width, width); w < last(column, out_width, width); w++) {
                I columns = last(w, width, out_width) - first(w, width, out_width);
                sum += wide(from[h * out_width + w]) / (Wide<T>)(rows * columns);
            }
        }
        x_grad[index] = narrow<T>(sum);
    }
}
