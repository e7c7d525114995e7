"""The base class of networks: a tree of modules with parameters and buffers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, Self, TypeVar

from minitorch._tensor import Tensor
from minitorch.autograd.grad_mode import no_grad
from minitorch.dtypes import dtype
from minitorch.functions.creation import empty_like
from minitorch.functions.inquiry import typename
from minitorch.functions.options import destination
from minitorch.nn.modules._hooks import (
    Hooked,
    register_module_buffer_registration_hook as register_module_buffer_registration_hook,
    register_module_forward_hook as register_module_forward_hook,
    register_module_forward_pre_hook as register_module_forward_pre_hook,
    register_module_full_backward_hook as register_module_full_backward_hook,
    register_module_full_backward_pre_hook as register_module_full_backward_pre_hook,
    register_module_module_registration_hook as register_module_module_registration_hook,
    register_module_parameter_registration_hook as register_module_parameter_registration_hook,
    registered_buffer,
    registered_module,
    registered_parameter,
)
from minitorch.nn.modules._state_dict import Stateful
from minitorch.nn.modules._tree import Tree
from minitorch.nn.parameter import Buffer, Parameter
from minitorch.types import Device

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result", covariant=True)


class _Forward(Protocol[Arguments, Result]):
    """The type of a module, by the arguments and the result of its `forward`."""

    @property
    def forward(self) -> Callable[Arguments, Result]: ...


def _forward_unimplemented(self: Any, *input: Any) -> None:
    """Compute the module's result. Every module defines this method.

    Raises:
        NotImplementedError: always, because the subclass does not define it.
    """
    raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')


class Module(Hooked, Stateful, Tree):
    """Base class of all networks and layers.

    A subclass calls ``super().__init__()``, assigns parameters, buffers and other modules as attributes, which
    registers them, and defines `forward`. The module is then called like a function.

    Attributes:
        training: True in training mode, False in evaluation mode; see `train` and `eval`.
    """

    dump_patches: bool = False
    _version: int = 1
    call_super_init: bool = False

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _non_persistent_buffers_set: set[str]
    _modules: dict[str, Module | None]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not self.call_super_init:
            if kwargs:
                unexpected = next(iter(kwargs))
                raise TypeError(f"{type(self).__name__}.__init__() got an unexpected keyword argument '{unexpected}'")
            if args:
                raise TypeError(
                    f"{type(self).__name__}.__init__() takes 1 positional argument but {len(args) + 1} were given"
                )
        self.__dict__.update(training=True, _parameters={}, _buffers={}, _non_persistent_buffers_set=set(), _modules={})
        self._init_hooks()
        self._init_state_hooks()
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    forward: Callable[..., Any] = _forward_unimplemented

    if TYPE_CHECKING:  # a module is called like its `forward`, whatever that takes and returns in a subclass

        def __call__(
            self: _Forward[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> Result: ...

    # -- registration

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Register a tensor that is not trained: it moves with the module and, if `persistent`, is in its `state_dict`.

        Raises:
            AttributeError: before ``super().__init__()``.
            TypeError: if `name` is not a string or `tensor` is not a tensor.
            KeyError: if `name` is empty, has a dot or is already an attribute.
        """
        self._check_name("buffer", "_buffers", name)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{typename(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        self._buffers[name] = registered_buffer(self, name, tensor)
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Register a tensor that is trained. None only reserves the name.

        Raises:
            AttributeError: before ``super().__init__()``.
            TypeError: if `name` is not a string or `param` is not a Parameter.
            KeyError: if `name` is empty, has a dot or is already an attribute.
            ValueError: if `param` was computed from other tensors.
        """
        self._check_name("parameter", "_parameters", name)
        if param is None:
            self._parameters[name] = None
            return
        if not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{typename(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)"
            )
        if param.grad_fn is not None:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created explicitly. To "
                f"express '{name}' as a function of another Tensor, compute the value in the forward() method."
            )
        self._parameters[name] = registered_parameter(self, name, param)

    def add_module(self, name: str, module: Module | None) -> None:
        """Register a module as a child of this one.

        Raises:
            TypeError: if `name` is not a string or `module` is not a Module.
            KeyError: if `name` is empty, has a dot or is already an attribute.
        """
        if not isinstance(module, Module) and module is not None:
            raise TypeError(f"{typename(module)} is not a Module subclass")
        self._check_name("module", "_modules", name)
        self._modules[name] = registered_module(self, name, module)

    def register_module(self, name: str, module: Module | None) -> None:
        """Another name for `add_module`."""
        self.add_module(name, module)

    def _check_name(self, kind: str, table: str, name: str) -> None:
        if table not in self.__dict__:
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {typename(name)}")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain "."' + (f", got: {name}" if kind == "module" else ""))
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if hasattr(self, name) and name not in self.__dict__[table]:
            raise KeyError(f"attribute '{name}' already exists")

    # -- attributes

    def __getattr__(self, name: str) -> Tensor | Module:
        tables = self.__dict__
        for table in ("_parameters", "_buffers", "_modules"):
            if table in tables and name in tables[table]:
                found: Tensor | Module = tables[table][name]
                return found
        raise AttributeError(
            f"'{type(self).__name__}' object has no attribute '{name}'{self._hint(name)}", name=name, obj=self
        )

    def _hint(self, name: str) -> str:
        """What to do where a module is taken for its result."""
        if name.startswith("_") or not hasattr(Tensor, name):
            return ""
        kind = type(self).__name__
        return f"; tensors have one: a layer is made first and called then, {kind}(options)(input)"

    def __setattr__(self, name: str, value: Any) -> None:
        tables = self.__dict__
        parameters, modules, buffers = tables.get("_parameters"), tables.get("_modules"), tables.get("_buffers")
        if isinstance(value, Parameter):
            if parameters is None:
                raise AttributeError("cannot assign parameters before Module.__init__() call")
            self._forget(name, "_buffers", "_modules")
            self.register_parameter(name, value)
        elif parameters is not None and name in parameters:
            if value is not None:
                raise TypeError(
                    f"cannot assign '{typename(value)}' as parameter '{name}' (torch.nn.Parameter or None expected)"
                )
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            if modules is None:
                raise AttributeError("cannot assign module before Module.__init__() call")
            self._forget(name, "_parameters", "_buffers")
            modules[name] = registered_module(self, name, value)
        elif modules is not None and name in modules:
            if value is not None:
                raise TypeError(
                    f"cannot assign '{typename(value)}' as child module '{name}' (torch.nn.Module or None expected)"
                )
            modules[name] = registered_module(self, name, value)
        elif isinstance(value, Buffer) or (buffers is not None and name in buffers):
            if value is not None and not isinstance(value, Tensor):
                raise TypeError(
                    f"cannot assign '{typename(value)}' as buffer '{name}' "
                    "(torch.nn.Buffer, torch.Tensor or None expected)"
                )
            kept = value.persistent if isinstance(value, Buffer) else name not in self._non_persistent_buffers_set
            self.register_buffer(name, value, kept)
        else:
            object.__setattr__(self, name, value)

    def _forget(self, name: str, *tables: str) -> None:
        """Remove `name` from the tables and from the instance, before it is registered as another kind of object."""
        self.__dict__.pop(name, None)
        for table in tables:
            self.__dict__[table].pop(name, None)
        self._non_persistent_buffers_set.discard(name)

    def __delattr__(self, name: str) -> None:
        for table in (self._parameters, self._buffers, self._modules):
            if name in table:
                del table[name]
                self._non_persistent_buffers_set.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        names = [*dir(type(self)), *self.__dict__, *self._parameters, *self._modules, *self._buffers]
        return sorted(name for name in names if not name[0].isdigit())

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._init_hooks()
        self._init_state_hooks()
        self.__dict__.update(state)

    # -- modes

    def train(self, mode: bool = True) -> Self:
        """Set training or evaluation mode, also in submodules. Dropout and batch normalization depend on it.

        Raises:
            ValueError: if `mode` is not a bool.
        """
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Self:
        """Set evaluation mode, also in submodules."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set `requires_grad` of all parameters."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the gradients of all parameters to None, or to zeros."""
        for parameter in self.parameters():
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad.detach_()
                parameter.grad.zero_()

    # -- conversion

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call ``fn(module)`` on all modules below and then on this one, for example to initialize them."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Replace every parameter, gradient and buffer by ``fn(tensor)``.

        A parameter stays the same object, so that optimizers and other modules that refer to it see the change.
        """
        if recurse:
            for module in self.children():
                module._apply(fn)
        with no_grad():
            for parameter in self._parameters.values():
                if parameter is not None:
                    parameter.data = fn(parameter)
                    if parameter.grad is not None:
                        parameter.grad.data = fn(parameter.grad)
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def to(
        self,
        *args: Any,
        device: Device = None,
        dtype: dtype | None = None,
        tensor: Tensor | None = None,
        non_blocking: bool = False,
        copy: bool | None = None,
        memory_format: Any = None,
    ) -> Self:
        """Move parameters and buffers in place; only floating-point ones change their dtype.

        Args:
            args: a device, a floating-point dtype, both (device first), or a tensor whose dtype and device are used.
            device: the device, as a keyword.
            dtype: the dtype, as a keyword.
            tensor: the tensor, as a keyword.
            non_blocking: as for `Tensor.to`.
            copy: refused.
            memory_format: accepted, without effect.

        Raises:
            TypeError: for a dtype that is not floating point, or arguments in another order or of other types.
            RuntimeError: if `copy` is given.
        """
        args = args if tensor is None else (tensor, *args)
        device, wanted, later, copies = destination(args, device, dtype, non_blocking, bool(copy))
        if copies or copy is not None:
            raise RuntimeError(".to() does not accept copy argument: copy the module with copy.deepcopy first")
        if wanted is not None and not wanted.is_floating_point:
            raise TypeError(
                f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={wanted}"
            )

        def moved(t: Tensor) -> Tensor:
            return t.to(device=device, dtype=wanted if t.is_floating_point() else None, non_blocking=later)

        return self._apply(moved)

    def to_empty(self, *, device: Device = None, recurse: bool = True) -> Self:
        """Replace all parameters and buffers by uninitialized tensors on `device`."""
        return self._apply(lambda t: empty_like(t, device=device), recurse=recurse)

    def cpu(self) -> Self:
        """Move to the host."""
        return self._apply(lambda t: t.cpu())

    def cuda(self, device: Device = None) -> Self:
        """Move to a GPU, the current one by default."""
        return self._apply(lambda t: t.cuda(device))

    def type(self, dst_type: Any) -> Self:
        """Convert all parameters and buffers to a dtype."""
        return self._apply(lambda t: t.type(dst_type))

    def float(self) -> Self:
        """Convert floating-point parameters and buffers to float32."""
        return self._apply(lambda t: t.float() if t.is_floating_point() else t)

    def double(self) -> Self:
        """Convert floating-point parameters and buffers to float64."""
        return self._apply(lambda t: t.double() if t.is_floating_point() else t)

    def half(self) -> Self:
        """Convert floating-point parameters and buffers to float16."""
        return self._apply(lambda t: t.half() if t.is_floating_point() else t)

    # -- text

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """The text between the parentheses of the repr, without the children: a layer's sizes and options."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        extra_lines = extra.split("\n") if extra else []
        child_lines = [f"({name}): {indent(repr(module))}" for name, module in self._modules.items()]
        return block(self._get_name(), extra_lines, child_lines)

    def _repr_html_(self) -> str:
        from minitorch.visualization import notebook

        return notebook.module(self)


def indent(text: str) -> str:
    """`text` with two spaces before every line but the first and empty ones."""
    first, *others = text.split("\n")
    return "\n".join([first, *("  " + line if line.strip() else "" for line in others)])


def block(name: str, extra_lines: list[str], child_lines: list[str]) -> str:
    """``name(...)`` around lines: one line of a module without children stays on the same line."""
    lines = extra_lines + child_lines
    if len(extra_lines) == 1 and not child_lines:
        return f"{name}({lines[0]})"
    return f"{name}(" + ("\n  " + "\n  ".join(lines) + "\n" if lines else "") + ")"
