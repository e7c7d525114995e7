"""CUDA graphs: the GPU work of a block is recorded once, and can then be run again as a whole.

    static_x, static_y = x.clone(), y.clone()
    side = minitorch.cuda.Stream()                          # first run the step a few times, in another stream
    side.wait_stream(minitorch.cuda.current_stream())       # (after x, y and the model have been computed)
    with minitorch.cuda.stream(side):
        step(static_x, static_y)
    minitorch.cuda.synchronize()
    g = minitorch.cuda.CUDAGraph()
    with minitorch.cuda.graph(g):
        loss = step(static_x, static_y)                     # recorded, not run
    static_x.copy_(x); static_y.copy_(y); g.replay()        # run; `loss` has the new value

A replay repeats the GPU's work on the same memory; no Python code runs. So shapes and Python numbers are fixed. A block
that reads from the host, draws random numbers there, or waits for the GPU is refused when it is recorded.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from weakref import finalize

from minitorch.cuda.gpus import backend, required, synchronize
from minitorch.cuda.memory import empty_cache
from minitorch.cuda.streams import Stream

MODES = ("global", "thread_local", "relaxed")

_retired: list[tuple[Any, Any]] = []
"""Pools that no graph has any more, each with its device, while tensors use some of their memory."""


class _Pool:
    """Memory of graphs. It is freed with them; a pool of CuPy that is gone would keep its free blocks for ever."""

    def __init__(self, cuda: Any) -> None:
        device, pool = cuda.Device(), cuda.MemoryPool()
        self.malloc = pool.malloc
        finalize(self, _retire, device, pool).atexit = False


def _retire(device: Any, pool: Any) -> None:
    _retired.append((device, pool))
    _free_retired()


def _free_retired() -> None:
    """Free the memory of retired pools that no tensor uses any more."""
    for entry in list(_retired):
        device, pool = entry
        with device:
            pool.free_all_blocks()
            if not pool.total_bytes():
                _retired.remove(entry)


class CUDAGraph:
    """Recorded GPU work. Memory that is allocated during the recording belongs to the graph.

    Args:
        keep_graph: must be False.

    Raises:
        RuntimeError: if there is no GPU.
        NotImplementedError: for `keep_graph`.
    """

    def __init__(self, keep_graph: bool = False) -> None:
        if keep_graph:
            raise NotImplementedError("CUDAGraph: keep_graph=True is not supported; leave it out")
        self._cupy = required().xp.cuda
        self._graph: Any = None
        self._pool: Any = None
        self._recording: ExitStack | None = None

    def capture_begin(self, pool: Any = None, capture_error_mode: str = "global") -> None:
        """Begin to record the work of the current stream; `graph` does this more conveniently.

        Args:
            pool: memory to share with another graph, from its `pool` or from `graph_pool_handle`.
            capture_error_mode: one of torch's modes. All are treated as "relaxed", because memory is allocated during a
                recording.

        Raises:
            RuntimeError: if this graph already has a recording, or the current stream is the default one.
            ValueError: for an unknown mode.
        """
        if capture_error_mode not in MODES:
            raise ValueError(f"capture_error_mode: expected one of {', '.join(MODES)}, but got {capture_error_mode!r}")
        stream = self._cupy.get_current_stream()
        if self._graph is not None or self._recording is not None or stream.is_capturing():
            raise RuntimeError(
                "This CUDAGraph instance already owns a captured graph. To capture a new graph, call reset()"
            )
        if stream.ptr == self._cupy.Stream.null.ptr:
            raise RuntimeError(
                "CUDA graphs must be captured on a non-default stream. (However, after capture, it's ok to replay them "
                "on the default stream.) Use minitorch.cuda.graph, or a block of minitorch.cuda.stream."
            )
        self._pool = graph_pool_handle() if pool is None else pool
        with ExitStack() as stack:
            stack.enter_context(self._cupy.using_allocator(self._pool.malloc))
            stream.begin_capture()
            self._recording = stack.pop_all()

    def capture_end(self) -> None:
        """End the recording that `capture_begin` began.

        Raises:
            RuntimeError: if nothing is being recorded, or the block did something that cannot be recorded, such as
                waiting for the GPU.
        """
        if self._recording is None:
            raise RuntimeError("capture_end: expected a capture that was begun, but nothing is being recorded")
        recording, self._recording = self._recording, None
        with recording:
            try:
                self._graph = self._cupy.get_current_stream().end_capture()
            except self._cupy.runtime.CUDARuntimeError as error:
                self._pool = None
                raise RuntimeError(
                    "the block cannot be captured: it waits for the GPU (as .item() or printing do), or does something "
                    f"else that cannot be recorded ({error})"
                ) from error

    def replay(self) -> None:
        """Run the recorded work in the current stream.

        Raises:
            RuntimeError: if nothing has been recorded.
        """
        if self._graph is None:
            raise RuntimeError("Called CUDAGraph::replay without a preceding successful capture.")
        self._graph.launch()

    def reset(self) -> None:
        """Delete the recorded work, and free its memory as soon as no tensor uses it."""
        self._graph = self._pool = None

    def pool(self) -> Any:
        """The graph's memory, for another graph that is never replayed at the same time."""
        return self._pool


def graph_pool_handle() -> Any:
    """Memory for several graphs that are replayed one after the other.

    Raises:
        RuntimeError: if there is no GPU.
    """
    return _Pool(required().xp.cuda)


def is_current_stream_capturing() -> bool:
    """Whether work is being recorded instead of run."""
    found = backend()
    return found is not None and found.is_capturing()


@contextmanager
def graph(
    cuda_graph: CUDAGraph, pool: Any = None, stream: Stream | None = None, capture_error_mode: str = "global"
) -> Iterator[None]:
    """A context whose GPU work is recorded in `cuda_graph`, not run; arguments as for `CUDAGraph.capture_begin`.

    Args:
        stream: a stream to record in, which must not be the default stream; by default a new one.
    """
    synchronize()
    gc.collect()
    _free_retired()
    empty_cache()
    with Stream() if stream is None else stream:
        cuda_graph.capture_begin(pool, capture_error_mode)
        try:
            yield
        except BaseException:
            with suppress(RuntimeError):  # the exception of the block says more
                cuda_graph.capture_end()
            cuda_graph.reset()
            raise
        cuda_graph.capture_end()
