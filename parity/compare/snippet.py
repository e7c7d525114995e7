"""A call as a script that needs only torch and minitorch; it is printed for a failure."""

from __future__ import annotations

import base64
import re
import textwrap
import zlib

import numpy as np

from minitorch.devices import get_default_device
from parity.compare.call import Call, is_expression
from parity.compare.findings import REFUSAL
from parity.compare.inputs import Input
from parity.compare.loading import LOADED
from parity.compare.names import NAMES

_INLINE = 48  # arrays of more elements are written in packed form

_DIGITS = {"float32": 9, "float64": 17}  # with fewer, two numbers that differ in the last bit can look equal

_UNPACK = """

def unpack(text, dtype, *shape):
    return numpy.frombuffer(zlib.decompress(base64.b85decode(text)), dtype).reshape(shape).copy()
"""

_GRADIENTS = """
inputs = {{{inputs}}}{weights}
results = out if isinstance(out, (tuple, list)) else [out]
outputs = [t for t in results if isinstance(t, torch.Tensor) and t.requires_grad]
generator = numpy.random.default_rng(0)
cotangents = [{cotangent} for t in outputs]
for c in cotangents:
    c.requires_grad_()
grads = torch.autograd.grad(outputs, list(inputs.values()), cotangents, create_graph=True, allow_unused=True)
print("gradients", dict(zip(inputs, grads)))
"""

_WEIGHTS = """
for name, value in m.named_parameters():
    inputs["m." + name] = value"""

_SECOND = """
again = [g for g in grads if g is not None and g.requires_grad]
weights = [torch.tensor(generator.standard_normal(tuple(g.shape)), dtype=dtype) for g in again]
print("second", torch.autograd.grad(again, list(inputs.values()) + cotangents, weights, allow_unused=True))
"""

_ERROR = """except Exception as error:
    print(f"{torch.__name__} raises {type(error).__name__}: {error}")
"""


def snippet(call: Call, dtype: str = "float32", order: str = "second order") -> str:
    """A script that runs the call under both libraries and prints both results, with all digits.

    Args:
        call: the example.
        dtype: the floating-point dtype to run in.
        order: up to which it differentiates: ``second order``, ``gradient``; anything else: not at all. If it is
            ``refusal``, the script prints the error that each library raises.

    In the script minitorch's tensors are on the device that is the default one now.
    """
    lines = [f"dtype = torch.{dtype}", 'nn, F, inf, nan = torch.nn, torch.nn.functional, float("inf"), float("nan")']
    lines.append(f"torch.set_printoptions(precision={_DIGITS[dtype]})")
    words = set(re.findall(r"\w+", f"{call.build} {call.text}"))
    lines += [f'{name} = names(torch)["{name}"]' for name in NAMES if name in words]
    lines += [f"{x.name} = {_tensor(x)}" for x in call.inputs]
    if call.kind == "module":
        lines += [f"torch.manual_seed({call.seed})", f"m = {call.build}.to(dtype)"]
        lines += [] if call.training else ["m.eval()"]
    if call.kind == "optimizer":
        for kind in ("param", "target"):
            lines.append(f"{kind}s = [{', '.join(x.name for x in call.inputs if x.name.startswith(kind))}]")
        lines += ["for p in params:", "    p.requires_grad_()", f"optimizer = {call.build}"]
    lines.append(f"torch.manual_seed({call.seed + 1})")
    lines.append(f"out = {call.text}" if is_expression(call.text) else call.text)
    lines.append("print(out)")
    body = "\n".join(lines)
    inputs = ", ".join(f'"{x.name}": {x.name}' for x in call.inputs if x.differentiable)
    if order in ("gradient", "second order") and (inputs or call.kind == "module"):
        weights = _WEIGHTS if call.kind == "module" else ""
        expanded = "torch.ones((), dtype=dtype).expand(t.shape)"
        normal = "torch.tensor(generator.standard_normal(tuple(t.shape)), dtype=dtype)"
        body += _GRADIENTS.format(
            inputs=inputs, weights=weights, cotangent=expanded if call.cotangent == "expanded" else normal
        )
        body += _SECOND if order == "second order" else ""
    if order == REFUSAL:
        body = f"try:\n{textwrap.indent(body, '    ')}\n{_ERROR}"
    packed = "unpack(" in body
    imports = ["base64", "zlib"] if packed else []
    imports += ["numpy"] if packed or "numpy." in body else []
    head = "".join(f"import {name}\n" for name in [*imports, "torch", "minitorch"])
    head += _imports_of_ones_own() + (_UNPACK if packed else "")
    run = "\n\ndef run(torch):\n" + textwrap.indent(body.strip(), "    ")
    device = str(get_default_device())
    ours = "run(minitorch)" if device == "cpu" else f'with minitorch.device("{device}"):\n    run(minitorch)'
    return f"{head}{run}\n\n\nrun(torch)\n{ours}\n"


def _imports_of_ones_own() -> str:
    """The imports of what was loaded: a script needs the names, kernels and backends that it registers."""
    folders = dict.fromkeys(folder for folder in LOADED.values() if folder)
    lines = ["import sys\n", *(f"sys.path.insert(0, {folder!r})\n" for folder in folders)] if folders else []
    lines += [f"import {module}  # registers what is compared\n" for module in LOADED]
    lines += ["from parity import names\n"] if NAMES else []
    return ("\n" if lines else "") + "".join(lines)


def _tensor(x: Input) -> str:
    """The text that makes an input."""
    array = x.base()
    dtype = "dtype" if x.dtype == "float" else f"torch.{x.dtype}"
    text = f"torch.tensor({_literal(array)}, dtype={dtype}){x.view()}"
    return text + ".requires_grad_()" if x.differentiable else text


def _literal(array: np.ndarray) -> str:
    """Values that give back the bits of an array: nested lists of numbers, or packed where these would be long."""
    if array.size <= _INLINE and (array.size or array.ndim == 1):
        return repr(array.tolist())
    if not array.size:
        return f"numpy.zeros({array.shape})"
    packed = base64.b85encode(zlib.compress(np.ascontiguousarray(array).tobytes())).decode()
    return f'unpack("{packed}", "{array.dtype}", {", ".join(map(str, array.shape))})'
