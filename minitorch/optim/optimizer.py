"""The base class of optimizers: groups of parameters, the state of each parameter, hooks, saving and loading."""

from __future__ import annotations

import functools
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from itertools import chain
from typing import Any, ClassVar, TypeAlias, TypeVar, overload

import kernels
from kernels import Array
from minitorch import dtypes
from minitorch._tensor import Tensor
from minitorch.autograd.grad_mode import enable_grad
from minitorch.functions.data import tensor
from minitorch.functions.inquiry import typename
from minitorch.utils.hooks import Hooks, RemovableHandle, add_hook

Params: TypeAlias = Iterable[Tensor] | Iterable[Mapping[str, Any]] | Iterable[tuple[str, Tensor]]
"""The parameters of an optimizer: tensors, groups of tensors with options, or tensors with names."""
Loss = TypeVar("Loss")


class _Required:
    """Marks an option without a default: every group must give it."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = _Required()
_global_pre_hooks: Hooks = {}
_global_post_hooks: Hooks = {}


def _move_to_parameters(state: dict[Any, Any]) -> None:
    """Move the state of each parameter to the parameter's device; a step number stays on the host."""
    for p, kept_state in state.items():
        if isinstance(p, Tensor):
            for name, value in kept_state.items():
                if name != "step" and isinstance(value, Tensor) and value.device != p.device:
                    kept_state[name] = value.to(p.device)


def _with_hooks(step: Callable[..., Any]) -> Callable[..., Any]:
    """`step` of a class, with its hooks called before and after it."""

    @functools.wraps(step)
    def hooked(*args: Any, **kwargs: Any) -> Any:
        self = args[0]
        if getattr(type(self), "step", None) is not hooked:  # a subclass overrides it and calls this one
            return step(*args, **kwargs)
        for hook in (*_global_pre_hooks.values(), *self._optimizer_step_pre_hooks.values()):
            changed = hook(self, args, kwargs)
            if changed is not None:
                if not isinstance(changed, tuple) or len(changed) != 2:
                    raise RuntimeError(
                        f"{step} must return None or a tuple of (new_args, new_kwargs), but got {changed}."
                    )
                args, kwargs = changed
        if kernels.has_numbered_devices():
            _move_to_parameters(self.state)
        result = step(*args, **kwargs)
        for hook in (*self._optimizer_step_post_hooks.values(), *_global_post_hooks.values()):
            hook(self, args, kwargs)
        return result

    return hooked


