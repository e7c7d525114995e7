// What all parts of the emulated CUDA share: its options, its counters, its lock, and its error messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>

#include "cusim/abi.h"

namespace cusim {

// Numbers that the driver and the runtime API have in common, beside those of abi.h.
enum : int {
    out_of_memory = 2,
    no_such_device = 101,
    invalid_image = 200,
    file_not_found = 301,
    invalid_handle = 400,
    symbol_not_found = 500,
    not_ready = 600,
    not_supported = 801,
    capture_unsupported = 900,
    capture_invalidated = 901,
};

// Read once, from CUSIM_… in the environment (kernels/cusim/options.py writes them).
struct Options {
    int devices = 1;
    int capability = 80;      // 10 × major + minor
    size_t memory = 0;        // bytes of each device
    bool lazy = false;        // work waits until somebody asks for it
    bool guarded = false;     // allocations end at memory that may not be touched
    bool strict = false;      // a thread may not end while others of its block still meet at barriers
    Order order = Order::forward;
    unsigned seed = 0;
};

// Counters since the start. Read by kernels/cusim/emulator.py in this order.
struct Counters {
    uint64_t launches;
    uint64_t copies_to_device, copies_to_host, copies_on_device;
    uint64_t bytes_to_device, bytes_to_host;
    uint64_t synchronizations;
    uint64_t allocations;
    uint64_t graph_launches, launches_in_graphs;
};

extern Options options;
extern Counters counters;
extern std::recursive_mutex mutex;       // held by every call
extern thread_local int current_device;
extern int lost;                         // the error of a kernel that failed: all later work fails with it, as on a GPU

// Keep a message for cudaGetErrorString, and return the code.
int refuse(int code, const char* format, ...) __attribute__((format(printf, 2, 3)));

struct Lock {
    std::lock_guard<std::recursive_mutex> held{mutex};
};

}  // namespace cusim
