"""The GPUs, as torch's ``cuda`` module shows them; without CuPy, or without a GPU, there are none.

What it takes and gives are torch's; what runs below is CuPy. See docs/gpu.md.
"""

from kernels import OutOfMemoryError
from minitorch.cuda.gpus import (
    DeviceProperties,
    can_device_access_peer,
    current_device,
    device,
    device_count,
    device_of,
    get_device_capability,
    get_device_name,
    get_device_properties,
    is_available,
    set_device,
    synchronize,
)
from minitorch.cuda.graphs import CUDAGraph, graph, graph_pool_handle, is_current_stream_capturing
from minitorch.cuda.memory import (
    empty_cache,
    max_memory_allocated,
    max_memory_reserved,
    mem_get_info,
    memory_allocated,
    memory_reserved,
    reset_peak_memory_stats,
)
from minitorch.cuda.random import manual_seed, manual_seed_all
from minitorch.cuda.streams import Event, Stream, current_stream, default_stream, set_stream, stream
from minitorch.legacy import CUDA_TYPES

globals().update(CUDA_TYPES)
