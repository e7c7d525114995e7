// __syncthreads and its kin, and what the lanes of a warp do together.
#pragma once

#include "cusim/scheduler.h"

namespace cusim {

CUSIM_UNCHECKED static inline int block_barrier(int line, int predicate) {
    block.threads[block.current].value = predicate != 0;
    wait(State::at_block_barrier, line);
    return int(block.predicates);
}

CUSIM_UNCHECKED static inline uint64_t warp_operation(Operation operation, unsigned mask, uint64_t value, int source, int line) {
    Thread& thread = block.threads[block.current];
    thread.operation = operation;
    thread.mask = mask;
    thread.value = value;
    thread.source = source;
    wait(State::at_warp_operation, line);
    return thread.result;
}

CUSIM_UNCHECKED static inline int lane() { return int(block.current % warp_size); }

CUSIM_UNCHECKED static inline void warp_barrier(int line, unsigned mask = 0xffffffffu) {
    warp_operation(Operation::sync, mask, 0, 0, line);
}

template <class T>
static inline T shuffle(unsigned mask, T value, int source, int line) {
    static_assert(sizeof(T) <= 8, "a shuffle takes values of at most 8 bytes");
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof value);
    bits = warp_operation(Operation::shuffle, mask, bits, source, line);
    memcpy(&value, &bits, sizeof value);
    return value;
}

// The four shuffles in terms of one: lanes are divided into groups of `width`; one that reaches out of its group gets
// its own value (CUDA C Programming Guide, "Warp Shuffle Functions").
template <class T>
static inline T shuffle_index(int line, unsigned mask, T value, int source, int width = 32) {
    return shuffle(mask, value, (lane() & ~(width - 1)) + (source & (width - 1)), line);
}
template <class T>
static inline T shuffle_up(int line, unsigned mask, T value, unsigned delta, int width = 32) {
    bool inside = (lane() & (width - 1)) >= int(delta);
    return shuffle(mask, value, inside ? lane() - int(delta) : lane(), line);
}
template <class T>
static inline T shuffle_down(int line, unsigned mask, T value, unsigned delta, int width = 32) {
    bool inside = (lane() & (width - 1)) + int(delta) < width;
    return shuffle(mask, value, inside ? lane() + int(delta) : lane(), line);
}
template <class T>
static inline T shuffle_xor(int line, unsigned mask, T value, int lanes, int width = 32) {
    int source = lane() ^ lanes;  // groups before are within reach, groups after are not
    bool inside = (source & ~(width - 1)) <= (lane() & ~(width - 1));
    return shuffle(mask, value, inside ? source : lane(), line);
}

CUSIM_UNCHECKED static inline unsigned active_lanes() {
    unsigned first = block.current / warp_size * warp_size, lanes = 0;
    for (unsigned i = first; i < first + warp_size && i < block.size; i++)
        if (block.threads[i].state != State::finished) lanes |= 1u << (i - first);
    return lanes;
}

CUSIM_UNCHECKED static inline bool all_of(int line, unsigned mask, int predicate) {
    return warp_operation(Operation::ballot, mask, predicate == 0, 0, line) == 0;
}

}  // namespace cusim

#define __syncthreads() ((void)cusim::block_barrier(__LINE__, 0))
#define __syncthreads_count(predicate) cusim::block_barrier(__LINE__, predicate)
#define __syncthreads_or(predicate) (cusim::block_barrier(__LINE__, predicate) != 0)
#define __syncthreads_and(predicate) (cusim::block_barrier(__LINE__, !(predicate)) == 0)
#define __syncwarp(...) cusim::warp_barrier(__LINE__ __VA_OPT__(, ) __VA_ARGS__)
#define __shfl_sync(...) cusim::shuffle_index(__LINE__, __VA_ARGS__)
#define __shfl_up_sync(...) cusim::shuffle_up(__LINE__, __VA_ARGS__)
#define __shfl_down_sync(...) cusim::shuffle_down(__LINE__, __VA_ARGS__)
#define __shfl_xor_sync(...) cusim::shuffle_xor(__LINE__, __VA_ARGS__)
#define __ballot_sync(mask, predicate) \
    ((unsigned)cusim::warp_operation(cusim::Operation::ballot, mask, (predicate) != 0, 0, __LINE__))
#define __any_sync(mask, predicate) (__ballot_sync(mask, predicate) != 0)
#define __all_sync(mask, predicate) ((int)cusim::all_of(__LINE__, mask, predicate))
#define __activemask() cusim::active_lanes()

// Only one thread runs at a time, and its writes are visible to all: a fence does nothing. (It does not order threads, so the
// thread sanitizer is told nothing.)
static inline void __threadfence() {}
static inline void __threadfence_block() {}
static inline void __threadfence_system() {}
