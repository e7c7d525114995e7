// Streams and events.
//
// Normally work is done when it is given to a stream, which is one of the orders that CUDA allows. With the option `lazy`
// it is done as late as possible: when the host waits for it, or when other work is done that must come after it. Code
// that lacks a synchronisation then reads old data.
//
// Work is numbered as it is given. The null stream of a device and its blocking streams wait for each other's earlier
// work; a non-blocking stream waits for nothing but events.
#include "streams.h"

#include <cuda.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <set>

#include "state.h"

#undef cudaEventCreateWithFlags

namespace cusim {

namespace {
std::set<Stream*> streams;          // created and not destroyed
std::map<int, Stream> null_streams;  // by device
uint64_t given = 0;                 // the number of the last work

struct Event {
    Stream* stream = nullptr;  // where it was recorded last
    uint64_t number = 0;       // of its recording
    double time = 0;
    bool done = true;
    bool destroyed = false;    // while its recording waits, which deletes it
    Graph* capture = nullptr;  // of a recording that was captured
};

Stream* null_stream(int device) {
    Stream& stream = null_streams[device];
    stream.device = device;
    return &stream;
}

bool is_null(Stream* stream) { return stream == null_stream(stream->device); }
bool is_blocking(Stream* stream) { return !(stream->flags & cudaStreamNonBlocking); }

// What must be done before work `number` of `stream`.
int finish_earlier(Stream* stream, uint64_t number) {
    if (is_null(stream)) {
        for (Stream* other : streams)
            if (other->device == stream->device && is_blocking(other))
                if (int error = finish(other, number - 1)) return error;
        return success;
    }
    return is_blocking(stream) ? finish(null_stream(stream->device), number - 1) : int(success);
}

// An error if another stream has work with the same scratch memory that a GPU could do now.
int refuse_shared_scratch(Stream* stream, const Queued& mine) {
    if (mine.scratch.empty()) return success;
    std::set<Stream*> others = streams;
    Stream* null = null_stream(stream->device);
    others.insert(null);
    for (Stream* other : others) {
        if (other == stream || other->device != stream->device || other->waiting) continue;
        if ((is_null(other) && is_blocking(stream)) || (is_null(stream) && is_blocking(other))) continue;
        for (const Queued& theirs : other->queue) {
            bool after_null = !is_null(other) && is_blocking(other) && !null->queue.empty() && null->queue.front().number < theirs.number;
            if (theirs.waits || after_null) break;
            for (const void* memory : theirs.scratch)
                if (std::count(mine.scratch.begin(), mine.scratch.end(), memory))
                    return refuse(invalid_value, "two streams use the same workspace of cuBLAS at the same time");
        }
    }
    return success;
}

double seconds() {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

int synchronize(Stream* stream) {
    counters.synchronizations++;
    if (stream->capture || is_null(stream))
        if (int error = refuse_while_capturing("synchronizing")) return error;
    if (is_null(stream)) finish_earlier(stream, UINT64_MAX);
    int error = finish(stream);
    return lost ? lost : error;
}

cudaError_t create(cudaStream_t* to, unsigned flags, int priority) {
    Lock lock;
    auto* stream = new Stream;
    stream->device = current_device;
    stream->flags = flags;
    stream->priority = priority;
    streams.insert(stream);
    *to = reinterpret_cast<cudaStream_t>(stream);
    return cudaSuccess;
}
}  // namespace

Stream* stream_of(void* handle) {
    bool null = handle == nullptr || handle == cudaStreamLegacy || handle == cudaStreamPerThread;
    return null ? null_stream(current_device) : static_cast<Stream*>(handle);
}

int finish(Stream* stream, uint64_t up_to) {
    while (!stream->queue.empty() && stream->queue.front().number <= up_to) {
        uint64_t number = stream->queue.front().number;
        if (int error = finish_earlier(stream, number)) return error;
        if (stream->queue.empty() || stream->queue.front().number != number) continue;  // others came by here
        Queued next = std::move(stream->queue.front());
        stream->queue.pop_front();
        if (int error = refuse_shared_scratch(stream, next)) return error;
        stream->waiting = next.waits;
        int error = next.work();
        stream->waiting = false;
        if (error) return error;
    }
    return success;
}

int finish_everything() {
    int result = success;
    for (auto& [device, stream] : null_streams)
        if (int error = finish(&stream)) result = error;
    for (Stream* stream : streams)
        if (int error = finish(stream)) result = error;
    return result;
}

int refuse_while_capturing(const char* what) {
    bool refused = false;
    for (Stream* stream : streams)
        if (stream->capture && stream->capture_mode != cudaStreamCaptureModeRelaxed) stream->invalidated = refused = true;
    return refused ? refuse(capture_unsupported, "%s is not permitted while a stream is capturing", what) : int(success);
}

int submit(void* handle, Work work, const Scratch& scratch, bool waits) {
    Stream* stream = stream_of(handle);
    if (stream->capture) {
        stream->capture->work.push_back(std::move(work));
        stream->capture->scratch.insert(stream->capture->scratch.end(), scratch.begin(), scratch.end());
        return success;
    }
    if (is_null(stream))
        if (int error = refuse_while_capturing("work for the null stream")) return error;
    if (stream->device != current_device)
        return refuse(invalid_handle, "a stream of device %d was given work while device %d is current", stream->device, current_device);
    if (!options.lazy) return work();
    int device = current_device;
    stream->queue.push_back({++given, [=, work = std::move(work)] {
                                 int before = current_device;
                                 current_device = device;
                                 int error = work();
                                 current_device = before;
                                 return error;
                             },
                             scratch, waits});
    return success;
}

}  // namespace cusim

using namespace cusim;

extern "C" {

cudaError_t CUDARTAPI cudaDeviceSynchronize() {
    Lock lock;
    counters.synchronizations++;
    if (int error = refuse_while_capturing("cudaDeviceSynchronize")) return cudaError_t(error);
    int error = finish_everything();
    return cudaError_t(lost ? lost : error);
}

// ---- streams

cudaError_t CUDARTAPI cudaStreamCreate(cudaStream_t* to) { return create(to, 0, 0); }
cudaError_t CUDARTAPI cudaStreamCreateWithFlags(cudaStream_t* to, unsigned flags) { return create(to, flags, 0); }
cudaError_t CUDARTAPI cudaStreamCreateWithPriority(cudaStream_t* to, unsigned flags, int priority) {
    return create(to, flags, priority);
}
cudaError_t CUDARTAPI cudaStreamDestroy(cudaStream_t handle) {
    Lock lock;
    auto* stream = reinterpret_cast<Stream*>(handle);
    if (!streams.count(stream)) return cudaError_t(refuse(invalid_handle, "the handle to be destroyed is not a stream"));
    if (!stream->queue.empty()) return cudaSuccess;  // this does not wait: its work is done in its turn, so it stays
    streams.erase(stream);
    delete stream;
    return cudaSuccess;
}
cudaError_t CUDARTAPI cudaStreamGetFlags(cudaStream_t s, unsigned* flags) { *flags = stream_of(s)->flags; return cudaSuccess; }
cudaError_t CUDARTAPI cudaStreamGetPriority(cudaStream_t s, int* p) { *p = stream_of(s)->priority; return cudaSuccess; }
cudaError_t CUDARTAPI cudaStreamSynchronize(cudaStream_t stream) { Lock lock; return cudaError_t(synchronize(stream_of(stream))); }
cudaError_t CUDARTAPI cudaStreamQuery(cudaStream_t stream) {
    Lock lock;
    return stream_of(stream)->queue.empty() ? cudaError_t(lost) : cudaErrorNotReady;
}
cudaError_t CUDARTAPI cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
    Lock lock;
    return cudaError_t(submit(stream, [=] { return function(data), int(success); }));
}
cudaError_t CUDARTAPI cudaStreamAddCallback(cudaStream_t stream, cudaStreamCallback_t function, void* data, unsigned) {
    Lock lock;
    return cudaError_t(submit(stream, [=] { return function(stream, cudaSuccess, data), int(success); }));
}
CUresult CUDAAPI cuStreamGetCtx(CUstream stream, CUcontext* context) {
    *context = reinterpret_cast<CUcontext>(uintptr_t(stream_of(stream)->device) + 1);
    return CUDA_SUCCESS;
}

// ---- events

cudaError_t CUDARTAPI cudaEventCreate(cudaEvent_t* to) { *to = reinterpret_cast<cudaEvent_t>(new Event); return cudaSuccess; }
cudaError_t CUDARTAPI cudaEventCreateWithFlags(cudaEvent_t* to, unsigned) { return cudaEventCreate(to); }
cudaError_t CUDARTAPI cudaEventDestroy(cudaEvent_t handle) {
    Lock lock;
    auto* event = reinterpret_cast<Event*>(handle);
    if (event->done) delete event;
    else event->destroyed = true;  // this does not wait: the recording is done in its turn
    return cudaSuccess;
}
cudaError_t CUDARTAPI cudaEventRecord(cudaEvent_t handle, cudaStream_t stream) {
    Lock lock;
    auto* event = reinterpret_cast<Event*>(handle);
    event->stream = stream_of(stream);
    event->capture = event->stream->capture;
    if (event->capture) return cudaSuccess;
    event->done = false;
    int error = submit(stream, [=] {
        event->time = seconds(), event->done = true;
        if (event->destroyed) delete event;
        return int(success);
    });
    event->number = given;
    return cudaError_t(error);
}
cudaError_t CUDARTAPI cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t awaited, unsigned) {
    Lock lock;
    auto* event = reinterpret_cast<Event*>(awaited);
    Stream* stream = stream_of(handle);
    if (event->capture && !stream->capture) {  // it joins the capture of the stream where the event was recorded
        stream->capture = event->capture;
        stream->capture_mode = event->stream->capture_mode;
        stream->origin = event->stream->origin ? event->stream->origin : event->stream;
        return cudaSuccess;
    }
    if (event->done || event->capture || stream->capture) return cudaSuccess;
    Stream* other = event->stream;
    uint64_t number = event->number;
    return cudaError_t(submit(handle, [=] { return finish(other, number); }, {}, true));
}
cudaError_t CUDARTAPI cudaEventQuery(cudaEvent_t event) {
    Lock lock;
    return reinterpret_cast<Event*>(event)->done ? cudaError_t(lost) : cudaErrorNotReady;
}
cudaError_t CUDARTAPI cudaEventSynchronize(cudaEvent_t handle) {
    Lock lock;
    counters.synchronizations++;
    auto* event = reinterpret_cast<Event*>(handle);
    int error = event->done ? int(success) : finish(event->stream, event->number);
    return cudaError_t(lost ? lost : error);
}
cudaError_t CUDARTAPI cudaEventElapsedTime(float* milliseconds, cudaEvent_t from, cudaEvent_t to) {
    Lock lock;
    auto *a = reinterpret_cast<Event*>(from), *b = reinterpret_cast<Event*>(to);
    if (!a->done || !b->done) return cudaErrorNotReady;
    *milliseconds = float(1e3 * (b->time - a->time));
    return cudaSuccess;
}

