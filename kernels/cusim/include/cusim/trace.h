// The calls that tell the thread sanitizer of CUDA's threads, which all run in one thread of the machine.
//
// Every CUDA thread is a fiber of the sanitizer; switching between fibers orders nothing. Only a barrier does: accesses
// before it happen before accesses behind it. Blocks are never ordered, so races between them are found as well. The
// result is the same in every run.
//
// A thread that runs on the stack of an earlier one must be ordered after it, or the sanitizer takes the use of the same
// memory for a race. So that this hides nothing, a stack is used again only after all others have been.
//
// What a barrier publishes is kept apart by turn (even and odd): a thread that is slow to leave a barrier must not learn
// what a fast one did on its way to the next.
#pragma once

#include "cusim/context.h"

namespace cusim {

#if defined(__SANITIZE_THREAD__)

struct ThreadTrace {
    void* fiber;
    char* published;  // two addresses for its warp operations
    unsigned turn;
};

struct BlockTrace {
    void* scheduler = nullptr;
    char* published = nullptr;  // two addresses for __syncthreads
    unsigned turn = 0;
};

// Addresses that no other block has ever used: what was published there stays there.
CUSIM_UNCHECKED static char* new_addresses() { return static_cast<char*>(malloc(2 * sizeof(void*))); }
CUSIM_UNCHECKED static char* of_turn(char* addresses, unsigned turn) { return addresses + (turn & 1) * sizeof(void*); }

CUSIM_UNCHECKED static void trace_block(BlockTrace& block) {
    block.scheduler = __tsan_get_current_fiber();
    block.published = new_addresses();
    block.turn = 0;
}
CUSIM_UNCHECKED static void trace_start(ThreadTrace& thread) {
    thread = {__tsan_create_fiber(0), new_addresses(), 0};
}
// What the threads of a launch did happens before what the host does after it, and before nothing else.
static char launch_published[sizeof(void*)];
CUSIM_UNCHECKED static void trace_end() { __tsan_release(launch_published); }
CUSIM_UNCHECKED static void trace_forget(ThreadTrace& thread) { __tsan_destroy_fiber(thread.fiber); }
CUSIM_UNCHECKED static void trace_launched() { __tsan_acquire(launch_published); }
CUSIM_UNCHECKED static void trace_take_stack(Context& context) { __tsan_acquire(&context); }
CUSIM_UNCHECKED static void trace_leave_stack(Context& context) { __tsan_release(&context); }
CUSIM_UNCHECKED static void trace_switch(void* fiber) { __tsan_switch_to_fiber(fiber, __tsan_switch_to_fiber_no_sync); }
CUSIM_UNCHECKED static void trace_arrive(char* addresses, unsigned turn) { __tsan_release(of_turn(addresses, turn)); }
CUSIM_UNCHECKED static void trace_leave(char* addresses, unsigned turn) { __tsan_acquire(of_turn(addresses, turn)); }

#else

struct ThreadTrace {};
struct BlockTrace {};

#endif

}  // namespace cusim
