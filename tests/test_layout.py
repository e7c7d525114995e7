"""Strides, storage offsets and the order of results in memory, against torch."""

from __future__ import annotations

import copy
import pickle
import random
import warnings
from typing import Any

import pytest

import minitorch
from tests.both import both, caught

KINDS = ["unbind", "unsqueeze", "squeeze", "permute", "expand", "diagonal", "unfold", "key", "reshape", "view"]
KINDS += ["detach"]
SLICES = [slice(1, None), slice(None, 1), slice(None, None, 2), slice(5, 9), None]


def some_view(lib: Any, seed: int) -> tuple[list[str], Any]:
    """A view of a small tensor, by up to five view operations drawn from `seed`, and what they were."""
    draw = random.Random(seed)
    shape = [draw.choice([0, 1, 1, 2, 3]) for _ in range(draw.randrange(4))]
    t = lib.zeros(shape)
    steps = [f"zeros({shape})"]
    for _ in range(draw.randrange(1, 6)):
        n = t.dim()
        kind = draw.choice(KINDS)
        arguments: Any = ()
        if kind in ("unbind", "unfold") and n:
            d = draw.randrange(n)
            arguments = (d,) if kind == "unbind" else (d, draw.randrange(t.shape[d] + 1), draw.choice([1, 2]))
        elif kind == "unsqueeze":
            arguments = (draw.randrange(n + 1),)
        elif kind == "permute":
            arguments = (draw.sample(range(n), n),)
        elif kind == "expand":
            arguments = ([1, 2][: draw.randrange(3)] + [draw.choice([0, 1, 2]) if m == 1 else m for m in t.shape],)
        elif kind == "diagonal" and n >= 2:
            arguments = (draw.randrange(-2, 3),)
        elif kind == "key":
            arguments = ((*draw.choices(SLICES, k=draw.randrange(n + 1)), ..., None),)
        elif kind == "reshape":
            arguments = (draw.sample(list(t.shape), n),)
        elif kind == "view":
            arguments = ([t.numel()],)
        elif kind not in ("squeeze", "detach"):
            continue
        try:
            result = t[arguments[0]] if kind == "key" else getattr(t, kind)(*arguments)
        except (IndexError, RuntimeError) as error:
            steps.append(f"{kind}{arguments}: {type(error).__name__}")
            continue
        steps.append(f"{kind}{arguments}")
        if kind != "unbind":
            t = result
        elif result:
            t = result[-1]
    return steps, t


@pytest.mark.parametrize("seed", range(0, 3000, 100))
@both
def test_the_layout_of_views(lib, seed):
    found = []
    for s in range(seed, seed + 100):
        steps, t = some_view(lib, s)
        found.append((steps, tuple(t.shape), t.stride(), t.storage_offset(), t.is_contiguous()))
    return found


@both
def test_what_an_expand_that_repeats_nothing_returns_can_be_written_to(lib):
    x = lib.ones(2, 3)
    x.expand(2, 3).add_(1)
    x.expand_as(x).mul_(2)
    lib.broadcast_to(x, (1, 2, 3)).sub_(1)
    row = lib.zeros(3)
    row.expand(4, 3)[2].add_(1)
    grid = lib.meshgrid(lib.zeros(2), indexing="ij")[0].add_(1)
    refused = [type(caught(lambda t=t: t.add_(1))) for t in (row.expand(2, 3), row[:1].expand(3))]
    return x, row, grid, refused


@both
def test_an_empty_tensor_passes_gradcheck(lib):
    x = lib.empty(0, 3, dtype=lib.float64, requires_grad=True)
    expanded = lib.empty(0, 1, dtype=lib.float64, requires_grad=True).expand(0, 3)
    return lib.autograd.gradcheck(lambda t: t * 2, x), type(caught(lambda: lib.autograd.gradcheck(lib.exp, expanded)))