// ---- graphs

cudaError_t CUDARTAPI cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode mode) {
    Lock lock;
    Stream* stream = stream_of(handle);
    if (is_null(stream)) return cudaError_t(refuse(capture_unsupported, "the null stream cannot be captured"));
    if (stream->capture) return cudaError_t(refuse(invalid_value, "the stream is capturing already"));
    stream->capture = new Graph;
    stream->capture_mode = mode;
    stream->invalidated = false;
    return cudaSuccess;
}
cudaError_t CUDARTAPI cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t* to) {
    Lock lock;
    Stream* stream = stream_of(handle);
    *to = nullptr;
    if (!stream->capture || stream->origin) return cudaError_t(refuse(invalid_value, "no capture began in this stream"));
    Graph* graph = stream->capture;
    bool invalidated = stream->invalidated;
    stream->capture = nullptr;
    for (Stream* other : streams)
        if (other->origin == stream) {
            invalidated = invalidated || other->invalidated;
            other->capture = nullptr, other->origin = nullptr, other->invalidated = false;
        }
    if (invalidated) {
        delete graph;
        return cudaError_t(refuse(capture_invalidated, "the capture was invalidated by a call that is not permitted in one"));
    }
    *to = reinterpret_cast<cudaGraph_t>(graph);
    return cudaSuccess;
}
cudaError_t CUDARTAPI cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
    Lock lock;
    Stream* s = stream_of(stream);
    *status = !s->capture      ? cudaStreamCaptureStatusNone
              : s->invalidated ? cudaStreamCaptureStatusInvalidated
                               : cudaStreamCaptureStatusActive;
    return cudaSuccess;
}
cudaError_t CUDARTAPI cudaGraphInstantiate(cudaGraphExec_t* to, cudaGraph_t graph, unsigned long long) {
    *to = reinterpret_cast<cudaGraphExec_t>(new Graph(*reinterpret_cast<Graph*>(graph)));
    return cudaSuccess;
}
cudaError_t CUDARTAPI cudaGraphUpload(cudaGraphExec_t, cudaStream_t) { return cudaSuccess; }
cudaError_t CUDARTAPI cudaGraphLaunch(cudaGraphExec_t handle, cudaStream_t stream) {
    Lock lock;
    Graph graph = *reinterpret_cast<Graph*>(handle);
    counters.graph_launches++;
    auto run = [=] {
        uint64_t before = counters.launches;
        for (const Work& work : graph.work)
            if (int error = work()) return error;
        counters.launches_in_graphs += counters.launches - before;
        return int(success);
    };
    return cudaError_t(submit(stream, run, graph.scratch));
}
cudaError_t CUDARTAPI cudaGraphDestroy(cudaGraph_t g) { delete reinterpret_cast<Graph*>(g); return cudaSuccess; }
cudaError_t CUDARTAPI cudaGraphExecDestroy(cudaGraphExec_t g) { delete reinterpret_cast<Graph*>(g); return cudaSuccess; }

}  // extern "C"
