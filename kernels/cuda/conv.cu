// Convolution as a product of matrices: every window of the input as a column ("im2col"), and the adjoint ("col2im").
//
//     im2col: cols[n, c, i, j, h, w] = x[n, c, h * stride + i * dilation - padding, ...], 0 outside of x
//     col2im: x[n, c, y, x] = sum of cols[n, c, i, j, h, w] over all taps (i, j) of windows (h, w) at (y, x)
//
// col2im gathers: a thread adds up everything for its element, in the order of the taps. No two threads add to the same
// element, so the sum is the same every time. It takes columns of half precision in single: they are rounded after the sum.
//
// In memory, row (c, i, j) of the columns begins row_step elements after the row before it, and the columns of the next
// image sample_step elements later.

// One thread for each window of each channel. The threads of a window also write the bias of all `outs` channels of the
// convolution's result to y[n, channel, h, w], to which the product of matrices is then added; there may be none.
template <typename T, typename I>
__global__ void im2col(I total, const T* x, T* cols, I channels, I height, I width, I out_height, I out_width,
                       I kernel_height, I kernel_width, I stride_height, I stride_width, I pad_height, I pad_width,
                       I dilation_height, I dilation_width, I sample_step, I row_step, const T* bias, T* y, I outs) {
    each(I, index, total) {
        I w = index % out_width, h = index / out_width % out_height;
        I plane = index / out_width / out_height, c = plane % channels, n = plane / channels;
        const T* from = x + plane * height * width;
        for (I out = c; out < outs; out += channels) y[((n * outs + out) * out_height + h) * out_width + w] = bias[out];
        T* to = cols + n * sample_step + c * kernel_height * kernel_width * row_step + h * out_width + w;
        I top = h * stride_height - pad_height, left = w * stride_width - pad_width;
        for (I i = 0; i < kernel_height; i++) {
            I row = top + i * dilation_height;
            for (I j = 0; j < kernel_width; j++) {
                I column = left + j * dilation_width;
                bool inside = 0 <= row && row < height && 0 <= column && column < width;
                *to = inside ? from[row * width + column] : T{};
                to += row_step;
            }
        }
    }
}

// One thread for each element of x.
template <typename T, typename I>
__global__ void col2im(I total, const Wide<T>* cols, T* x, I channels, I height, I width, I out_height, I out_width,
                       I kernel_height, I kernel_width, I stride_height, I stride_width, I pad_height, I pad_width,
                       I dilation_height, I dilation_width, I sample_step, I row_step) {
    each(I, index, total) {
        I column = index % width + pad_width, row = index / width % height + pad_height;
        I plane = index / width / height, c = plane % channels, n = plane / channels;
        const Wide<T>* from = cols + n * sample_step + c * kernel_height * kernel_width * row_step;
        Wide<T> sum = 0;
        for (I i = 0; i < kernel_height; i++) {
            I top = row - i * dilation_height, h = top / stride_height;
            if (top < 0 || h * stride_height != top || h >= out_height) continue;
            for (I j = 0; j < kernel_width; j++) {
                I left = column - j * dilation_width, w = left / stride_width;
                if (left < 0 || w * stride_width != left || w >= out_width) continue;
                sum += from[(i * kernel_width + j) * row_step + h * out_width + w];
            }
        }
        x[index] = narrow<T>(sum);
    }
}
