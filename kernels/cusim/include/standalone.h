// The main function of an executable that runs one kernel once: how the sanitizers see a kernel, without an interpreter
// around it. Usage: PROGRAM SYMBOL JOB RESULT. The job (written by kernels/cusim/sanitize.py) is, in native byte order:
// grid and block (6 × u32), dynamic shared memory (u64), order and seed (2 × u32), the numbers of buffers and of
// parameters (2 × u32); for each buffer its size (u64) and bytes; for each parameter either u32 1, the buffer (i32, -1
// for null) and the offset in it (u64), or u32 0, the size (u32) and bytes. The result is the buffers' bytes afterwards.
#pragma once

#include <dlfcn.h>

#include <cstdio>
#include <string>
#include <vector>

#include "cusim/abi.h"

namespace cusim {

struct Job {
    FILE* file;
    template <class T>
    T read() {
        T value;
        bytes(&value, sizeof value);
        return value;
    }
    void bytes(void* to, size_t size) {
        if (size && fread(to, 1, size, file) != size) {
            fprintf(stderr, "the job ends early\n");
            exit(3);
        }
    }
};

struct Buffer {
    char* memory;
    size_t size;
};

}  // namespace cusim

int main(int, char** arguments) {
    using namespace cusim;
    std::string symbol = std::string("cusim_kernel_") + arguments[1];
    auto* kernel = static_cast<const KernelInfo*>(dlsym(RTLD_DEFAULT, symbol.c_str()));
    Job job{fopen(arguments[2], "rb")};
    if (!kernel || !job.file) return fprintf(stderr, "no kernel %s, or no job\n", arguments[1]), 3;

    Launch launch{};
    for (unsigned& n : launch.grid) n = job.read<uint32_t>();
    for (unsigned& n : launch.block) n = job.read<uint32_t>();
    launch.shared_bytes = job.read<uint64_t>();
    launch.order = Order(job.read<uint32_t>());
    launch.seed = job.read<uint32_t>();
    unsigned buffer_count = job.read<uint32_t>(), parameter_count = job.read<uint32_t>();
    std::vector<Buffer> buffers;
    for (unsigned i = 0; i < buffer_count; i++) {
        size_t size = job.read<uint64_t>();
        buffers.push_back({static_cast<char*>(malloc(size)), size});  // exactly: the address sanitizer sees the ends
        job.bytes(buffers.back().memory, size);
    }
    std::vector<std::vector<char>> values;
    for (unsigned i = 0; i < parameter_count; i++) {
        if (job.read<uint32_t>() == 0) {
            values.emplace_back(job.read<uint32_t>());
            job.bytes(values.back().data(), values.back().size());
            continue;
        }
        int buffer = job.read<int32_t>();
        size_t offset = job.read<uint64_t>();
        char* pointer = buffer < 0 ? nullptr : buffers[buffer].memory + offset;
        values.emplace_back(reinterpret_cast<char*>(&pointer), reinterpret_cast<char*>(&pointer) + sizeof pointer);
    }
    std::vector<void*> addresses;
    for (auto& value : values) addresses.push_back(value.data());

    if (kernel->run(&launch, addresses.data())) return fprintf(stderr, "%s\n", launch.error), 4;

    FILE* result = fopen(arguments[3], "wb");
    for (Buffer& buffer : buffers) fwrite(buffer.memory, 1, buffer.size, result);
    return fclose(result) == 0 ? 0 : 3;
}
