"""A kernel is one name with a reference form and any number of implementations for particular array libraries.

    @kernel                              # the formula, written against the array module of its arguments
    def softmax(x, dim): ...

    @softmax.on("numpy")                 # a faster form of the same signature for one library
    def softmax_numpy(x, dim): ...

    @softmax.on("cupy", when=of_floats)  # a form for some arguments: where of_floats(x, dim) is false, the formula runs
    def softmax_cupy(x, dim): ...

Which one runs follows from the arrays it is given. ``with using("reference"):`` forces the formula.
"""

from __future__ import annotations

import inspect
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from kernels.backend import _BY_TYPE, Backend, backend_of, is_array, libraries
from kernels.floating_point_errors import run_again, silent

Form = Callable[..., Any]
KERNELS: dict[str, Kernel] = {}
"""Every kernel by name, for tools that go through all of them."""


class DeviceMismatch(Exception):
    """The arrays of one call are on different devices of one backend."""


_forced: ContextVar[str | None] = ContextVar("forced", default=None)
_check: ContextVar[Callable[[Kernel, Callable[..., Any]], Callable[..., Any]] | None] = ContextVar(
    "check", default=None
)
_forcing = 0  # the number of blocks of `asked_each_time` in all threads: unless it is 0, `Kernel.by_type` is not filled
_lock = threading.RLock()
if hasattr(os, "register_at_fork"):  # a process forked while another thread holds the lock would wait for it for ever
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


