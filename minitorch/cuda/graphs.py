"""CUDA graphs: the work of a block recorded once, and given to the GPU again as a whole.

    static_x, static_y = x.clone(), y.clone()
    aside = minitorch.cuda.Stream()                         # a few times first, in a stream of its own
    aside.wait_stream(minitorch.cuda.current_stream())      # that does not run ahead of what made x, y and the model
    with minitorch.cuda.stream(aside):
        step(static_x, static_y)
    minitorch.cuda.synchronize()
    g = minitorch.cuda.CUDAGraph()
    with minitorch.cuda.graph(g):
        loss = step(static_x, static_y)                     # recorded, not done
    static_x.copy_(x); static_y.copy_(y); g.replay()        # done; `loss` holds the new value

A replay does what the GPU did, on the same memory; Python does not run. So shapes and numbers are fixed, and nothing
may be read from the host, drawn there, or wait for the GPU: such a block is refused when it is recorded.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from minitorch.cuda.gpus import backend, required, synchronize
from minitorch.cuda.memory import empty_cache
from minitorch.cuda.streams import Stream

MODES = ("global", "thread_local", "relaxed")


class CUDAGraph:
    """Recorded work, and the memory that it needs: what is allocated while it is recorded is the graph's own.

    Args:
        keep_graph: refused if True.

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
        """Begin to record what the current stream is given; `graph` does this more conveniently.

        Args:
            pool: memory to share with another graph, from its `pool` or from `graph_pool_handle`.
            capture_error_mode: one of torch's. Memory is allocated under way, which needs "relaxed": all are that.

        Raises:
            RuntimeError: if something is recorded already, or the current stream is the default one.
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
        """End what `capture_begin` began.

        Raises:
            RuntimeError: if nothing is recorded, or something was done that cannot be: a wait for the GPU above all.
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
                    f"else that a graph does not hold ({error})"
                ) from error

    def replay(self) -> None:
        """Give the recorded work to the current stream.

        Raises:
            RuntimeError: if there is none.
        """
        if self._graph is None:
            raise RuntimeError("Called CUDAGraph::replay without a preceding successful capture.")
        self._graph.launch()

    def reset(self) -> None:
        """Forget the recorded work, and give up its memory as soon as no tensor is in it."""
        self._graph = self._pool = None

    def pool(self) -> Any:
        """The graph's memory, for another graph that is never replayed at the same time."""
        return self._pool


def graph_pool_handle() -> Any:
    """Memory for several graphs that are replayed one after the other.

    Raises:
        RuntimeError: if there is no GPU.
    """
    return required().xp.cuda.MemoryPool()


def is_current_stream_capturing() -> bool:
    """Whether work is being recorded rather than done."""
    found = backend()
    return found is not None and found.is_capturing()


@contextmanager
def graph(
    cuda_graph: CUDAGraph, pool: Any = None, stream: Stream | None = None, capture_error_mode: str = "global"
) -> Iterator[None]:
    """A block whose work is recorded in `cuda_graph`, and not done; arguments as for `CUDAGraph.capture_begin`.

    Args:
        stream: a stream to record in, other than the default one; by default a new one.
    """
    synchronize()
    gc.collect()
    empty_cache()
    with Stream() if stream is None else stream:
        cuda_graph.capture_begin(pool, capture_error_mode)
        try:
            yield
        except BaseException:
            with suppress(RuntimeError):  # what the block raised says more
                cuda_graph.capture_end()
            cuda_graph.reset()
            raise
        cuda_graph.capture_end()