@both
def test_the_gradient_of_mean_can_be_written_to(lib):
    x = lib.ones(2, 3, requires_grad=True)
    found = []
    for dim in (None, 0, 1, (0, 1)):
        (g,) = lib.autograd.grad(x.mean(dim).sum(), x)
        found += [g.stride(), g.mul_(2)]
    x.register_hook(lambda g: g.neg_())
    x.mean().backward()
    (first,) = lib.autograd.grad(x.mean(), x, create_graph=True)
    return found, x.grad, first.stride()


@both
def test_grad_is_laid_out_like_its_leaf(lib):
    found = []
    for leaf in (lib.ones(2, 3, 4).permute(2, 0, 1), lib.ones(4, 3)[::2], lib.ones(3).expand(2, 3), lib.ones(2, 3)):
        for function in (lib.sum, lib.mean, lambda t: (t * t).sum(), lambda t: t.reshape(-1).cumsum(0).sum()):
            x = leaf.detach().requires_grad_()
            function(x).backward()
            found += [x.grad.stride(), x.grad.mul_(2)]
    return found


@both
def test_create_graph_gives_leaves_gradients_of_their_own(lib):
    x, y = lib.ones(3, requires_grad=True), lib.ones(3, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (x + y).sum().backward(create_graph=True)
    with lib.no_grad():
        x.grad.mul_(2)
    return x.grad, y.grad


TENSORS = {
    "contiguous": lambda t: t,
    "transposed": lambda t: t.transpose(1, 2),
    "permuted": lambda t: t.permute(2, 0, 1),
    "strided": lambda t: t[:, ::2],
    "expanded": lambda t: t[:1].expand(5, 3, 4),
    "empty": lambda t: t[:0],
}
RESULTS = [
    "t[:, lib.tensor([0, 1])]",
    "t[..., lib.tensor([[0, 1], [1, 0]])]",
    "t[lib.tensor([0]), :, lib.tensor([0])]",
    "t[0, :, lib.tensor([0, 1])]",
    "t[lib.tensor([0, 1]), lib.tensor([0, 1])]",
    "t[t > 2]",
    "t[True]",
    "t[..., lib.arange(t.shape[-1]) > 0]",
    "t.index_select(1, lib.tensor([0, 1]))",
    "t.index_select(-1, lib.tensor([0, 1]))",
    "t.gather(-1, (t * 0).long())",
    "lib.take_along_dim(t, (t * 0).long(), 1)",
    "t.index_add(0, lib.tensor([0]), t[:1])",
    "t.index_copy(0, lib.tensor([0]), t[:1])",
    "t.index_fill(0, lib.tensor([0]), 1)",
    "t.masked_fill(t > 2, 0)",
    "t.masked_scatter(t > 2, t)",
    "t.repeat_interleave(2, 1)",
    "t.topk(1, -1)[0]",
    "t.topk(2, 1)[1]",
    "t.sort(1)[0]",
    "t.argsort(-1)",
    "t.sum(0)",
    "t.mean(-1, keepdim=True)",
    "t.amax(1)",
    "t.std(0)",
    "t.any(-1)",
    "t.norm(dim=1)",
    "t.logsumexp(-1)",
    "t.cumsum(1)",
    "t.softmax(0)",
    "t.log_softmax(-1)",
    "t.flip(0)",
    "t.roll(1, 0)",
    "t.tril()",
    "lib.cat([t, t], 1)",
    "lib.stack([t, t], -1)",
    "lib.nn.functional.logsigmoid(t)",
    "lib.nn.functional.layer_norm(t, t.shape[-1:])",
    "lib.nn.functional.batch_norm(t, None, None, training=True)",
    "lib.nn.functional.one_hot(t.long(), 20)",
    "t.tanh()",
    "t.long().round()",
    "t.lerp(t, 0.5)",
    "t.half().sigmoid()",
    "t.half().lerp(t.half(), 0.5)",
    "t.double()",
    "lib.zeros_like(t)",
    "lib.full_like(t, 2)",
    "copy.deepcopy(t)",
    "pickle.loads(pickle.dumps(t))",
]


@pytest.mark.parametrize("result", RESULTS)
@both
def test_the_order_of_a_result_in_memory(lib, result):
    found = []
    for kind, view in TENSORS.items():
        t = view((lib.arange(24) * 7 % 17).float().reshape(2, 3, 4) + 1)
        r = caught(lambda t=t: eval(result, {"lib": lib, "t": t, "copy": copy, "pickle": pickle}))
        if isinstance(r, lib.Tensor):
            found.append((kind, tuple(r.shape), r.stride(), r.is_contiguous()))
    return found


GRADIENTS = ["frac", "cos", "acos", "sin", "exp", "norm", "square", "asin", "erfinv", "erf", "abs"]


@pytest.mark.parametrize("name", GRADIENTS)
@both
def test_the_order_of_a_gradient_in_memory(lib, name):
    """Of a sum, whose gradient tells no order, and of results in the order of the tensor itself."""
    found = []
    for view in (lambda t: t, lambda t: t.transpose(1, 2), lambda t: t.permute(2, 1, 0), lambda t: t[..., ::2]):
        x = view((lib.arange(24) / 25).reshape(2, 3, 4)).detach().requires_grad_()
        out = getattr(x, name)()
        (of_sum,) = lib.autograd.grad(out.sum(), x, retain_graph=True)
        (like_it,) = lib.autograd.grad(out, x, lib.ones_like(out))
        found += [of_sum.stride(), like_it.stride()]
    return found


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@both
def test_the_order_of_what_is_computed_in_a_wider_dtype(lib, dtype):
    x = (lib.arange(12) / 13).reshape(1, 3, 4).to(getattr(lib, dtype)).expand(2, 3, 4)
    functions = (lib.erf, lib.erfc, lib.erfinv, lib.sigmoid, lib.nn.functional.gelu, lib.nn.functional.silu)
    return [f(x).stride() for f in functions]


@both
def test_frac_records_an_operation_of_its_own(lib):
    x = lib.tensor([1.5, -2.25], requires_grad=True)
    y = x.frac()
    y.sum().backward()
    return y, y.grad_fn.name(), x.grad


@both
def test_coordinates_are_columns_in_memory(lib):
    x = lib.tensor([[1, 0, 2], [0, 3, 4]])
    return [t.stride() for t in (x.nonzero(), *x.nonzero(as_tuple=True), *lib.where(x > 1))]


@both
def test_deepcopy_keeps_shared_memory(lib):
    x = lib.arange(6.0).reshape(2, 3)
    first, second, row, empty = copy.deepcopy((x, x.t(), x[1], x[2:]))
    first[1, 2] = 9
    return first, second, row, row.storage_offset(), empty.stride(), x, second._version


@pytest.mark.parametrize("copied", ["copy.copy(t)", "copy.deepcopy(t)", "pickle.loads(pickle.dumps(t))"])
@pytest.mark.parametrize(
    "kind", ["torch.arange(2.0)", "torch.ones(2, requires_grad=True)", "torch.nn.Parameter(torch.ones(2))"]
)
@both
def test_copies_have_the_attributes_that_users_have_set(lib, kind, copied):
    t = eval(kind, {"torch": lib})
    t.tag, t._hidden = ["tag"], 2
    copied = eval(copied, {"t": t, "copy": copy, "pickle": pickle})
    return type(copied).__name__, copied.requires_grad, getattr(copied, "tag", None), getattr(copied, "_hidden", None)


def test_a_pickled_row_does_not_contain_its_data_set():
    x = minitorch.zeros(1000, 10)
    assert len(pickle.dumps(x[3])) < 1000


@both
def test_truth_values_as_indices(lib):
    t = lib.arange(6.0).reshape(2, 3).t()
    return t[False], t[True], lib.tensor(1.0)[False], t[:, lib.tensor(True)]