class Kernel:
    """A function with implementations for several array libraries; a call runs the one for its arguments.

    Attributes:
        name: its key in `KERNELS`.
        reference: the readable form, which runs on every backend.
        implementations: faster forms, by the library's name (`Backend.library`); for all arguments, so that a form
            registered with a condition includes the fallback to the reference.
        parameters: the names of the parameters, in order.
        contiguous: whether its results are brought into row-major order.
        by_type: a cache: the function to run for arrays of a type. Empty while an `asked_each_time` block is open in
            any thread.
        computes: whether it computes with the elements, so that NumPy could report floating-point errors.
    """

    def __init__(
        self,
        reference: Callable[..., Any],
        name: str | None = None,
        computes: bool = True,
        contiguous: bool = False,
    ) -> None:
        self.name = name or reference.__name__
        self.reference = reference
        self.computes = computes
        self.contiguous = contiguous
        self.implementations: dict[str, Callable[..., Any]] = {}
        self.parameters = parameter_names(reference)
        self.__doc__ = reference.__doc__
        self.__name__ = self.name
        self.__wrapped__ = reference
        self.by_type: dict[type, Callable[..., Any]] = {}
        if self.name in KERNELS:
            raise ValueError(f"a kernel named {self.name!r} is registered already")
        KERNELS[self.name] = self

    def __call__(self, *args: Any) -> Any:
        run = self.by_type.get(type(args[0])) or self.by_type.get(type(args[-1])) or self.chosen(args)
        try:
            return run(*args)
        except RuntimeError as error:
            return run_again(run, args, error)

    def on(
        self, library: str, when: Callable[..., bool] | None = None
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register the decorated function as the implementation for arrays of `library`.

        Args:
            library: `Backend.library` of the arrays that it is for.
            when: called with the same arguments before every call: where it returns False, the reference runs.

        Raises:
            ValueError: if no library of that name is known: register its backend first.
            TypeError: if `library` is a function (the decorator was written without parentheses), the parameters of
                the function differ from the reference's, or `when` does not take them.
        """
        if callable(library):
            raise TypeError(f"{self.name}.on is called with the name of a library: @kernels.{self.name}.on('numpy')")
        if library not in libraries():
            raise ValueError(
                f"{self.name}.on({library!r}): no array library is called that; known: {', '.join(libraries())}. "
                "It is the attribute `library` of a backend, which kernels.register() makes known"
            )
        if when is not None:
            try:
                inspect.signature(when).bind(*self.parameters)
            except TypeError as error:
                raise TypeError(
                    f"{self.name}.on({library!r}): `when` must take the parameters {self.parameters}: {error}"
                ) from None

        def add(function: Callable[..., Any]) -> Callable[..., Any]:
            parameters = parameter_names(function)
            if parameters != self.parameters:
                raise TypeError(f"{self.name}.on({library!r}): expected parameters {self.parameters}, got {parameters}")
            self.implementations[library] = function if when is None else self._guarded(function, when)
            self.by_type.clear()
            return function

        return add

    def _guarded(self, function: Callable[..., Any], when: Callable[..., bool]) -> Callable[..., Any]:
        """`function` where `when` allows it, else the reference."""
        reference = self.reference

        @wraps(function)
        def run(*args: Any) -> Any:
            return function(*args) if when(*args) else reference(*args)

        return run

    def chosen(self, args: tuple[Any, ...]) -> Callable[..., Any]:
        """The function that runs for these arguments.

        Every call of a kernel runs a function from here, or from the cache `by_type`, which is filled here alone.
        """
        owner = _owner(args)
        forced = _forced.get()
        library = owner.library if forced is None else forced
        form, check = self.implementations.get(library), _check.get()
        run = form if form is None or check is None else check(self, form)
        run = owner.instrumented(self, run or self.bind(owner))
        run = silent(run) if self.computes else run
        run = _on_their_device(_row_major(run) if self.contiguous else run, owner)
        if forced is None and check is None:
            with _lock:
                if not _forcing:
                    self.by_type.update(dict.fromkeys(owner.array_types, run))
        return run

    def bind(self, owner: Backend) -> Callable[..., Any]:
        """The reference form for arrays of `owner`."""
        return self.reference

    def __repr__(self) -> str:
        forms = ", ".join(["reference", *self.implementations])
        return f"<kernel {self.name}({', '.join(self.parameters)}): {forms}>"


class UniversalKernel(Kernel):
    """A kernel whose reference is the array module's own function: `kernels.add` on NumPy *is* `np.add`."""

    def __init__(self, reference: Callable[..., Any], function: str, name: str | None = None) -> None:
        super().__init__(reference, name)
        self.function = function

    def bind(self, owner: Backend) -> Callable[..., Any]:
        try:
            run: Callable[..., Any] = getattr(owner.xp, self.function)
        except AttributeError as error:
            error.add_note(
                f"the kernel {self.name} is the function {self.function} of an array library; give it a form for "
                f"{owner.library} with @kernels.{self.name}.on({owner.library!r})"
            )
            raise
        return run


def kernel(reference: Callable[..., Any]) -> Kernel:
    """Make a kernel of its reference form (a decorator)."""
    return Kernel(reference)


def view_kernel(reference: Callable[..., Any]) -> Kernel:
    """Make a kernel of its reference form, which does not compute, but returns a view or a copy (a decorator)."""
    return Kernel(reference, computes=False)


def contiguous_kernel(reference: Callable[..., Any]) -> Kernel:
    """A kernel whose results are in row-major order also where its arguments are not, as torch's are (a decorator)."""
    return Kernel(reference, contiguous=True)


def parameter_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the parameters of a kernel or of a function.

    `inspect.signature` is many times slower, and there are hundreds of kernels to import.
    """
    function = inspect.unwrap(function)
    code = getattr(function, "__code__", None)
    if code is None or code.co_kwonlyargcount or code.co_flags & inspect.CO_VARKEYWORDS:
        return tuple(inspect.signature(function).parameters)
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount + is_variadic(function)]
    return names


def is_variadic(function: Callable[..., Any]) -> bool:
    """Whether the last parameter of a kernel or of a function is ``*name``."""
    function = inspect.unwrap(function)
    return inspect.isfunction(function) and bool(function.__code__.co_flags & inspect.CO_VARARGS)


@contextmanager
def using(library: str) -> Iterator[None]:
    """Within the block, in this context only, run kernels' forms for `library`, or their ``"reference"``.

    Raises:
        ValueError: if no library of that name is known.
    """
    if library not in ("reference", *libraries()):
        raise ValueError(f"expected 'reference' or one of {', '.join(libraries())}, but got {library!r}")
    with asked_each_time(_forced, library):
        yield


@contextmanager
def asked_each_time(variable: ContextVar[Any], value: Any) -> Iterator[None]:
    """A block in which kernels do not remember what to run for a type of array, with a context variable set."""
    global _forcing
    token = variable.set(value)
    with _lock:
        _forcing += 1
        for k in KERNELS.values():
            k.by_type.clear()
    try:
        yield
    finally:
        with _lock:
            _forcing -= 1
        variable.reset(token)


def _row_major(run: Callable[..., Any]) -> Callable[..., Any]:
    """`run` with its results in row-major order."""

    def run_row_major(*args: Any) -> Any:
        out = run(*args)
        if type(out) is tuple:
            return tuple([o if o.flags.c_contiguous else o.copy(order="C") for o in out])
        return out if out.flags.c_contiguous else out.copy(order="C")

    return run_row_major


def _on_their_device(run: Callable[..., Any], owner: Backend) -> Callable[..., Any]:
    """`run` with the device of its arrays as the current one."""
    if not owner.indexed or owner.device_count() == 1:
        return run

    def run_there(*args: Any) -> Any:
        places = {owner.index_of(a) for a in _arrays(args) if isinstance(a, owner.array_types)}
        if len(places) > 1:
            raise DeviceMismatch(f"arrays of one call on the devices {places} of {owner.name}")
        if places == {owner.current_index()}:
            return run(*args)
        with owner.on(places.pop()):
            return run(*args)

    return run_there


def _arrays(args: tuple[Any, ...] | list[Any]) -> Iterator[Any]:
    """The arrays among `args` and in the tuples and lists among them."""
    for arg in args:
        if type(arg) in _BY_TYPE or is_array(arg):
            yield arg
        elif isinstance(arg, tuple | list):
            yield from _arrays(arg)


def _owner(args: tuple[Any, ...]) -> Backend:
    """The backend of the first array among `args`, looking into tuples and lists."""
    for array in _arrays(args):
        return backend_of(array)
    raise TypeError(
        f"expected an array among the arguments, but got {', '.join(type(a).__name__ for a in args) or 'none'}"
    )
