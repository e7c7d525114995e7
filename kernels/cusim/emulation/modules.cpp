// Modules and kernels. A module's image is the path of a shared object that kernels/cusim/compiler.py made.
#include <cuda.h>
#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "memory.h"
#include "state.h"
#include "streams.h"

#undef cuModuleGetGlobal

namespace cusim {

namespace {
constexpr char image_mark[] = "cusim:";

struct Module {
    void* library;
};

struct Function {
    const KernelInfo* kernel;
    unsigned shared_limit = 48 * 1024;  // without asking for more
};

// ---- a kernel that accesses memory it may not is stopped and reported, as on a GPU

sigjmp_buf out_of_kernel;
volatile sig_atomic_t in_kernel = 0;
void* volatile touched = nullptr;

void on_fault(int signal_number, siginfo_t* info, void*) {
    if (in_kernel) {
        touched = info->si_addr;
        siglongjmp(out_of_kernel, 1);
    }
    signal(signal_number, SIG_DFL);  // not ours: the instruction is run again, and fails as it would have
}

struct FaultHandler {
    struct sigaction segv_before, bus_before;
    FaultHandler() {
        struct sigaction action {};
        action.sa_sigaction = on_fault;
        action.sa_flags = SA_SIGINFO | SA_NODEFER;
        sigaction(SIGSEGV, &action, &segv_before);
        sigaction(SIGBUS, &action, &bus_before);
    }
    ~FaultHandler() {
        in_kernel = 0;
        sigaction(SIGSEGV, &segv_before, nullptr);
        sigaction(SIGBUS, &bus_before, nullptr);
    }
};

struct Use {
    uint64_t launches = 0, threads = 0;
    double seconds = 0;
};
std::map<std::string, Use> uses;  // by kernel

double seconds() {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

void* stacks = nullptr;

int run(const KernelInfo* kernel, Launch& launch, void** arguments) {
    if (lost) return lost;
    counters.launches++;
    launch.stacks = stacks;
    launch.order = options.order;
    launch.seed = options.seed + unsigned(counters.launches);
    launch.lenient = !options.strict;
    launch.is_device_pointer = usable_by_kernel;
    double started = seconds();
    FaultHandler handler;
    int error;
    if (sigsetjmp(out_of_kernel, 0) == 0) {
        in_kernel = 1;
        error = kernel->run(&launch, arguments);
    } else {
        error = illegal_address;
        snprintf(launch.error, sizeof launch.error, "an access to %s", describe_address(touched));
    }
    stacks = launch.stacks;
    Use& use = uses[kernel->name];
    use.launches++;
    use.threads += uint64_t(launch.grid[0]) * launch.grid[1] * launch.grid[2] * launch.block[0] * launch.block[1] * launch.block[2];
    use.seconds += seconds() - started;
    if (!error) return success;
    fprintf(stderr, "cusim: kernel %s: %s\n", kernel->name, launch.error);
    return lost = refuse(error, "kernel %s: %s", kernel->name, launch.error);
}

// The values of a kernel's parameters, for later.
struct Arguments {
    std::vector<std::vector<char>> values;
    Arguments(const KernelInfo* kernel, void** from) {
        for (unsigned i = 0; i < kernel->parameter_count; i++) {
            auto* bytes = static_cast<char*>(from[i]);
            values.emplace_back(bytes, bytes + kernel->parameters[i].size);
        }
    }
    std::vector<void*> addresses() {
        std::vector<void*> all;
        for (auto& value : values) all.push_back(value.data());
        return all;
    }
};

int load(CUmodule* to, const char* image) {
    if (strncmp(image, image_mark, strlen(image_mark)) != 0)
        return refuse(invalid_image, "expected a kernel compiled for the emulation, but got another image (a prebuilt cubin or PTX)");
    void* library = dlopen(image + strlen(image_mark), RTLD_NOW | RTLD_LOCAL);
    if (!library) return refuse(invalid_image, "%s", dlerror());
    *to = reinterpret_cast<CUmodule>(new Module{library});
    return success;
}
}  // namespace

}  // namespace cusim

using namespace cusim;

extern "C" {

// Print the kernels that ran, the longest first, to standard error.
void cusim_print_kernels() {
    Lock lock;
    std::vector<std::pair<std::string, Use>> all(uses.begin(), uses.end());
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second.seconds > b.second.seconds; });
    fprintf(stderr, "%10s %10s %14s  kernel\n", "seconds", "launches", "threads");
    for (const auto& [name, use] : all)
        fprintf(stderr, "%10.3f %10llu %14llu  %s\n", use.seconds, (unsigned long long)use.launches,
                (unsigned long long)use.threads, name.c_str());
}

