"""The statements that random programs are made of, by family. `parity.programs.fields` says what placeholders mean.

A line ``{new} = {x}.NAME()`` for each of many names is written once, with the names in a string.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """Statements of one kind.

    Attributes:
        weight: how often the family is chosen, relative to the others.
        templates: its statements; each is as likely as the others.
    """

    weight: int
    templates: tuple[str, ...]


def _each(names: str, *templates: str) -> list[str]:
    """The templates with ``NAME`` replaced by each of the names."""
    return [t.replace("NAME", name) for name in names.split() for t in templates]


_SMOOTH = "exp sin cos tanh sigmoid sqrt square log1p expm1 erf atan sinh reciprocal log rsqrt exp2"
_STEPS = "abs neg sign floor ceil trunc frac relu round"
_BINARY = "add sub mul div maximum minimum atan2"
_COMPARE = "eq ne lt le gt ge"
_WHOLE = "floor_divide remainder fmod"
_BITS = "bitwise_and bitwise_or bitwise_xor logical_and logical_or logical_xor"
_REDUCE = "sum mean prod amax amin logsumexp std var norm all any argmax argmin count_nonzero nansum"
_ACTIVATION = "softplus gelu silu elu selu leaky_relu hardtanh logsigmoid softsign mish relu6"

_MAKE = (
    "{new} = {made}",
    "{new} = {made}",
    "{new} = {made}",
    "{new} = {literal}",
    "{new} = torch.zeros({size})",
    "{new} = torch.ones({size}, dtype={dtype})",
    "{new} = torch.full({size}, {s})",
    "{new} = torch.full({size}, {s}, dtype={dtype})",
    "{new} = torch.arange({n}, 5)",
    "{new} = torch.arange({n}, 5, 2, dtype={floating})",
    "{new} = torch.linspace(-1, 1, 4, dtype={floating})",
    "{new} = torch.eye(2, 3, dtype={floating})",
    "{new} = torch.tensor({s})",
    "{new} = torch.tensor({s}, dtype={dtype})",
    "{new} = torch.rand({size}, dtype={floating}, requires_grad=True)",
    "{new} = torch.randint(0, 5, {size})",
    "{new} = torch.zeros_like({x})",
    "{new} = torch.ones_like({x}, dtype={dtype})",
    "{new} = torch.full_like({x}, {s})",
    "{new} = torch.rand_like({f})",
    "{new} = {x}.new_zeros({size})",
    "{new} = {x}.new_tensor({s})",
    "{new} = {x}.new_full({size}, {s})",
)

_VIEWS = (
    "{new} = {x}.transpose({dim}, {dim})",
    "{new} = {x}.transpose(0, -1)",
    "{new} = {x}.permute({permutation})",
    "{new} = {m}.mT",
    "{new} = {m}.t()",
    "{new} = {x}.movedim({dim}, {dim})",
    "{new} = {x}.view({same_numel})",
    "{new} = {x}.view(-1)",
    "{new} = {x}.reshape({same_numel})",
    "{new} = {x}.flatten()",
    "{new} = {x}.ravel()",
    "{new} = {x}.unsqueeze({dim})",
    "{new} = {x}.squeeze()",
    "{new} = {x}.squeeze({dim})",
    "{new} = {m}.diagonal()",
    "{new} = {m}.diagonal({n}, 0, 1)",
    "{new} = {x}.narrow({dim}, 0, {n})",
    "{new} = {x}.select({dim}, 0)",
    "{new} = {x}.expand({expanded})",
    "{new} = {x}.expand({expanded})",
    "{new} = {x}.expand_as({y})",
    "{new} = torch.broadcast_to({x}, {expanded})",
    "{new} = {x}.unfold({dim}, 2, 1)",
    "{new} = {x}.split(2, {dim})[0]",
    "{new} = {x}.chunk(2, {dim})[-1]",
    "{new} = {x}.unbind({dim})[0]",
    "{new} = {x}.view_as({x})",
    "{new} = {x}.detach()",
    "{new} = {x}.data",
    "{new} = {x}[{where}]",
    "{new} = {x}[{where}]",
    "{new} = {x}[{where}]",
    "{new} = {x}[..., ::2]",
    "{new} = {x}[[[0, 1], [1, 0]]]",
    "{new} = {m}.T",
)

_UNARY = (
    *_each(_SMOOTH, "{new} = {f}.NAME()"),
    *_each(_STEPS, "{new} = {x}.NAME()"),
    *_each("exp sin sqrt sigmoid", "{new} = {i}.NAME()"),
    *_each(_ACTIVATION, "{new} = F.NAME({f})"),
    "{new} = -{x}",
    "{new} = {x}.clone()",
    "{new} = {x}.contiguous()",
    "{new} = {x}.clamp({s}, {s})",
    "{new} = {x}.clamp(min={s})",
    "{new} = {f}.softmax({dim})",
    "{new} = {f}.log_softmax({dim})",
    "{new} = {f}.cumsum({dim})",
    "{new} = {f}.cumprod({dim})",
    "{new} = {x}.flip({dims})",
    "{new} = {x}.roll({n}, {dim})",
    "{new} = {x}.roll({n})",
    "{new} = {x}.repeat({repeats})",
    "{new} = {x}.repeat_interleave(2, {dim})",
    "{new} = {x}.sort({dim})[0]",
    "{new} = {x}.topk(1, {dim})[0]",
    "{new} = {x}.to({dtype})",
    "{new} = {x}.to({floating})",
    "{new} = {x}.double()",
    "{new} = {x}.float()",
    "{new} = {x}.long()",
    "{new} = {x}.bool()",
    "{new} = {m}.tril({n})",
    "{new} = {m}.triu()",
    "{new} = {x}.nan_to_num()",
    "{new} = {x}.isfinite()",
    "{new} = {x}.diag()",
    "{new} = ~{i}",
    "{new} = F.normalize({f}, dim={dim})",
    "{new} = F.dropout({f}, 0.5)",
    "{new} = F.pad({f}, (1, 0))",
    "{new} = F.layer_norm({f}, {again}.shape[-1:])",
)

_OPERATIONS = (
    *_each(_BINARY, "{new} = {x}.NAME({y})", "{new} = torch.NAME({x}, {y})"),
    *_each("+ - * / + * /", "{new} = {x} NAME {y}", "{new} = {f} NAME {y}", "{new} = {s} NAME {f}"),
    *_each(_COMPARE, "{new} = {x}.NAME({y})"),
    *_each(_WHOLE, "{new} = {x}.NAME({y})"),
    *_each(_BITS, "{new} = {i}.NAME({y})"),
    "{new} = {x} ** {n}",
    "{new} = {f} ** {y}",
    "{new} = {s} ** {x}",
    "{new} = {x}.add({y}, alpha={n})",
    "{new} = {x} // {y}",
    "{new} = {i} << {n}",
    "{new} = {i} >> {n}",
    "{new} = {x} % {y}",
    "{new} = torch.where({x} > {s}, {y}, {y})",
    "{new} = torch.addcmul({f}, {y}, {y}, value={s})",
    "{new} = torch.addcdiv({f}, {y}, {y})",
    "{new} = {f}.lerp({y}, {s})",
    "{new} = torch.clamp({f}, {y}, {y})",
    "{new} = torch.logaddexp({f}, {y})",
    "{new} = torch.xlogy({f}, {y})",
    "{new} = {x} @ {matrix_for}",
    "{new} = {f} @ {matrix_for}",
    "{new} = torch.matmul({x}, {y})",
    "{new} = torch.outer({x}, {y})",
    "{new} = torch.einsum('i...,i...->...', {x}, {t})",
    "{new} = torch.cat([{x}, {t}], {dim})",
    "{new} = torch.stack([{x}, {t}], {dim})",
    "{new} = F.mse_loss({f}, {t})",
    "{new} = F.huber_loss({f}, {t})",
)

_FUNCTION = "{new} = type('Double', (torch.autograd.Function,), {'forward': staticmethod(FORWARD), "
_FUNCTION += "'backward': staticmethod(BACKWARD)}).apply({f})"


def _function(forward: str, backward: str) -> str:
    """A statement that applies an `autograd.Function`."""
    return _FUNCTION.replace("FORWARD", forward).replace("BACKWARD", backward)


_FUNCTIONS = (
    _function("lambda ctx, x: x * 2", "lambda ctx, g: g * 2"),
    _function("lambda ctx, x: (ctx.mark_dirty(x), x.mul_(2))[1]", "lambda ctx, g: g * 2"),
    _function("lambda ctx, x: (ctx.save_for_backward(x), x * x)[1]", "lambda ctx, g: g * 2 * ctx.saved_tensors[0]"),
    _function("lambda ctx, x: x.view_as(x)", "lambda ctx, g: -g"),
)

_REDUCTIONS = (
    *_each(_REDUCE, "{new} = {x}.NAME()", "{new} = {f}.NAME({dim})", "{new} = {x}.NAME({dim}, keepdim=True)"),
    "{new} = {x}.sum({dims})",
    "{new} = {x}.mean({dims}, keepdim={flag})",
    "{new} = {x}.sum({dim}, dtype={dtype})",
    "{new} = {f}.max({dim})[0]",
    "{new}, _ = {f}.min({dim})",
    "{new} = {f}.max()",
    "{new} = {f}.median()",
    "{new} = {f}.std({dim}, unbiased={flag})",
    "{new} = {f}.norm(1, {dim})",
)

_SELECTIONS = (
    "{new} = {x}.gather({dim}, {index})",
    "{new} = {x}.index_select({dim}, {index1})",
    "{new} = {x}.masked_select({mask})",
    "{new} = {x}[{mask}]",
    "{new} = {x}.take({flat_index})",
    "{new} = torch.take_along_dim({x}, {index}, {dim})",
    "{new} = {x}.masked_fill({mask}, {s})",
    "{new} = {x}.scatter({dim}, {index}, {s})",
    "{new} = {x}.scatter({dim}, {index}, {x})",
    "{new} = {x}.scatter_add({dim}, {index}, {t})",
    "{new} = {x}.index_fill({dim}, {index1}, {s})",
    "{new} = {f}.index_fill({dim}, {index1}, {zero_d})",
    "{new} = {x}.index_add(0, torch.tensor([0, 0]), {literal_like_index})",
    "{new} = {x}.index_copy(0, torch.tensor([0, 0]), {literal_like_index})",
    "{new} = {x}.masked_scatter({mask}, {t})",
    "{new} = {x}.index_put(({index1},), {s})",
    "{new} = {x}.nonzero()",
)

_WRITES = (
    *_each(_SMOOTH, "{f}.NAME_()"),
    *_each(_STEPS, "{x}.NAME_()"),
    *_each("add sub mul div add mul", "{x}.NAME_({to_x})", "{f}.NAME_({s})"),
    *_each("+= -= *= /=", "{x} NAME {to_x}"),
    *_each("pow remainder floor_divide atan2 eq gt", "{x}.NAME_({to_x})"),
    "{x}.copy_({to_x})",
    "{x}.copy_({to_x})",
    "{x}.fill_({s})",
    "{x}.fill_({s})",
    "{x}.zero_()",
    "{x}.clamp_({s}, {s})",
    "{x}.masked_fill_({mask}, {s})",
    "{f}.addcmul_({to_x}, {to_x}, value={s})",
    "{f}.addcdiv_({to_x}, {to_x})",
    "{f}.lerp_({t}, {s})",
    "{f}.cumsum_({dim})",
    "{x}[{where}] = {s}",
    "{x}[{where}] = {s}",
    "{x}[{where}] = {y}",
    "{x}[{where}] = {y}",
    "{x}[{where}] += {s}",
    "{x}[{where}] *= {y}",
    "{x}[{mask}] = {s}",
    "{x}[{mask}] = {y}",
    "{x}[{mask}] += {y}",
    "{x}.view(-1)[{n}:].mul_({s})",
    "{x}.t().mul_({s})",
    "{x}.transpose_(0, -1)",
    "{x}.unsqueeze_({dim})",
    "{x}.squeeze_()",
    "{x}.scatter_({dim}, {index}, {s})",
    "{x}.scatter_add_({dim}, {index}, {t})",
    "{x}.index_fill_({dim}, {index1}, {s})",
    "{x}.index_add_(0, torch.tensor([0, 0]), {literal_like_index})",
    "{x}.index_copy_(0, torch.tensor([0]), {again}[:1])",
    "{x}.masked_scatter_({mask}, {t})",
    "{x}.index_put_(({index1},), {s}, accumulate={flag})",
    "{m}.tril_()",
    "{m}.fill_diagonal_({s})",
    "{x}.uniform_()",
    "{x}.normal_()",
    "{x}.data = {t}",
    "{x}.data.mul_({s})",
    "{x}.detach().add_({s})",
    "{x}.detach_()",
)

_OUT = (
    "torch.add({x}, {y}, out={t})",
    "torch.mul({x}, {y}, out={x})",
    "torch.exp({x}, out={t})",
    "torch.sum({x}, {dim}, out={x})",
    "torch.mean({x}, {dim}, out=torch.empty(0))",
    "{new} = torch.sub({x}, {y}, out=torch.empty(0))",
    "torch.matmul({filled}, {matrix_for}, out={x})",
    "torch.cat([{x}, {t}], out={x})",
    "torch.arange(3, out={x})",
    "torch.eq({x}, {y}, out={x})",
    "torch.clamp({x}, {s}, {s}, out={x})",
)

_GRAPH = (
    "{leaf}.requires_grad_(False)",
    "{f}.requires_grad_()",
    "{f}.requires_grad_()",
    "{f}.requires_grad = {flag}",
    "{r}.retain_grad()",
    "{r}.retain_grad()",
    "{r}.grad_fn, {again}.register_hook(lambda g: g * 2)",
    "{r}.grad_fn, {again}.register_hook(lambda g: seen.append(g.clone()))",
    "{r}.grad_fn, {again}.register_hook(lambda g: seen.append(g))",
    "{r}.grad_fn, {again}.register_hook(lambda g: g.mul_(2))",
    "{new} = ({r}.grad_fn, {again}.register_hook(lambda g: g + 1))[1]",
    "{handle}.remove()",
    "{leaf}.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad.clone()))",
    "{leaf}.register_post_accumulate_grad_hook(lambda p: p.grad.zero_())",
    "{leaf}.grad = None",
    "del {leaf}.grad",
    "{leaf}.grad = {t}",
    "{leaf}.grad.zero_()",
    "{leaf}.grad.add_({s})",
    "{new} = {leaf}.grad",
    "torch.set_grad_enabled({flag})",
)

_BACKWARD = (
    "{r}.sum().backward()",
    "{r}.sum().backward(retain_graph=True)",
    "{r}.sum().backward(create_graph=True)",
    "{r}.mean().backward(retain_graph=True)",
    "{r}.square().sum().backward()",
    "{r}.backward({t})",
    "{r}.backward(torch.ones_like({r}), retain_graph=True)",
    "{r}.sum().backward(inputs=[{r}], retain_graph=True)",
    "{new}, = torch.autograd.grad({r}.sum(), {r})",
    "{new}, = torch.autograd.grad({r}.sum(), {r}, retain_graph=True, allow_unused=True)",
    "{new}, = torch.autograd.grad({r}.mean(), {r}, create_graph=True, allow_unused=True)",
    "{new}, = torch.autograd.grad({r}.square().sum(), {leaf}, create_graph=True)",
    "{new}, = torch.autograd.grad({r}.square().sum(), {leaf}, create_graph=True)",
    "{new} = torch.autograd.grad({r}, [{leaf}, {leaf}], {t}, allow_unused=True, retain_graph=True)",
    "{new}, = torch.autograd.grad({r}.sum(), {r}, retain_graph=True, materialize_grads=True)",
)

_INQUIRIES = (
    "{new} = {x}.numel()",
    "{new} = {x}.item()",
    "{new} = {x}.tolist()",
    "{new} = {x}.is_contiguous()",
    "{new} = {x}.equal({y})",
    "{new} = torch.result_type({x}, {y})",
    "{new} = torch.allclose({f}, {t})",
    "{new} = bool({x} > 0)",
    "{new} = float({x})",
    "{new} = int({x})",
    "{new} = len({x})",
    "{new} = {x}.clone().numpy()",
    "{new} = {x} in [{x}]",
)

FAMILIES: dict[str, Family] = {
    "make": Family(6, _MAKE),
    "views": Family(16, _VIEWS),
    "unary": Family(12, _UNARY),
    "operations": Family(14, _OPERATIONS),
    "functions": Family(1, _FUNCTIONS),
    "reductions": Family(6, _REDUCTIONS),
    "selections": Family(5, _SELECTIONS),
    "writes": Family(20, _WRITES),
    "out": Family(2, _OUT),
    "graph": Family(9, _GRAPH),
    "backward": Family(12, _BACKWARD),
    "inquiries": Family(1, _INQUIRIES),
}

MODES = (("with torch.no_grad(): ", 5), ("with torch.enable_grad(): ", 2), ("with torch.inference_mode(): ", 1))
"""What a statement may run under, and in how many of a hundred statements."""
