// The interface between a compiled kernel and its callers: the launcher in Python (ctypes), the standalone executables of the
// sanitizers, and the emulated driver. Plain C layout; kernels/cusim/compiler.py mirrors it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cusim {

// CUDA's own numbers (driver API), so that the emulated driver can return them.
enum Error : int {
    success = 0,
    invalid_value = 1,
    illegal_address = 700,
    launch_failure = 719,
};

enum class Order : int { forward = 0, reversed = 1, shuffled = 2 };

struct Launch {
    unsigned grid[3];
    unsigned block[3];
    uint64_t shared_bytes;   // dynamic shared memory
    Order order;             // in which the blocks of the grid and the threads of a block run
    unsigned seed;           // of a shuffled order
    int lenient;             // threads may end while others of their block still meet at barriers, as on the hardware
    void* stacks;            // room for the threads' stacks; null: the kernel makes it and leaves it here for the next
    int (*is_device_pointer)(const void*);  // null: any pointer is taken
    char error[256];
};

// One parameter of a kernel. Kinds: 'p' pointer, 'f' floating point, 'i' signed, 'u' unsigned, 'b' bool, 'h' half,
// 's' anything else (a struct; for a pointee also void).
struct Parameter {
    char kind;
    char pointee_kind;       // of a pointer
    bool writable;           // a pointer to non-const
    unsigned size;           // bytes of the parameter
    unsigned pointee_size;   // bytes of what a pointer points to, 0 for void
};

struct KernelInfo {
    const char* name;
    int (*run)(Launch*, void** arguments);  // arguments: the addresses of the values; returns an Error
    unsigned parameter_count;
    const Parameter* parameters;
};

constexpr unsigned max_block = 1024;
constexpr unsigned max_dynamic_shared = 227 * 1024;  // what every architecture from sm_90 on allows on request
constexpr unsigned warp_size = 32;

}  // namespace cusim
