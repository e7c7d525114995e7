// From a C++ function to a KernelInfo: its parameters as types, its launch as a loop over the grid.
#pragma once

#include <type_traits>
#include <utility>

#include "cusim/half.h"
#include "cusim/scheduler.h"

namespace cusim {

template <class T>
constexpr char kind_of() {
    using Bare = typename std::remove_cv<T>::type;
    if (std::is_pointer<Bare>::value) return 'p';
    if (std::is_same<Bare, bool>::value) return 'b';
    if (std::is_same<Bare, __half>::value) return 'h';
    if (std::is_floating_point<Bare>::value) return 'f';
    if (std::is_integral<Bare>::value || std::is_enum<Bare>::value) return std::is_signed<Bare>::value ? 'i' : 'u';
    return 's';
}

template <class T>
constexpr unsigned size_of() {
    if constexpr (std::is_void<T>::value) return 0;
    else return sizeof(T);
}

template <class T>
constexpr Parameter parameter_of() {
    static_assert(!std::is_reference<T>::value, "a kernel takes no references");
    using Pointee = typename std::remove_pointer<T>::type;
    bool pointer = std::is_pointer<T>::value;
    return {kind_of<T>(), pointer ? kind_of<Pointee>() : '\0', pointer && !std::is_const<Pointee>::value, sizeof(T),
            pointer ? size_of<Pointee>() : 0};
}

template <class T>
static bool foreign(Launch* launch, void* argument) {
    if constexpr (std::is_pointer<T>::value) {
        const void* pointer = *static_cast<void**>(argument);
        return launch->is_device_pointer && pointer && !launch->is_device_pointer(pointer);
    } else {
        return false;
    }
}

template <auto Function>
struct Kernel;

template <class... T, void (*Function)(T...)>
struct Kernel<Function> {
    static constexpr Parameter parameters[sizeof...(T) + 1] = {parameter_of<T>()..., {}};

    template <size_t... I>
    CUSIM_UNCHECKED static int run_with(Launch* launch, void** arguments, std::index_sequence<I...>) {
        int bad = -1;
        ((bad < 0 && foreign<T>(launch, arguments[I]) ? void(bad = int(I)) : void()), ...);
        if (bad >= 0) {
            snprintf(launch->error, sizeof launch->error, "argument %d is not a pointer to device memory", bad);
            return illegal_address;
        }
        auto body = [](void* a) {
            [[maybe_unused]] void** values = static_cast<void**>(a);
            Function(*static_cast<typename std::remove_cv<T>::type*>(values[I])...);
        };
        return run_grid(launch, body, arguments);
    }
    static int run(Launch* launch, void** arguments) {
        return run_with(launch, arguments, std::index_sequence_for<T...>{});
    }
};

}  // namespace cusim

// translate.py appends this for each kernel: SYMBOL is the name to look it up by, NAME its name in messages.
#define CUSIM_EXPORT(SYMBOL, NAME, ...)                                                                       \
    extern "C" __attribute__((visibility("default"))) const cusim::KernelInfo cusim_kernel_##SYMBOL = {       \
        NAME, &cusim::Kernel<&__VA_ARGS__>::run,                                                              \
        sizeof(cusim::Kernel<&__VA_ARGS__>::parameters) / sizeof(cusim::Parameter) - 1,                       \
        cusim::Kernel<&__VA_ARGS__>::parameters};
