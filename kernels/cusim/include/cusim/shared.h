// Shared memory. A declaration `__shared__ float tile[32][33];` arrives here (rewritten by translate.py) as a reference to
// cusim::shared<float[32][33]>(…), `extern __shared__ float all[];` as a pointer to cusim::dynamic_shared().
//
// Every variable has its own piece of the heap, so that the address sanitizer sees where it ends; it is filled with ones
// (a NaN in every floating format) when a block starts, as what another block left there must not be relied on.
#pragma once

#include <cstdlib>
#include <cstring>

#include "cusim/block.h"

namespace cusim {

struct SharedVariable {
    void* memory;
    size_t size;
};

constexpr unsigned max_shared_variables = 256;
static SharedVariable shared_variables[max_shared_variables];
static unsigned shared_count = 0;
static SharedVariable dynamic_variable;

CUSIM_UNCHECKED static void fresh(SharedVariable& variable) {
    // The thread sanitizer would take memory used again by the next block for a race with the last.
#if !defined(__SANITIZE_THREAD__)
    if (!variable.memory)
#endif
        if (posix_memalign(&variable.memory, 128, variable.size ? variable.size : 1)) abort();
    memset(variable.memory, 0xff, variable.size);
}

CUSIM_UNCHECKED static unsigned register_shared(size_t size) {
    if (shared_count == max_shared_variables) abort();
    shared_variables[shared_count].size = size;
    return shared_count++;
}

CUSIM_UNCHECKED static void start_shared() {
    for (unsigned i = 0; i < shared_count; i++) fresh(shared_variables[i]);
    size_t wanted = block.launch->shared_bytes;
    if (wanted != dynamic_variable.size) {
        free(dynamic_variable.memory);
        dynamic_variable = {nullptr, wanted};
    }
    if (wanted) fresh(dynamic_variable);
}

template <class Type, class Tag>
struct SharedIndex {
    inline static const unsigned value = register_shared(sizeof(Type));
};

// The tag (a lambda of its own for each declaration and each instance of a template) tells variables of a type apart.
template <class Type, class Tag>
CUSIM_UNCHECKED static inline Type& shared(Tag) {
    return *static_cast<Type*>(shared_variables[SharedIndex<Type, Tag>::value].memory);
}

template <class Type>
CUSIM_UNCHECKED static inline Type* dynamic_shared() {
    return static_cast<Type*>(dynamic_variable.memory);
}

}  // namespace cusim
