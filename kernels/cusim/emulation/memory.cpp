// Allocating, freeing and copying.
//
// New memory holds a pattern (NaNs in every floating format) and freed memory another, so that reading either is noticed.
// A guarded allocation has a page without access before and behind it, and ends at the latter; the few bytes that alignment
// leaves between hold a third pattern, which is checked when the allocation is freed.
#include "memory.h"

#include <cuda_runtime_api.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <vector>

#include "state.h"
#include "streams.h"

#undef cudaPointerGetAttributes

namespace cusim {

namespace {
constexpr size_t page = 4096;
constexpr size_t alignment = 512;         // cudaMalloc promises 256
constexpr size_t guarded_alignment = 16;  // of the widest loads of a thread
constexpr unsigned char new_pattern = 0xff, freed_pattern = 0xfd, padding_pattern = 0xa5;

std::map<const char*, Allocation> allocations;  // by start
std::vector<size_t> used;                       // by device

size_t round_up(size_t n, size_t multiple) { return (n + multiple - 1) / multiple * multiple; }

size_t& used_on(int device) {
    if (used.size() <= size_t(device)) used.resize(device + 1);
    return used[device];
}

bool map_guarded(Allocation& a) {
    size_t room = round_up(a.size, guarded_alignment), pages = round_up(room, page);
    a.mapping_size = pages + 2 * page;
    void* got = mmap(nullptr, a.mapping_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (got == MAP_FAILED) return false;
    a.mapping = static_cast<char*>(got);
    a.start = a.mapping + page + pages - room;
    memset(a.mapping + page, padding_pattern, pages);
    mprotect(a.mapping, page, PROT_NONE);
    mprotect(a.mapping + page + pages, page, PROT_NONE);
    return true;
}

bool padding_is_whole(const Allocation& a) {
    for (const char* p = a.mapping + page; p < a.mapping + a.mapping_size - page; p++)
        if ((p < a.start || p >= a.start + a.size) && static_cast<unsigned char>(*p) != padding_pattern) return false;
    return true;
}

int allocate(void** pointer, size_t size, int device) {
    *pointer = nullptr;
    if (size == 0) return success;
    if (int error = refuse_while_capturing("allocating memory")) return error;
    if (device != pinned && used_on(device) + size > options.memory)
        return refuse(out_of_memory, "out of memory: %zu bytes wanted, %zu of %zu in use on device %d", size,
                      used_on(device), options.memory, device);
    Allocation a{nullptr, size, device, nullptr, 0};
    if (options.guarded && device != pinned) {
        if (!map_guarded(a)) return refuse(out_of_memory, "out of memory: the host has no more");
    } else {
        if (posix_memalign(reinterpret_cast<void**>(&a.start), alignment, round_up(size, alignment)))
            return refuse(out_of_memory, "out of memory: the host has no more");
    }
    memset(a.start, new_pattern, size);
    if (device != pinned) {
        used_on(device) += size;
        counters.allocations++;
    }
    allocations[a.start] = a;
    *pointer = a.start;
    return success;
}

int release(void* pointer, bool is_pinned) {
    if (!pointer) return success;
    finish_everything();  // freeing waits for the device
    auto found = allocations.find(static_cast<char*>(pointer));
    if (found == allocations.end() || (found->second.device == pinned) != is_pinned)
        return refuse(invalid_value, "freeing %p, which is not the start of an allocation of this kind", pointer);
    Allocation a = found->second;
    allocations.erase(found);
    if (a.device != pinned) used_on(a.device) -= a.size;
    if (!a.mapping) {
        memset(a.start, freed_pattern, a.size);
        free(a.start);
        return success;
    }
    bool whole = padding_is_whole(a);
    munmap(a.mapping, a.mapping_size);
    if (whole) return success;
    fprintf(stderr, "cusim: something was written beside an allocation of %zu bytes\n", a.size);
    return lost = refuse(illegal_address, "something was written beside an allocation of %zu bytes", a.size);
}

int copy_now(void* to, const void* from, size_t size, cudaMemcpyKind kind) {
    if (lost) return lost;
    bool to_device = lies_on_device(to, size), from_device = lies_on_device(from, size);
    bool device_expected_to = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
    bool device_expected_from = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
    if (device_expected_to && !to_device)
        return refuse(invalid_value, "copying %zu bytes to %s, where device memory is expected", size, describe_address(to));
    if (device_expected_from && !from_device)
        return refuse(invalid_value, "copying %zu bytes from %s, where device memory is expected", size, describe_address(from));
    if (to_device && from_device) counters.copies_on_device++;
    else if (to_device) counters.copies_to_device++, counters.bytes_to_device += size;
    else if (from_device) counters.copies_to_host++, counters.bytes_to_host += size;
    memmove(to, from, size);
    return success;
}

bool is_pageable(const void* pointer) { return find_allocation(pointer) == nullptr; }

// Pageable host memory makes copies synchronous to the host: it is read at once, or written before the call returns.
int copy(void* to, const void* from, size_t size, cudaMemcpyKind kind, void* stream) {
    if (size == 0) return success;
    Stream* s = stream_of(stream);
    if (is_pageable(from) && !s->capture && options.lazy) {
        std::vector<char> kept(static_cast<const char*>(from), static_cast<const char*>(from) + size);
        return submit(stream, [=] { return copy_now(to, kept.data(), size, kind); });
    }
    if (int error = submit(stream, [=] { return copy_now(to, from, size, kind); })) return error;
    return is_pageable(to) && !s->capture ? finish(s) : success;
}

int copy_rows(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width, size_t rows,
              cudaMemcpyKind kind, void* stream) {
    for (size_t i = 0; i < rows; i++)
        if (int error = copy(static_cast<char*>(to) + i * to_pitch, static_cast<const char*>(from) + i * from_pitch,
                             width, kind, stream))
            return error;
    return success;
}

int fill(void* to, int value, size_t size, void* stream) {
    if (size == 0) return success;
    return submit(stream, [=] {
        if (lost) return lost;
        if (!lies_on_device(to, size))
            return refuse(invalid_value, "filling %zu bytes at %s, where device memory is expected", size, describe_address(to));
        memset(to, value, size);
        return int(success);
    });
}

int wait_for(int error, void* stream) { return error ? error : finish(stream_of(stream)); }
}  // namespace

const Allocation* find_allocation(const void* pointer) {
    auto p = static_cast<const char*>(pointer);
    auto found = allocations.upper_bound(p);
    if (found == allocations.begin()) return nullptr;
    const Allocation& a = (--found)->second;
    return p < a.start + a.size ? &a : nullptr;
}

bool lies_on_device(const void* pointer, size_t size) {
    const Allocation* a = find_allocation(pointer);
    return a && a->device != pinned && static_cast<const char*>(pointer) + size <= a->start + a->size;
}

int usable_by_kernel(const void* pointer) {
    const Allocation* a = find_allocation(pointer);
    // An empty array may start directly behind the last element of another.
    if (!a) a = find_allocation(static_cast<const char*>(pointer) - 1);
    return a && (a->device == pinned || a->device == current_device);
}

size_t used_memory(int device) { return used_on(device); }

const char* describe_address(const void* address) {
    static char text[160];
    auto p = static_cast<const char*>(address);
    auto after = allocations.upper_bound(p);
    const Allocation* before = after == allocations.begin() ? nullptr : &std::prev(after)->second;
    if (!p) snprintf(text, sizeof text, "the null pointer");
    else if (before && p < before->start + before->size)
        snprintf(text, sizeof text, "byte %zd of %zu bytes of %s memory", p - before->start, before->size, before->device == pinned ? "pinned" : "device");
    else if (before && p < before->start + before->size + page)
        snprintf(text, sizeof text, "%zd bytes behind the end of an allocation of %zu bytes", p - before->start - before->size, before->size);
    else if (after != allocations.end() && p + page >= after->first)
        snprintf(text, sizeof text, "%zd bytes before the start of an allocation of %zu bytes", after->first - p, after->second.size);
    else snprintf(text, sizeof text, "%p, which is not device memory", address);
    return text;
}

}  // namespace cusim

using namespace cusim;

extern "C" {

cudaError_t CUDARTAPI cudaMalloc(void** pointer, size_t size) {
    Lock lock;
    return cudaError_t(lost ? lost : allocate(pointer, size, current_device));
}
cudaError_t CUDARTAPI cudaFree(void* pointer) { Lock lock; return cudaError_t(release(pointer, false)); }
cudaError_t CUDARTAPI cudaHostAlloc(void** pointer, size_t size, unsigned) {
    Lock lock;
    return cudaError_t(allocate(pointer, size ? size : 1, pinned));
}
cudaError_t CUDARTAPI cudaFreeHost(void* pointer) { Lock lock; return cudaError_t(release(pointer, true)); }
cudaError_t CUDARTAPI cudaMemGetInfo(size_t* available, size_t* total) {
    Lock lock;
    *total = options.memory;
    *available = options.memory - used_on(current_device);
    return cudaSuccess;
}
cudaError_t CUDARTAPI cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
    Lock lock;
    memset(attributes, 0, sizeof *attributes);
    const Allocation* a = find_allocation(pointer);
    attributes->type = !a ? cudaMemoryTypeUnregistered : a->device == pinned ? cudaMemoryTypeHost : cudaMemoryTypeDevice;
    attributes->device = a && a->device != pinned ? a->device : cudaInvalidDeviceId;
    attributes->devicePointer = a ? const_cast<void*>(pointer) : nullptr;
    attributes->hostPointer = a && a->device != pinned ? nullptr : const_cast<void*>(pointer);
    return cudaSuccess;
}

cudaError_t CUDARTAPI cudaMemcpy(void* to, const void* from, size_t size, cudaMemcpyKind kind) {
    Lock lock;
    if (int error = refuse_while_capturing("cudaMemcpy")) return cudaError_t(error);
    return cudaError_t(wait_for(copy(to, from, size, kind, nullptr), nullptr));
}
cudaError_t CUDARTAPI cudaMemcpyAsync(void* to, const void* from, size_t size, cudaMemcpyKind kind, cudaStream_t stream) {
    Lock lock;
    return cudaError_t(copy(to, from, size, kind, stream));
}
cudaError_t CUDARTAPI cudaMemcpyPeer(void* to, int, const void* from, int, size_t size) {
    Lock lock;
    return cudaError_t(wait_for(copy(to, from, size, cudaMemcpyDeviceToDevice, nullptr), nullptr));
}
cudaError_t CUDARTAPI cudaMemcpyPeerAsync(void* to, int, const void* from, int, size_t size, cudaStream_t stream) {
    Lock lock;
    return cudaError_t(copy(to, from, size, cudaMemcpyDeviceToDevice, stream));
}
cudaError_t CUDARTAPI cudaMemcpy2D(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width,
                                   size_t rows, cudaMemcpyKind kind) {
    Lock lock;
    if (int error = refuse_while_capturing("cudaMemcpy2D")) return cudaError_t(error);
    return cudaError_t(wait_for(copy_rows(to, to_pitch, from, from_pitch, width, rows, kind, nullptr), nullptr));
}
cudaError_t CUDARTAPI cudaMemcpy2DAsync(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width,
                                        size_t rows, cudaMemcpyKind kind, cudaStream_t stream) {
    Lock lock;
    return cudaError_t(copy_rows(to, to_pitch, from, from_pitch, width, rows, kind, stream));
}
cudaError_t CUDARTAPI cudaMemset(void* to, int value, size_t size) {
    Lock lock;
    if (int error = refuse_while_capturing("cudaMemset")) return cudaError_t(error);
    return cudaError_t(fill(to, value, size, nullptr));
}
cudaError_t CUDARTAPI cudaMemsetAsync(void* to, int value, size_t size, cudaStream_t stream) {
    Lock lock;
    return cudaError_t(fill(to, value, size, stream));
}

}  // extern "C"
