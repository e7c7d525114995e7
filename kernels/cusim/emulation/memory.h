// Device memory and pinned host memory: pieces of the host's heap that the emulation remembers.
#pragma once

#include <cstddef>

namespace cusim {

constexpr int pinned = -1;  // in place of a device's number

struct Allocation {
    char* start;
    size_t size;
    int device;        // or `pinned`
    char* mapping;     // the memory from the system: larger where it is guarded
    size_t mapping_size;
};

const Allocation* find_allocation(const void* pointer);       // null: ordinary host memory
bool lies_on_device(const void* pointer, size_t size);        // all of it, in one allocation of some device
int usable_by_kernel(const void* pointer);                    // memory of the current device, or pinned
size_t used_memory(int device);
// The position of `address` relative to the nearest allocation, in words.
const char* describe_address(const void* address);

}  // namespace cusim
