"""torch's ``cuda`` module, by CuPy. Without CuPy, or without a GPU, there are no devices.

Its functions have torch's arguments and results. See docs/gpu.md.
"""

from kernels import OutOfMemoryError as OutOfMemoryError
from minitorch.cuda.gpus import (
    DeviceProperties as DeviceProperties,
    can_device_access_peer as can_device_access_peer,
    current_device as current_device,
    device as device,
    device_count as device_count,
    device_of as device_of,
    get_device_capability as get_device_capability,
    get_device_name as get_device_name,
    get_device_properties as get_device_properties,
    is_available as is_available,
    set_device as set_device,
    synchronize as synchronize,
)
from minitorch.cuda.graphs import (
    CUDAGraph as CUDAGraph,
    graph as graph,
    graph_pool_handle as graph_pool_handle,
    is_current_stream_capturing as is_current_stream_capturing,
)
from minitorch.cuda.memory import (
    empty_cache as empty_cache,
    max_memory_allocated as max_memory_allocated,
    max_memory_reserved as max_memory_reserved,
    mem_get_info as mem_get_info,
    memory_allocated as memory_allocated,
    memory_reserved as memory_reserved,
    reset_peak_memory_stats as reset_peak_memory_stats,
)
from minitorch.cuda.random import manual_seed as manual_seed, manual_seed_all as manual_seed_all
from minitorch.cuda.streams import (
    Event as Event,
    Stream as Stream,
    current_stream as current_stream,
    default_stream as default_stream,
    set_stream as set_stream,
    stream as stream,
)
from minitorch.legacy import CUDA_TYPES

globals().update(CUDA_TYPES)
