// The packages of CUDA's headers lack this one; CuPy calls these two.
#pragma once
extern "C" {
cudaError_t cudaProfilerStart(void);
cudaError_t cudaProfilerStop(void);
}
