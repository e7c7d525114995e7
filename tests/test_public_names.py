"""The table of public names, and the functions and methods made from it."""

from __future__ import annotations

import inspect
import operator
import pickle

import pytest

import minitorch
from minitorch.functions.public import TABLE, VARIANTS, functions, methods, public

ROWS = [pytest.param(row, id=row.name) for row in TABLE.values()]


def test_module_and_tensor_have_the_table_s_names():
    assert len(functions()) > 220
    for name, function in functions().items():
        assert getattr(minitorch, name) is function
        assert name in minitorch.__all__
    for name, method in methods().items():
        assert vars(minitorch.Tensor)[name].__qualname__ == method.__qualname__


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_what_it_says(row):
    found = {v for v, made in zip(VARIANTS, (row.function, row.method, row.inplace), strict=False) if made is not None}
    out = {"out"} if row.function is not None and "out" in inspect.signature(row.function).parameters else set()
    assert found | out == set(row.variants)
    assert row.definition.__doc__
    for made in (row.function, row.method, row.inplace):
        if made is not None:
            own = made.__name__ == row.definition.__name__
            text = row.definition.__doc__
            assert made.__doc__ == (text if own else f"`{row.definition.__name__}` in place: {text}")
            assert pickle.loads(pickle.dumps(made)) is made
            result = str(inspect.signature(made).return_annotation)
            assert "Tensor" in result or result == f"return_types.{row.name}" or row.name in NO_TENSORS
    if row.method is not None:
        assert "out" not in inspect.signature(row.method).parameters


NO_TENSORS = {
    *("allclose", "broadcast_shapes", "equal", "is_complex", "is_floating_point", "is_nonzero", "is_tensor", "numel"),
    *("result_type", "typename"),
}


def test_other_names_are_the_same_function():
    assert TABLE["abs"].names == ("abs", "absolute")
    assert minitorch.absolute is minitorch.abs
    assert minitorch.Tensor.absolute_ is minitorch.Tensor.abs_
    assert "absolute" not in TABLE


def test_a_row_with_an_unknown_variant_or_a_name_that_is_there_is_refused():
    def abs(input):
        """Nothing."""

    with pytest.raises(
        ValueError, match="expected variants among function, method, inplace, out, but got 'method tuo'"
    ):
        public("method tuo")
    with pytest.raises(ValueError, match=r"a public function abs already, in minitorch\.functions\.elementwise"):
        public("function")(abs)


OPERATORS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and_", "or_", "xor")


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_of_two_operands(name):
    x, y = minitorch.tensor([7, 5]), minitorch.tensor([2, 3])
    sign = getattr(operator, name)
    expected = [sign(7, 2), sign(5, 3)]
    assert sign(x, y).tolist() == pytest.approx(expected)
    assert sign(7, y).tolist() == pytest.approx([sign(7, 2), sign(7, 3)])
    assert sign(x, 3).tolist() == pytest.approx([sign(7, 3), sign(5, 3)])
    z = x.double() if name in ("truediv", "pow") else x.clone()
    written = getattr(operator, "i" + name.rstrip("_"), None) or getattr(operator, "i" + name)
    address = z.data_ptr()
    assert written(z, y) is z
    assert z.data_ptr() == address
    assert z.tolist() == pytest.approx(expected)


def test_operators_of_one_operand_have_no_other_form():
    assert (-minitorch.tensor([1])).tolist() == [-1]
    assert abs(minitorch.tensor([-1])).tolist() == [1]
    for name in ("__rneg__", "__ineg__", "__rpos__", "__iabs__", "__imatmul__"):
        assert not hasattr(minitorch.Tensor, name)


def test_sizes_in_a_sequence_one_by_one_and_by_name():
    x = minitorch.arange(6)
    for y in (x.view(2, 3), x.view((2, 3)), x.view([2, 3]), x.view(size=(2, 3)), x.reshape(shape=(2, -1))):
        assert tuple(y.shape) == (2, 3)
    assert tuple(minitorch.zeros(2, 3).shape) == tuple(minitorch.zeros(size=(2, 3)).shape) == (2, 3)
    assert tuple(minitorch.zeros(()).shape) == ()
    assert tuple(x.view(2, 3).permute(dims=(1, 0)).shape) == (3, 2)
    assert x.flip(dims=(0,)).tolist() == minitorch.flip(x, dims=(0,)).tolist() == [5, 4, 3, 2, 1, 0]
    with pytest.raises(TypeError, match=r"reshape\(\): argument 'shape' must be tuple of ints, not int"):
        minitorch.reshape(x, 6)
    with pytest.raises(TypeError, match="got multiple values for argument 'size'"):
        x.view(6, size=(6,))
    with pytest.raises(
        TypeError, match=r"expand\(\): argument 'size' must be tuple of ints, but found element of type str"
    ):
        x.expand("2", 6)


def test_options_of_new_tensors():
    t = minitorch.zeros(2, dtype=minitorch.int16)
    assert minitorch.ones_like(t).dtype is minitorch.int16
    assert minitorch.full((2,), 1.5, out=t).tolist() == [1, 1]
    assert minitorch.ones(2, requires_grad=True).requires_grad
    with pytest.raises(TypeError, match=r"zeros\(\) got an unexpected keyword argument 'dtyp'"):
        minitorch.zeros(2, dtyp=minitorch.int16)
    with pytest.raises(RuntimeError, match=r"does not match dtype of out parameter \(torch.int16\)"):
        minitorch.zeros(2, dtype=minitorch.int32, out=t)


@pytest.mark.parametrize(
    "name",
    [
        "autograd",
        "autograd.functional",
        "nn",
        "nn.init",
        "nn.parameter",
        "nn.utils",
        "nn.utils.rnn",
        "optim",
        "optim.lr_scheduler",
        "utils.data",
    ],
)
def test_what_import_star_imports(name):
    theirs, ours = {}, {}
    exec(f"from torch.{name} import *", theirs)
    exec(f"from minitorch.{name} import *", ours)
    assert len(ours) > 3
    assert set(ours) <= set(theirs)


def test_import_star_leaves_the_standard_library_s_names():
    names = {}
    exec("import random, types; from minitorch import *", names)
    assert names["random"].__name__ == "random"
    assert not {name for name in names if inspect.ismodule(names[name])} - {"random", "types"}
