// Contexts: stacks that the scheduler switches between. A few nanoseconds a switch on x86-64, by hand; elsewhere by
// ucontext. The address and thread sanitizers are told of every switch, because they would report it as a fault.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif
#if !defined(__x86_64__)
#include <ucontext.h>
#endif

// Functions of the scheduler itself, which the sanitizers ignore.
#define CUSIM_UNCHECKED __attribute__((no_sanitize("thread", "address", "undefined")))

namespace cusim {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t stack_bytes = 256 * 1024;  // sanitizers blow frames up
#else
constexpr size_t stack_bytes = 64 * 1024;
#endif

#if defined(__SANITIZE_THREAD__)
constexpr unsigned max_contexts = 4096;  // more than needed: see trace.h
#else
constexpr unsigned max_contexts = 1024;  // one for each thread of the largest block
#endif

struct Context {
#if defined(__x86_64__)
    void* stack_pointer = nullptr;
#else
    ucontext_t saved;
#endif
    char* stack = nullptr;  // null: the caller's own
    size_t size = 0;
    void* fake_stack = nullptr;
};

#if defined(__x86_64__)
// Save on the stack the registers that a called function must preserve, the stack pointer in *save; continue at `next`.
extern "C" void cusim_switch(void** save, void* next) __attribute__((visibility("hidden")));
asm(R"(
    .pushsection .text
    .hidden cusim_switch
    .globl cusim_switch
    .type cusim_switch, @function
cusim_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size cusim_switch, .-cusim_switch
    .popsection
)");
#endif

// Prepares `context` to run `entry`, which must never return, on its stack.
CUSIM_UNCHECKED static void prepare(Context& context, void (*entry)()) {
#if defined(__x86_64__)
    uintptr_t top = (reinterpret_cast<uintptr_t>(context.stack) + context.size) & ~uintptr_t(15);
    void** frame = reinterpret_cast<void**>(top) - 8;  // six registers, the address to go to, the address to return to
    for (int i = 0; i < 8; i++) frame[i] = nullptr;
    frame[6] = reinterpret_cast<void*>(entry);
    context.stack_pointer = frame;
#else
    getcontext(&context.saved);
    context.saved.uc_stack.ss_sp = context.stack;
    context.saved.uc_stack.ss_size = context.size;
    context.saved.uc_link = nullptr;
    makecontext(&context.saved, entry, 0);
#endif
}

// To be called first in a context that is entered for the first time; `from` is where it came from.
CUSIM_UNCHECKED static inline void entered([[maybe_unused]] Context& from) {
#if defined(__SANITIZE_ADDRESS__)
    const void* stack = nullptr;
    size_t size = 0;
    __sanitizer_finish_switch_fiber(nullptr, &stack, &size);
    if (!from.stack) from.stack = static_cast<char*>(const_cast<void*>(stack)), from.size = size;
#endif
}

CUSIM_UNCHECKED static inline void switch_context(Context& from, Context& to) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&from.fake_stack, to.stack, to.size);
#endif
#if defined(__x86_64__)
    cusim_switch(&from.stack_pointer, to.stack_pointer);
#else
    swapcontext(&from.saved, &to.saved);
#endif
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(from.fake_stack, nullptr, nullptr);
#endif
}

}  // namespace cusim
