// Devices, versions and errors; and the functions that kernels/cusim/emulator.py calls (cusim_…).
#include <cuda.h>
#include <cuda_runtime_api.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "memory.h"
#include "state.h"
#include "streams.h"

#undef cudaGetDeviceProperties  // the headers rename it by version; CuPy links to the name itself

namespace cusim {

static long long from_environment(const char* name, long long otherwise) {
    const char* text = getenv(name);
    return text && *text ? strtoll(text, nullptr, 10) : otherwise;
}

static Options read_options() {
    Options o;
    o.devices = int(from_environment("CUSIM_DEVICES", 1));
    o.capability = int(from_environment("CUSIM_CAPABILITY", 80));
    o.memory = size_t(from_environment("CUSIM_MEMORY", 8LL << 30));
    o.lazy = from_environment("CUSIM_LAZY", 0) != 0;
    o.guarded = from_environment("CUSIM_GUARDED", 0) != 0;
    o.strict = from_environment("CUSIM_STRICT", 0) != 0;
    o.order = Order(from_environment("CUSIM_ORDER", 0));
    o.seed = unsigned(from_environment("CUSIM_SEED", 0));
    return o;
}

Options options = read_options();
Counters counters{};
std::recursive_mutex mutex;
thread_local int current_device = 0;
int lost = 0;

static thread_local int last_code = 0;
static thread_local char last_message[512];

int refuse(int code, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(last_message, sizeof last_message, format, arguments);
    va_end(arguments);
    last_code = code;
    return code;
}

static const char* name_of(int code) {
    switch (code) {
        case success: return "Success";
        case invalid_value: return "InvalidValue";
        case out_of_memory: return "MemoryAllocation";
        case no_such_device: return "InvalidDevice";
        case invalid_image: return "InvalidKernelImage";
        case file_not_found: return "FileNotFound";
        case invalid_handle: return "InvalidResourceHandle";
        case symbol_not_found: return "SymbolNotFound";
        case not_ready: return "NotReady";
        case illegal_address: return "IllegalAddress";
        case launch_failure: return "LaunchFailure";
        case not_supported: return "NotSupported";
        case capture_unsupported: return "StreamCaptureUnsupported";
        case capture_invalidated: return "StreamCaptureInvalidated";
        default: return "Unknown";
    }
}

static const char* message_of(int code) {
    if (code == last_code) return last_message;
    if (code == lost && lost) return "a kernel failed earlier; see the message there";
    return name_of(code);
}

// The names differ: cudaErrorIllegalAddress here, CUDA_ERROR_ILLEGAL_ADDRESS there.
static const char* driver_name_of(int code) {
    static thread_local char name[64];
    char* to = name + snprintf(name, sizeof name, "%s", code == success ? "CUDA" : "CUDA_ERROR");
    for (const char* from = name_of(code); *from; from++) {
        if (*from >= 'A' && *from <= 'Z') *to++ = '_';
        *to++ = *from >= 'a' && *from <= 'z' ? char(*from - 'a' + 'A') : *from;
    }
    *to = 0;
    return name;
}

static int attribute(int which) {
    switch (which) {
        case cudaDevAttrComputeCapabilityMajor: return options.capability / 10;
        case cudaDevAttrComputeCapabilityMinor: return options.capability % 10;
        case cudaDevAttrWarpSize: return int(warp_size);
        case cudaDevAttrMultiProcessorCount: return 8;
        case cudaDevAttrMaxThreadsPerBlock: return int(max_block);
        case cudaDevAttrMaxThreadsPerMultiProcessor: return 2048;
        case cudaDevAttrMaxBlockDimX: case cudaDevAttrMaxBlockDimY: return 1024;
        case cudaDevAttrMaxBlockDimZ: return 64;
        case cudaDevAttrMaxGridDimX: return 0x7fffffff;
        case cudaDevAttrMaxGridDimY: case cudaDevAttrMaxGridDimZ: return 65535;
        case cudaDevAttrMaxSharedMemoryPerBlock: return 48 * 1024;
        case cudaDevAttrMaxSharedMemoryPerBlockOptin: return int(max_dynamic_shared);
        case cudaDevAttrMaxSharedMemoryPerMultiprocessor: return int(max_dynamic_shared) + 1024;
        case cudaDevAttrMaxRegistersPerBlock: case cudaDevAttrMaxRegistersPerMultiprocessor: return 65536;
        case cudaDevAttrMaxPitch: return 0x7fffffff;
        case cudaDevAttrClockRate: return 1000000;
        case cudaDevAttrUnifiedAddressing: case cudaDevAttrCanMapHostMemory: case cudaDevAttrConcurrentKernels: return 1;
        default: return which > 0 && which < cudaDevAttrMax ? 0 : -1;  // not there, or not known
    }
}

}  // namespace cusim

using namespace cusim;

