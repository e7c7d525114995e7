"""Saving a module's tensors to a flat dictionary, and loading them from it."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from minitorch._tensor import Tensor
from minitorch.autograd.grad_mode import no_grad
from minitorch.nn.parameter import Parameter
from minitorch.utils.hooks import Hooks, RemovableHandle, add_hook

_EXTRA_STATE_KEY_SUFFIX = "_extra_state"


class _IncompatibleKeys(NamedTuple):
    """The result of `load_state_dict`: keys that only the module has, and keys that only the dictionary has."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys!r}, unexpected_keys={self.unexpected_keys!r})"

    def __str__(self) -> str:
        return repr(self)


class Stateful:
    """The part of `Module` for saving and loading."""

    _version: int
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _non_persistent_buffers_set: set[str]
    _modules: dict[str, Any]
    _state_dict_pre_hooks: Hooks
    _state_dict_hooks: Hooks
    _load_state_dict_pre_hooks: Hooks
    _load_state_dict_post_hooks: Hooks

    def _init_state_hooks(self) -> None:
        self.__dict__.update({name: {} for name in Stateful.__annotations__ if name.endswith("_hooks")})

    # -- saving

    def state_dict(self, *args: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> Any:
        """The parameters and persistent buffers of this module and all below it, by dotted path, in order.

        The tensors share the module's memory. The attribute `_metadata` has each module's `_version`.

        Args:
            args: `destination`, `prefix` and `keep_vars` by position, as in older versions of torch.
            destination: the dictionary to add to; default a new one.
            prefix: put before every key.
            keep_vars: whether to return the parameters themselves instead of detached tensors.
        """
        if args:
            warnings.warn("state_dict(): give the arguments by name, not by position", FutureWarning, stacklevel=2)
            destination = args[0] if destination is None else destination
            prefix = args[1] if len(args) > 1 and prefix == "" else prefix
            keep_vars = args[2] if len(args) > 2 and not keep_vars else keep_vars
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        metadata = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = metadata
        for hook in self._state_dict_pre_hooks.values():
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        for hook in self._state_dict_hooks.values():
            result = hook(self, destination, prefix, metadata)
            if result is not None:
                if getattr(hook, "_from_public_api", False):
                    raise RuntimeError("state_dict post-hook must return None")
                destination = result
        return destination

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        """Add the tensors of this module, without those in its submodules, to `destination`."""
        for name, t in self._persistent_tensors().items():
            destination[prefix + name] = t if keep_vars else t.detach()
        if self._has("get_extra_state"):
            destination[prefix + _EXTRA_STATE_KEY_SUFFIX] = self.get_extra_state()

    def _persistent_tensors(self) -> dict[str, Tensor]:
        named: list[tuple[str, Tensor | None]] = [*self._parameters.items()]
        named += [(n, b) for n, b in self._buffers.items() if n not in self._non_persistent_buffers_set]
        return {name: t for name, t in named if t is not None}

    def _has(self, method: str) -> bool:
        """Whether a subclass has overridden the method `get_extra_state` or `set_extra_state`."""
        return getattr(type(self), method) is not getattr(Stateful, method)

    def get_extra_state(self) -> Any:
        """Further state, which `state_dict` stores under the key ``_extra_state``; subclasses may define it.

        Raises:
            RuntimeError: if the subclass does not define it.
        """
        raise RuntimeError(f"{type(self).__name__} has no extra state: it does not define get_extra_state()")

    def set_extra_state(self, state: Any) -> None:
        """Restore the state that `get_extra_state` returned; subclasses may define it.

        Raises:
            RuntimeError: if the subclass does not define it.
        """
        raise RuntimeError(f"{type(self).__name__} has no extra state: it does not define set_extra_state()")

    # -- loading

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> _IncompatibleKeys:
        """Copy the tensors of `state_dict` into the parameters and buffers of this module and all below it.

        Args:
            state_dict: tensors by dotted path, as `state_dict` returns them.
            strict: whether to raise for missing or unexpected keys.
            assign: whether to replace the module's tensors by the given ones, instead of copying.

        Returns:
            The missing keys, and the unexpected keys.

        Raises:
            TypeError: if `state_dict` is not a mapping.
            RuntimeError: if keys (with `strict`) or shapes do not match; the message lists all faults. All tensors that
                match have been loaded then, as in torch.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        metadata = getattr(state_dict, "_metadata", None)
        missing: list[str] = []
        unexpected: list[str] = []
        errors: list[str] = []
        copy: Any = OrderedDict(state_dict)
        if metadata is not None:
            copy._metadata = metadata
        _load(self, copy, "", metadata or {}, assign, (missing, unexpected, errors))
        if strict:
            for text, keys in (("Unexpected", unexpected), ("Missing", missing)):
                if keys:
                    errors.insert(0, f"{text} key(s) in state_dict: " + ", ".join(f'"{k}"' for k in keys) + ". ")
        if errors:
            raise RuntimeError(
                "Error(s) in loading state_dict for {}:\n\t{}".format(type(self).__name__, "\n\t".join(errors))
            )
        return _IncompatibleKeys(missing, unexpected)

    def _load_from_state_dict(
        self,
        state_dict: Any,
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Load the tensors of this module, without its submodules'; a subclass may convert older formats here.

        Missing keys, unexpected keys and messages are added to the last three lists.
        """
        for hook in self._load_state_dict_pre_hooks.values():
            hook(self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        own = self._persistent_tensors()
        for name, t in own.items():
            key = prefix + name
            if key in state_dict:
                error = self._load_tensor(name, t, key, state_dict[key], local_metadata)
                if error is not None:
                    error_msgs.append(error)
            elif strict:
                missing_keys.append(key)
        extra_key = prefix + _EXTRA_STATE_KEY_SUFFIX
        if self._has("set_extra_state"):
            if extra_key in state_dict:
                self.set_extra_state(state_dict[extra_key])
            elif strict:
                missing_keys.append(extra_key)
        elif strict and extra_key in state_dict:
            unexpected_keys.append(extra_key)
        if strict:
            for key in state_dict:
                if key.startswith(prefix) and key != extra_key:
                    name, dot, _ = key[len(prefix) :].partition(".")
                    if name not in (self._modules if dot else own):
                        unexpected_keys.append(key)

    def _load_tensor(self, name: str, t: Tensor, key: str, value: Any, local_metadata: dict[str, Any]) -> str | None:
        """Load `value` into the module's tensor `t`; returns an error message, or None."""
        if not isinstance(value, Tensor):
            return (
                f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from '
                f"checkpoint but received {type(value)}"
            )
        if t.ndim == 0 and value.shape == (1,):
            value = value[0]  # older versions of torch saved tensors without dimensions like this
        if value.shape != t.shape:
            return (
                f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, the shape in "
                f"current model is {t.shape}."
            )
        try:
            with no_grad():
                if not local_metadata.get("assign_to_params_buffers", False):
                    t.copy_(value)
                elif isinstance(t, Parameter) and not isinstance(value, Parameter):
                    setattr(self, name, Parameter(value, requires_grad=t.requires_grad))
                else:
                    setattr(self, name, value.requires_grad_(t.requires_grad) if isinstance(t, Parameter) else value)
        except Exception as error:
            return (
                f'While copying the parameter named "{key}", whose dimensions in the model are {t.size()} and whose '
                f"dimensions in the checkpoint are {value.size()}, an exception occurred : {error.args}."
            )
        return None

    # -- hooks

    def register_state_dict_pre_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call ``hook(module, prefix, keep_vars)`` before `state_dict` reads the module."""
        return add_hook(self._state_dict_pre_hooks, hook)

    def register_state_dict_post_hook(self, hook: Any) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, metadata)`` afterwards; it may change the dictionary."""
        hook._from_public_api = True
        return add_hook(self._state_dict_hooks, hook)

    def _register_state_dict_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """As `register_state_dict_post_hook`, but the hook may return another dictionary."""
        if getattr(hook, "_from_public_api", False):
            raise RuntimeError(
                "Cannot register the same function as the state dict post hook that was previously registered via "
                "register_state_dict_post_hook"
            )
        return add_hook(self._state_dict_hooks, hook)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call ``hook(module, ...)`` with the arguments of `_load_from_state_dict` before the module is loaded."""
        return add_hook(self._load_state_dict_pre_hooks, hook)

    def _register_load_state_dict_pre_hook(
        self, hook: Callable[..., None], with_module: bool = False
    ) -> RemovableHandle:
        return self.register_load_state_dict_pre_hook(hook if with_module else _WithoutModule(hook))

    def register_load_state_dict_post_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call ``hook(module, incompatible_keys)`` after the module and its submodules have been loaded."""
        return add_hook(self._load_state_dict_post_hooks, hook)


class _WithoutModule:
    """A hook that is called without the module."""

    def __init__(self, hook: Callable[..., None]) -> None:
        self.hook = hook

    def __call__(self, module: Any, *args: Any) -> None:
        self.hook(*args)


def _load(
    module: Any,
    state: Any,
    prefix: str,
    metadata: Mapping[str, Any],
    assign: bool,
    found: tuple[list[str], list[str], list[str]],
) -> None:
    """Load `module` and its submodules from their part of the state; keys that do not match are added to `found`."""
    local_metadata = dict(metadata.get(prefix[:-1], {}))
    if assign:
        local_metadata["assign_to_params_buffers"] = True
    module._load_from_state_dict(state, prefix, local_metadata, True, *found)
    for name, child in module._modules.items():
        if child is not None:
            path = f"{prefix}{name}."
            _load(child, {k: v for k, v in state.items() if k.startswith(path)}, path, metadata, assign, found)
    for hook in module._load_state_dict_post_hooks.values():
        if hook(module, _IncompatibleKeys(*found[:2])) is not None:
            raise AssertionError(
                "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new values, "
                "if incompatible_keys need to be modified, it should be done inplace."
            )
