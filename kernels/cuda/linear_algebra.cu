// Products of matrices, batch by batch, for where cuBLAS may not be called. A block of 256 threads makes a tile of 16 x 16
// elements of the result: it moves along the rows of x and down the columns of y, 16 elements at a time, which its threads
// load into shared memory together. Every matrix may be transposed or have gaps: its strides are given. The last matrices of
// the batch have `last` terms in each sum, the others `inner`: a batch may be the parts of one product's sums.
template <typename T, typename I>
__global__ void matmul(I tiles, const T* x, const T* y, T* out, I rows, I inner, I last, I columns, I x_batch, I x_row, I x_column,
                       I y_batch, I y_row, I y_column) {
    __shared__ T x_tile[16][17];  // a column more, to avoid bank conflicts
    __shared__ T y_tile[16][17];
    const I i = threadIdx.x / 16, j = threadIdx.x % 16, across = (columns + 15) / 16, down = (rows + 15) / 16;
    for (I tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
        I batch = tile / across / down, row = tile / across % down * 16 + i, column = tile % across * 16 + j;
        I terms = tile >= tiles - across * down ? last : inner;
        T sum = 0;
        for (I start = 0; start < terms; start += 16) {
            x_tile[i][j] = row < rows && start + j < terms ? x[batch * x_batch + row * x_row + (start + j) * x_column] : (T)0;
            y_tile[i][j] =
                start + i < terms && column < columns ? y[batch * y_batch + (start + i) * y_row + column * y_column] : (T)0;
            __syncthreads();
            for (int k = 0; k < 16; k++) sum += x_tile[i][k] * y_tile[k][j];
            __syncthreads();
        }
        if (row < rows && column < columns) out[(batch * rows + row) * columns + column] = sum;
    }
}