class Optimizer:
    """Base class of optimizers.

    A subclass of yours passes its options to ``super().__init__`` as `defaults` and defines `step` by
    ``self.param_groups`` and ``self.state``. Hooks before and after `step` are called automatically.

    The subclasses in this package do not override `step`: it calls `_options` for each group, and `_update` for each
    parameter with a gradient.

    Args:
        params: tensors, (name, tensor) pairs, or dictionaries with a key ``params`` and options of that group.
        defaults: the options of groups that do not set them.

    Attributes:
        param_groups: dictionaries of options, with the group's tensors under ``params``.
        state: for each parameter a dictionary of the optimizer's state.
        defaults: the argument of this name.

    Raises:
        TypeError: if `params` is a tensor or a set, or something in it is not a tensor.
        ValueError: if there are no parameters, one is not a leaf or is in two groups, or only some have names.
    """

    _HOOKS: ClassVar[tuple[str, ...]] = (
        "_optimizer_step_pre_hooks",
        "_optimizer_step_post_hooks",
        "_optimizer_state_dict_pre_hooks",
        "_optimizer_state_dict_post_hooks",
        "_optimizer_load_state_dict_pre_hooks",
        "_optimizer_load_state_dict_post_hooks",
    )
    _LATER_OPTIONS: ClassVar[dict[str, Any]] = {}
    """Options that older checkpoints of a class do not have, with their defaults."""
    _optimizer_step_pre_hooks: Hooks
    _optimizer_step_post_hooks: Hooks
    _optimizer_state_dict_pre_hooks: Hooks
    _optimizer_state_dict_post_hooks: Hooks
    _optimizer_load_state_dict_pre_hooks: Hooks
    _optimizer_load_state_dict_post_hooks: Hooks

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "step" in cls.__dict__:
            cls.step = _with_hooks(cls.step)  # type: ignore[method-assign]  # once, when the class is made

    def __init__(self, params: Params, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self.__dict__.update({name: {} for name in self._HOOKS})
        if isinstance(params, Tensor) or hasattr(params, "parameters"):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                + typename(params)
                + ("; give net.parameters()" if hasattr(params, "parameters") else "")
            )
        self.state: defaultdict[Any, Any] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        groups: list[Any] = list(params)
        if not groups:
            error = ValueError("optimizer got an empty parameter list")
            error.add_note("A module finds layers in its attributes and in nn.ModuleList, not in a plain list or dict.")
            raise error
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name in self._HOOKS:
            self.__dict__.setdefault(name, {})
        self.__dict__.update(state)
        self._complete()

    def _complete(self) -> None:
        """Complete the state of an older checkpoint: add missing options, convert step numbers to tensors."""
        if not self._LATER_OPTIONS:
            return  # a subclass of yours may have a number under "step"
        for group in self.param_groups:
            for name, default in self._LATER_OPTIONS.items():
                group.setdefault(name, default)
            for p in group["params"]:
                kept = self.state.get(p)
                if kept and "step" in kept and not isinstance(kept["step"], Tensor):
                    kept["step"] = step_counter(float(kept["step"]))

    def __repr__(self) -> str:
        text = f"{type(self).__name__} ("
        for i, group in enumerate(self.param_groups):
            options = [f"    {key}: {group[key]}\n" for key in sorted(group) if key != "params"]
            text += f"\nParameter Group {i}\n{''.join(options)}"
        return text + ")"

    def _repr_html_(self) -> str:
        from minitorch.visualization import notebook

        return notebook.optimizer(self)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Optimize further parameters, such as the parameters of a layer that is no longer frozen.

        Args:
            param_group: the parameters under ``params``, and options; missing options get the defaults.

        Raises:
            TypeError: if it is not a dictionary, its parameters are a set, or a parameter is not a tensor.
            ValueError: if an option without default is missing, a parameter is not a leaf or is already in
                another group, or only some have names.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
                "will change between runs. Please use a list instead."
            )
        entries = [params] if isinstance(params, Tensor) else list(params)
        tensors = param_group["params"] = [entry[1] if isinstance(entry, tuple) else entry for entry in entries]
        names = [entry[0] for entry in entries if isinstance(entry, tuple)]
        if names:
            if len(names) != len(tensors):
                raise ValueError("all optimizer params should be with/without names. Some param names are missing")
            param_group["param_names"] = names
        for t in tensors:
            if not isinstance(t, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {typename(t)}")
            if not (t.is_leaf or t.retains_grad):
                raise ValueError("can't optimize a non-leaf Tensor")
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
            param_group.setdefault(name, default)
        unique = set(tensors)
        if len(unique) != len(tensors):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; "
                "see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=3,
            )
        for group in self.param_groups:
            if ("param_names" in param_group) != ("param_names" in group):
                raise ValueError(
                    "all optimizer param groups should be with/without names. cannot add param group "
                    f"{'with names' if 'param_names' in param_group else 'without names'} to the optimizer"
                )
        if not unique.isdisjoint(chain.from_iterable(group["params"] for group in self.param_groups)):
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(param_group)

    @overload
    def step(self, closure: None = None) -> None: ...

    @overload
    def step(self, closure: Callable[[], Loss]) -> Loss: ...

    @_with_hooks
    def step(self, closure: Callable[[], Loss] | None = None) -> Loss | None:
        """Change all parameters that have a gradient.

        Args:
            closure: a function that computes the loss and the gradients again; `step` returns its result.

        Raises:
            RuntimeError: inside a CUDA graph capture, if the step depends on the number of steps so far.
        """
        loss = loss_of(closure)
        for group in self.param_groups:
            options = self._options(group)
            counted = kernels.has_numbered_devices() and self._depends_on_step_number(group)
            with kernels.grouped_steps():
                for p in group["params"]:
                    if p._grad is None:
                        continue
                    if counted and kernels.backend_of(p._array).is_capturing():
                        raise RuntimeError(
                            f"Attempting CUDA graph capture of step() for an instance of {type(self).__name__}. Its "
                            "numbers depend on the number of the step, which a replay of the graph would not count: "
                            "make the optimizer with capturable=True, if it has that option, or call step() outside "
                            "the capture"
                        )
                    p._counter[0] += 1
                    for t in self._update(p, p._grad._array, group, options):
                        t._counter[0] += 1
        return loss

    def _options(self, group: dict[str, Any]) -> Any:
        """The options of a group in the form of the kernel, computed once a step. Subclasses define it."""
        raise NotImplementedError

    def _depends_on_step_number(self, group: dict[str, Any]) -> bool:
        """Whether the formula of a step contains the number of the step."""
        return False

    def _update(self, p: Tensor, grad: Array, group: dict[str, Any], options: Any) -> list[Tensor]:
        """Update one parameter by its gradient; returns the tensors of its state that were written.

        Subclasses define it.
        """
        raise NotImplementedError

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the gradients of all parameters to None, or to zeros."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    p.grad.detach_()
                    p.grad.zero_()

    # -- hooks

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` before `step`; it returns None or other (args, kwargs).

        `args` begins with the optimizer.
        """
        return add_hook(self._optimizer_step_pre_hooks, hook)

    def register_step_post_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` after `step`."""
        return add_hook(self._optimizer_step_post_hooks, hook)

    def register_state_dict_pre_hook(self, hook: Callable[..., None], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` before `state_dict`."""
        return add_hook(self._optimizer_state_dict_pre_hooks, hook, prepend=prepend)

    def register_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` after `state_dict`; it returns None or another dictionary."""
        return add_hook(self._optimizer_state_dict_post_hooks, hook, prepend=prepend)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` before `load_state_dict`; it returns None or another dictionary."""
        return add_hook(self._optimizer_load_state_dict_pre_hooks, hook, prepend=prepend)

    def register_load_state_dict_post_hook(self, hook: Callable[..., None], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` after `load_state_dict`."""
        return add_hook(self._optimizer_load_state_dict_post_hooks, hook, prepend=prepend)

    # -- saving and loading

    def state_dict(self) -> dict[str, Any]:
        """The state and the groups, with numbers instead of parameters, for a checkpoint.

        Returns:
            ``{"state": {number: {name: value}}, "param_groups": [{..., "params": [numbers]}]}``; the tensors in it are
            not copies.
        """
        for hook in self._optimizer_state_dict_pre_hooks.values():
            hook(self)
        numbers: dict[Any, int] = {}
        groups = []
        start = 0
        for group in self.param_groups:
            for i, p in enumerate(group["params"], start):
                numbers.setdefault(p, i)
            start += len(group["params"])
            packed = {key: value for key, value in group.items() if key != "params"}
            packed["params"] = [numbers[p] for p in group["params"]]
            groups.append(packed)
        state = {numbers[key] if isinstance(key, Tensor) else key: value for key, value in self.state.items()}
        result = {"state": state, "param_groups": groups}
        for hook in self._optimizer_state_dict_post_hooks.values():
            changed = hook(self, result)
            result = result if changed is None else changed
        return result

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from the `state_dict` of this optimizer, or of another one for parameters of the same shapes.

        Tensors are converted to the dtype and device of their parameter, except ``step``.

        Raises:
            ValueError: if the numbers of groups, or of parameters in one, do not match.
        """
        state_dict = state_dict.copy()
        for hook in self._optimizer_load_state_dict_pre_hooks.values():
            changed = hook(self, state_dict)
            state_dict = state_dict if changed is None else changed
        saved_groups = deepcopy(state_dict["param_groups"])
        if len(saved_groups) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        params: dict[Any, Any] = {}
        for group, saved in zip(self.param_groups, saved_groups, strict=True):
            if len(group["params"]) != len(saved["params"]):
                raise ValueError(
                    "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
                )
            params.update(zip(saved["params"], group["params"], strict=True))
            saved["params"] = group["params"]
            if "param_names" in group:
                saved.setdefault("param_names", group["param_names"])
        state: defaultdict[Any, Any] = defaultdict(dict)
        for key, value in state_dict["state"].items():
            if key in params:
                state[params[key]] = _adapted(value, params[key])
            else:
                state[key] = value
        self.__setstate__({"state": state, "param_groups": saved_groups})
        for hook in self._optimizer_load_state_dict_post_hooks.values():
            hook(self)


def _adapted(value: Any, param: Tensor, key: Any = None) -> Any:
    """`value`, with its tensors converted to the dtype and device of `param`; a step counter is unchanged."""
    if isinstance(value, Tensor):
        if key == "step":
            return value
        return value.to(device=param.device, dtype=param.dtype if param.is_floating_point() else None)
    if isinstance(value, dict):
        return {k: _adapted(v, param, k) for k, v in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return type(value)(_adapted(v, param) for v in value)  # type: ignore[call-arg]  # a list, tuple or set
    return value


def register_optimizer_step_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """`Optimizer.register_step_pre_hook` on all optimizers, also later ones."""
    return add_hook(_global_pre_hooks, hook)


def register_optimizer_step_post_hook(hook: Callable[..., None]) -> RemovableHandle:
    """`Optimizer.register_step_post_hook` on all optimizers, also later ones."""
    return add_hook(_global_post_hooks, hook)


def loss_of(closure: Callable[[], Loss] | None) -> Loss | None:
    """The result of a closure, which is called with gradients enabled; None without a closure."""
    if closure is None:
        return None
    with enable_grad():
        return closure()


def step_counter(steps: float = 0.0) -> Tensor:
    """The step counter in an optimizer's state: a tensor without dimensions, on the host."""
    wide = dtypes.get_default_dtype() is dtypes.float64
    return tensor(steps, dtype=dtypes.float64 if wide else dtypes.float32, device="cpu")
