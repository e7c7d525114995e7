// Streams: queues of work for a device, and what orders them.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

namespace cusim {

using Work = std::function<int()>;  // returns an error code

using Scratch = std::vector<const void*>;  // memory that work overwrites, and that no other work may use meanwhile

struct Graph {
    std::vector<Work> work;  // in the order in which it was captured, which keeps to every dependence
    Scratch scratch;
};

struct Queued {
    uint64_t number;
    Work work;
    Scratch scratch;
    bool waits;  // for an event
};

struct Stream {
    int device = 0;
    unsigned flags = 0;
    int priority = 0;
    std::deque<Queued> queue;   // empty unless work waits (the option `lazy`)
    bool waiting = false;       // for an event of another stream, whose work is being done
    Graph* capture = nullptr;   // while capturing, work is added here
    Stream* origin = nullptr;   // the stream whose capture it has joined
    int capture_mode = 0;
    bool invalidated = false;
};

Stream* stream_of(void* handle);  // the null stream is the current device's

// Give work to a stream. It is done at once, or queued, or captured. Whatever it needs is in the closure by value.
int submit(void* stream, Work work, const Scratch& scratch = {}, bool waits = false);
// Do the work queued in a stream up to a number, and before it all work that it waits for.
int finish(Stream* stream, uint64_t up_to = UINT64_MAX);
int finish_everything();
// An error for what may not be done while a stream is capturing (it invalidates the capture), else 0.
int refuse_while_capturing(const char* what);

}  // namespace cusim