extern "C" {

// ---- called by kernels/cusim/emulator.py

void cusim_counters(Counters* to) { Lock lock; *to = counters; }
size_t cusim_used(int device) { Lock lock; return used_memory(device); }
void cusim_schedule(int order, unsigned seed) { Lock lock; options.order = Order(order), options.seed = seed; }
void cusim_forget_failure() { Lock lock; lost = 0; }
int cusim_unsupported(const char* name) {
    fprintf(stderr, "cusim: %s is not emulated\n", name);
    return refuse(not_supported, "%s is not emulated (docs/cusim.md says what is)", name);
}

// ---- errors

const char* CUDARTAPI cudaGetErrorName(cudaError_t code) {
    static thread_local char name[64];
    snprintf(name, sizeof name, code == cudaSuccess ? "cuda%s" : "cudaError%s", name_of(code));
    return name;
}
const char* CUDARTAPI cudaGetErrorString(cudaError_t code) { return message_of(code); }
cudaError_t CUDARTAPI cudaGetLastError() { return cudaSuccess; }
CUresult CUDAAPI cuGetErrorName(CUresult code, const char** name) { *name = driver_name_of(code); return CUDA_SUCCESS; }
CUresult CUDAAPI cuGetErrorString(CUresult code, const char** text) { *text = message_of(code); return CUDA_SUCCESS; }

// ---- versions

cudaError_t CUDARTAPI cudaDriverGetVersion(int* version) { *version = 13020; return cudaSuccess; }
cudaError_t CUDARTAPI cudaRuntimeGetVersion(int* version) { *version = 13020; return cudaSuccess; }

// ---- devices

cudaError_t CUDARTAPI cudaGetDeviceCount(int* count) { *count = options.devices; return cudaSuccess; }
cudaError_t CUDARTAPI cudaGetDevice(int* device) { *device = current_device; return cudaSuccess; }
cudaError_t CUDARTAPI cudaSetDevice(int device) {
    if (device < 0 || device >= options.devices)
        return cudaError_t(refuse(no_such_device, "invalid device ordinal %d; there are %d", device, options.devices));
    current_device = device;
    return cudaSuccess;
}
cudaError_t CUDARTAPI cudaDeviceGetAttribute(int* value, cudaDeviceAttr which, int) {
    *value = attribute(which);
    if (*value >= 0) return cudaSuccess;
    return cudaError_t(refuse(invalid_value, "there is no device attribute %d", int(which)));
}
cudaError_t CUDARTAPI cudaGetDeviceProperties(cudaDeviceProp* p, int device) {
    memset(p, 0, sizeof *p);
    snprintf(p->name, sizeof p->name, "EMULATED device %d (no GPU)", device);
    p->totalGlobalMem = options.memory;
    p->sharedMemPerBlock = attribute(cudaDevAttrMaxSharedMemoryPerBlock);
    p->sharedMemPerBlockOptin = attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin);
    p->regsPerBlock = attribute(cudaDevAttrMaxRegistersPerBlock);
    p->warpSize = int(warp_size);
    p->maxThreadsPerBlock = int(max_block);
    p->maxThreadsDim[0] = p->maxThreadsDim[1] = 1024, p->maxThreadsDim[2] = 64;
    p->maxGridSize[0] = 0x7fffffff, p->maxGridSize[1] = p->maxGridSize[2] = 65535;
    p->major = options.capability / 10, p->minor = options.capability % 10;
    p->multiProcessorCount = attribute(cudaDevAttrMultiProcessorCount);
    p->maxThreadsPerMultiProcessor = attribute(cudaDevAttrMaxThreadsPerMultiProcessor);
    p->unifiedAddressing = p->canMapHostMemory = p->concurrentKernels = 1;
    p->pciBusID = device;
    return cudaSuccess;
}
cudaError_t CUDARTAPI cudaDeviceGetPCIBusId(char* text, int size, int device) {
    snprintf(text, size, "0000:%02x:00.0", device);
    return cudaSuccess;
}
cudaError_t CUDARTAPI cudaDeviceCanAccessPeer(int* can, int, int) { *can = 0; return cudaSuccess; }
cudaError_t CUDARTAPI cudaProfilerStart() { return cudaSuccess; }
cudaError_t CUDARTAPI cudaProfilerStop() { return cudaSuccess; }

// ---- contexts: one for each device, always there

static CUcontext context_of(int device) { return reinterpret_cast<CUcontext>(uintptr_t(device) + 1); }
CUresult CUDAAPI cuCtxGetCurrent(CUcontext* context) { *context = context_of(current_device); return CUDA_SUCCESS; }
CUresult CUDAAPI cuCtxGetDevice(CUdevice* device) { *device = current_device; return CUDA_SUCCESS; }
CUresult CUDAAPI cuCtxSetCurrent(CUcontext context) {
    return CUresult(cudaSetDevice(int(reinterpret_cast<uintptr_t>(context)) - 1));
}

}  // extern "C"
