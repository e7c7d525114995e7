// The state of the block that is running: its threads, what they wait for, and when they may go on.
#pragma once

#include <cstdio>
#include <cstring>

#include "cusim/abi.h"
#include "cusim/context.h"
#include "cusim/trace.h"
#include "cusim/vectors.h"

namespace cusim {

enum class State : uint8_t { unstarted, ready, at_block_barrier, at_warp_operation, finished };

// What the lanes of a warp do together. The scheduler does it for them once all have arrived.
enum class Operation : uint8_t { sync, shuffle, ballot };

struct Thread {
    State state;
    Operation operation;
    int line;             // where it waits
    unsigned mask;        // the lanes it waits for
    unsigned group;       // the lanes that wait together
    int source;           // shuffle: the lane whose value it wants
    uint64_t value;       // given to the operation; at a block barrier: the predicate
    uint64_t result;
    Context* context;     // the stack that it sleeps on
    ThreadTrace trace;
};

struct Block {
    Thread threads[max_block];
    unsigned size = 0;
    unsigned current = 0;
    unsigned predicates = 0;  // how many threads passed the last barrier with a predicate that holds
    Launch* launch = nullptr;
    BlockTrace trace;
};

static Block block;

constexpr uint64_t undefined_value = ~uint64_t(0);  // a NaN in every floating format

CUSIM_UNCHECKED static int fail(const char* format, int a, int b = 0, int c = 0) {
    int used = snprintf(block.launch->error, sizeof block.launch->error, "block (%u, %u, %u): ", blockIdx.x, blockIdx.y,
                        blockIdx.z);
    snprintf(block.launch->error + used, sizeof block.launch->error - used, format, a, b, c);
    return launch_failure;
}

// Do the warp operation of every group of lanes that is complete, and let its lanes continue.
//
// A group is complete when all lanes in its mask, except lanes that have finished or do not exist, wait with the same mask.
// The value that a lane reads from a lane outside the group is undefined in CUDA; here it is `undefined_value`.
CUSIM_UNCHECKED static int release_warp(unsigned first, bool& progressed) {
    unsigned count = block.size - first < warp_size ? block.size - first : warp_size;
    Thread* lanes = block.threads + first;
    unsigned done = 0;
    for (unsigned i = 0; i < count; i++) {
        Thread& leader = lanes[i];
        if (leader.state != State::at_warp_operation || (done >> i & 1)) continue;
        if (!(leader.mask >> i & 1)) return fail("line %d: lane %d is not in its own mask 0x%x", leader.line, i, leader.mask);
        unsigned group = 0;
        bool complete = true, alike = true;
        for (unsigned j = 0; j < count; j++) {
            if (!(leader.mask >> j & 1) || lanes[j].state == State::finished) continue;
            complete = complete && lanes[j].state == State::at_warp_operation && lanes[j].mask == leader.mask;
            alike = alike && lanes[j].operation == leader.operation;
            group |= 1u << j;
        }
        if (!complete) continue;
        if (!alike) return fail("line %d: the lanes of mask 0x%x are at different warp operations", leader.line, leader.mask);
        done |= group;
        unsigned ballot = 0;
        for (unsigned j = 0; j < count; j++)
            if ((group >> j & 1) && lanes[j].value) ballot |= 1u << j;
        for (unsigned j = 0; j < count; j++) {
            if (!(group >> j & 1)) continue;
            Thread& lane = lanes[j];
            if (lane.operation == Operation::ballot) lane.result = ballot;
            if (lane.operation == Operation::shuffle) {
                bool takes_part = lane.source >= 0 && lane.source < int(warp_size) && (group >> lane.source & 1);
                lane.result = takes_part ? lanes[lane.source].value : undefined_value;
            }
        }
        for (unsigned j = 0; j < count; j++)
            if (group >> j & 1) lanes[j].state = State::ready, lanes[j].group = group;
        progressed = true;
    }
    return success;
}

// Let the whole block continue if every thread that has not finished waits at the same __syncthreads.
CUSIM_UNCHECKED static int release_block(bool& progressed) {
    unsigned waiting = 0, finished = 0, predicates = 0;
    int line = 0;
    for (unsigned i = 0; i < block.size; i++) {
        Thread& thread = block.threads[i];
        finished += thread.state == State::finished;
        if (thread.state != State::at_block_barrier) continue;
        if (waiting && thread.line != line)
            return fail("threads wait at different barriers, lines %d and %d", line, thread.line);
        line = thread.line;
        waiting++;
        predicates += thread.value != 0;
    }
    if (!waiting || waiting + finished < block.size) return success;
    if (finished && !block.launch->lenient)  // the hardware tolerates it, CUDA C does not define it
        return fail("line %d: %d threads wait at __syncthreads that %d others never reach", line, waiting, finished);
    block.predicates = predicates;
    for (unsigned i = 0; i < block.size; i++)
        if (block.threads[i].state != State::finished) block.threads[i].state = State::ready;
    progressed = true;
    return success;
}

}  // namespace cusim