CUresult CUDAAPI cuModuleLoadData(CUmodule* to, const void* image) {
    Lock lock;
    return CUresult(load(to, static_cast<const char*>(image)));
}
CUresult CUDAAPI cuModuleLoad(CUmodule* to, const char* path) {
    Lock lock;
    FILE* file = fopen(path, "rb");
    if (!file) return CUresult(refuse(file_not_found, "no such file: %s", path));
    char image[4096];
    image[fread(image, 1, sizeof image - 1, file)] = 0;
    fclose(file);
    return CUresult(load(to, image));
}
CUresult CUDAAPI cuModuleUnload(CUmodule module) {
    Lock lock;
    delete reinterpret_cast<Module*>(module);  // the library stays: captured graphs may refer to it
    return CUDA_SUCCESS;
}
CUresult CUDAAPI cuModuleGetFunction(CUfunction* to, CUmodule module, const char* name) {
    Lock lock;
    std::string symbol = std::string("cusim_kernel_") + name;
    auto* kernel = static_cast<const KernelInfo*>(dlsym(reinterpret_cast<Module*>(module)->library, symbol.c_str()));
    if (!kernel) return CUresult(refuse(symbol_not_found, "named symbol not found: %s", name));
    *to = reinterpret_cast<CUfunction>(new Function{kernel});
    return CUDA_SUCCESS;
}
CUresult CUDAAPI cuModuleGetGlobal_v2(CUdeviceptr*, size_t*, CUmodule, const char* name) {
    return CUresult(refuse(not_supported, "the global variable %s: variables of modules are not emulated", name));
}

CUresult CUDAAPI cuLaunchKernel(CUfunction handle, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                                unsigned block_y, unsigned block_z, unsigned shared_bytes, CUstream stream,
                                void** arguments, void** extra) {
    Lock lock;
    auto* function = reinterpret_cast<Function*>(handle);
    if (extra) return CUresult(refuse(not_supported, "packed kernel arguments are not emulated"));
    if (shared_bytes > function->shared_limit)
        return CUresult(refuse(invalid_value, "kernel %s: %u bytes of dynamic shared memory; the limit is %u (max_dynamic_shared_size_bytes raises it)",
                               function->kernel->name, shared_bytes, function->shared_limit));
    Launch launch{};
    unsigned grid[3] = {grid_x, grid_y, grid_z}, block[3] = {block_x, block_y, block_z};
    memcpy(launch.grid, grid, sizeof grid);
    memcpy(launch.block, block, sizeof block);
    launch.shared_bytes = shared_bytes;
    const KernelInfo* kernel = function->kernel;
    if (!options.lazy && !stream_of(stream)->capture)
        return CUresult(submit(stream, [=] { Launch l = launch; return run(kernel, l, arguments); }));
    auto kept = std::make_shared<Arguments>(kernel, arguments);
    return CUresult(submit(stream, [=] {
        Launch l = launch;
        return run(kernel, l, kept->addresses().data());
    }));
}

CUresult CUDAAPI cuFuncGetAttribute(int* value, CUfunction_attribute which, CUfunction function) {
    switch (which) {
        case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = int(max_block); break;
        case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES:  // g++ knows neither registers nor spills of a GPU
        case CU_FUNC_ATTRIBUTE_NUM_REGS: *value = 0; break;
        case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: *value = int(reinterpret_cast<Function*>(function)->shared_limit); break;
        default: return CUresult(refuse(not_supported, "function attribute %d is not emulated", int(which)));
    }
    return CUDA_SUCCESS;
}
CUresult CUDAAPI cuFuncSetAttribute(CUfunction function, CUfunction_attribute which, int value) {
    if (which == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) return CUDA_SUCCESS;  // a hint
    if (which != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES)
        return CUresult(refuse(not_supported, "function attribute %d is not emulated", int(which)));
    if (value < 0 || unsigned(value) > max_dynamic_shared)
        return CUresult(refuse(invalid_value, "%d bytes of shared memory; no GPU has more than %u", value, max_dynamic_shared));
    reinterpret_cast<Function*>(function)->shared_limit = unsigned(value);
    return CUDA_SUCCESS;
}
CUresult CUDAAPI cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction, int block_size, size_t) {
    *blocks = 2048 / (block_size > 0 ? block_size : 1);
    return CUDA_SUCCESS;
}
CUresult CUDAAPI cuOccupancyMaxPotentialBlockSize(int* grid_size, int* block_size, CUfunction, CUoccupancyB2DSize, size_t, int) {
    *grid_size = 16;
    *block_size = 256;
    return CUDA_SUCCESS;
}

}  // extern "C"
