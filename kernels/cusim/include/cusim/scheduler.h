// Runs a kernel over its grid: block after block, and the threads of a block in turns.
//
// A context picks threads that have not started and runs each to its end. Where a thread waits (at a barrier, or
// for its warp), the context sleeps with it, and the scheduler wakes another context to start the other threads. So a
// kernel that never waits runs in a plain loop on one stack, without switching.
//
// The order of blocks and of threads is forward, reversed or shuffled; a shuffled one is shuffled anew at every barrier.
#pragma once

#include <sys/mman.h>

#include <cstdlib>

#include "cusim/block.h"
#include "cusim/shared.h"

namespace cusim {

struct Scheduler {
    Context own;
    Context contexts[max_contexts];
    Context* idle[max_contexts];  // a ring
    unsigned idle_first = 0, idle_count = 0;
    Context* woken = nullptr;  // the context that was last told to start threads
    unsigned order[max_block];
    unsigned next = 0;  // the first of `order` that has not started
    void (*body)(void*) = nullptr;
    void* arguments = nullptr;
};

static Scheduler scheduler;

CUSIM_UNCHECKED static unsigned random_below(unsigned& seed, unsigned n) {
    seed = seed * 1664525u + 1013904223u;
    return unsigned((uint64_t(seed >> 4) * n) >> 28);
}

CUSIM_UNCHECKED static void make_order(unsigned* order, unsigned n, Order kind, unsigned& seed) {
    for (unsigned i = 0; i < n; i++) order[i] = kind == Order::reversed ? n - 1 - i : i;
    if (kind != Order::shuffled) return;
    for (unsigned i = n; i > 1; i--) {
        unsigned j = random_below(seed, i), t = order[i - 1];
        order[i - 1] = order[j];
        order[j] = t;
    }
}

CUSIM_UNCHECKED static inline void become(unsigned thread) {
    block.current = thread;
    unsigned x = blockDim.x, y = blockDim.y;
    threadIdx = {thread % x, thread / x % y, thread / x / y};
}

// Sleep until the scheduler finds the current thread ready again.
CUSIM_UNCHECKED static void wait(State state, int line) {
    Thread& thread = block.threads[block.current];
    thread.state = state;
    thread.line = line;
#if defined(__SANITIZE_THREAD__)
    bool barrier = state == State::at_block_barrier;
    unsigned turn = barrier ? block.trace.turn : thread.trace.turn++;
    char* published = barrier ? block.trace.published : thread.trace.published;
    trace_arrive(published, turn);
    trace_switch(block.trace.scheduler);
#endif
    switch_context(*thread.context, scheduler.own);
#if defined(__SANITIZE_THREAD__)
    trace_switch(thread.trace.fiber);
    if (barrier) return trace_leave(published, turn);
    Thread* lanes = block.threads + block.current / warp_size * warp_size;
    for (unsigned i = 0; i < warp_size; i++)
        if (thread.group >> i & 1) {
            // A lane that has come to its next operation already has a turn more.
            bool ahead = lanes[i].state == State::at_warp_operation;
            trace_leave(lanes[i].trace.published, lanes[i].trace.turn - 1 - ahead);
        }
#endif
}

// The one that was used last, whose stack is still in the cache; the one that was used first for the thread sanitizer.
CUSIM_UNCHECKED static Context* take_idle() {
    scheduler.idle_count--;
#if defined(__SANITIZE_THREAD__)
    return scheduler.idle[scheduler.idle_first++ % max_contexts];
#else
    return scheduler.idle[scheduler.idle_count];
#endif
}

CUSIM_UNCHECKED static void become_idle(Context* context) {
    scheduler.idle[(scheduler.idle_first + scheduler.idle_count++) % max_contexts] = context;
}

CUSIM_UNCHECKED static void run_thread(Context* context) {
    unsigned index = scheduler.order[scheduler.next++];
    Thread& thread = block.threads[index];
    thread.context = context;
    thread.state = State::ready;
    become(index);
#if defined(__SANITIZE_THREAD__)
    trace_start(thread.trace);
    trace_switch(thread.trace.fiber);
    trace_take_stack(*context);
#endif
    scheduler.body(scheduler.arguments);
#if defined(__SANITIZE_THREAD__)
    trace_leave_stack(*context);
    trace_end();
    trace_switch(block.trace.scheduler);
    trace_forget(thread.trace);
#endif
    thread.state = State::finished;
}

CUSIM_UNCHECKED static void context_entry() {
    entered(scheduler.own);
    Context* self = scheduler.woken;
    for (;;) {
#if defined(__SANITIZE_THREAD__)
        run_thread(self);
#else
        while (scheduler.next < block.size) run_thread(self);
#endif
        become_idle(self);
        switch_context(*self, scheduler.own);
    }
}

// Fresh contexts for every launch: the stacks belong to all kernels in turn, and a failed launch leaves its threads behind.
CUSIM_UNCHECKED static void prepare_contexts(Launch* launch) {
    if (!launch->stacks)
        launch->stacks = mmap(nullptr, stack_bytes * max_contexts, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    unsigned n = max_contexts > max_block ? max_contexts : block.size;
    scheduler.idle_first = scheduler.idle_count = 0;
    for (unsigned i = n; i-- > 0;) {
        Context& context = scheduler.contexts[i];
        context.stack = static_cast<char*>(launch->stacks) + stack_bytes * i;
        context.size = stack_bytes;
        prepare(context, context_entry);
        become_idle(&context);
    }
}

CUSIM_UNCHECKED static int run_block() {
    unsigned size = block.size;
    for (unsigned i = 0; i < size; i++) block.threads[i].state = State::unstarted;
    scheduler.next = 0;
#if defined(__SANITIZE_THREAD__)
    trace_block(block.trace);
#endif
    start_shared();
    for (;;) {
        bool progressed = false, all_finished = true;
        while (scheduler.next < size) {
            scheduler.woken = take_idle();
            switch_context(scheduler.own, *scheduler.woken);
            progressed = true;
        }
        for (unsigned i = 0; i < size; i++) {
            unsigned index = scheduler.order[i];
            if (block.threads[index].state != State::ready) continue;
            become(index);
            switch_context(scheduler.own, *block.threads[index].context);
            progressed = true;
        }
        for (unsigned first = 0; first < size; first += warp_size)
            if (int error = release_warp(first, progressed)) return error;
        for (unsigned i = 0; i < size && all_finished; i++) all_finished = block.threads[i].state == State::finished;
        if (all_finished) return success;
        bool released = false;
        if (int error = release_block(released)) return error;
        if (released) {
#if defined(__SANITIZE_THREAD__)
            block.trace.turn++;
#endif
            if (block.launch->order == Order::shuffled) make_order(scheduler.order, size, Order::shuffled, block.launch->seed);
        } else if (!progressed) {
            for (unsigned i = 0; i < size; i++)
                if (block.threads[i].state != State::finished)
                    return fail("deadlock: thread %d waits at line %d for others that never come", int(i), block.threads[i].line);
        }
    }
}

CUSIM_UNCHECKED static int check_limits(Launch* l) {
    uint64_t threads = uint64_t(l->block[0]) * l->block[1] * l->block[2];
    bool block_fits = threads >= 1 && threads <= max_block && l->block[2] <= 64;
    bool grid_fits = l->grid[0] >= 1 && l->grid[0] <= 0x7fffffffu && l->grid[1] >= 1 && l->grid[1] <= 65535 &&
                     l->grid[2] >= 1 && l->grid[2] <= 65535;
    if (block_fits && grid_fits && l->shared_bytes <= max_dynamic_shared) return success;
    snprintf(l->error, sizeof l->error, "no GPU takes a grid of (%u, %u, %u) blocks of (%u, %u, %u) threads with %llu bytes of shared memory",
             l->grid[0], l->grid[1], l->grid[2], l->block[0], l->block[1], l->block[2], (unsigned long long)l->shared_bytes);
    return invalid_value;
}

CUSIM_UNCHECKED static int run_grid(Launch* launch, void (*body)(void*), void* arguments) {
    if (int error = check_limits(launch)) return error;
    gridDim = {launch->grid[0], launch->grid[1], launch->grid[2]};
    blockDim = {launch->block[0], launch->block[1], launch->block[2]};
    block.launch = launch;
    block.size = blockDim.x * blockDim.y * blockDim.z;
    scheduler.body = body;
    scheduler.arguments = arguments;
    prepare_contexts(launch);
    uint64_t blocks = uint64_t(gridDim.x) * gridDim.y * gridDim.z;
    unsigned* order = nullptr;
    if (launch->order != Order::forward && blocks < 0xffffffffu) {
        order = static_cast<unsigned*>(malloc(blocks * sizeof *order));
        make_order(order, unsigned(blocks), launch->order, launch->seed);
    }
    make_order(scheduler.order, block.size, launch->order, launch->seed);
    int error = success;
    for (uint64_t i = 0; i < blocks && !error; i++) {
        uint64_t index = order ? order[i] : i;
        blockIdx = {unsigned(index % gridDim.x), unsigned(index / gridDim.x % gridDim.y),
                    unsigned(index / gridDim.x / gridDim.y)};
        error = run_block();
    }
#if defined(__SANITIZE_THREAD__)
    trace_launched();
#endif
    free(order);
    return error;
}

}  // namespace cusim
