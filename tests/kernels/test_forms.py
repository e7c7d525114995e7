"""Every form of every kernel, on every array library that can be used here, against its reference.

CuPy's forms run on a GPU, or on the emulation of one: ``python -m kernels.cusim pytest tests/kernels/test_forms.py``.
The forms that another package registers are compared too: ``pytest -p your_package.backend tests/kernels``.
"""

from contextlib import ExitStack
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import kernels
from kernels.cpu import (
    blocks,
    conv,
    elementwise,
    indexing,
    linear_algebra,
    normalization,
    optimizer,
    products,
    reduction,
    rnn,
    softmax,
)
from kernels.cuda import all_kernels as all_kernels
from kernels.dispatch import KERNELS
from tests.kernels.compare import check, examples_of, outcome
from tests.kernels.examples import FLOATS
from tests.kernels.libraries import backend_for, unavailable_because

pytestmark = pytest.mark.host("arrays are put on the device of each form")
FORMS = [(name, library) for name in sorted(KERNELS) for library in KERNELS[name].implementations]
WITHOUT_CUPY = pytest.mark.skipif(unavailable_because("cupy") is not None, reason=str(unavailable_because("cupy")))


def compare(name, library, data):
    """The reference's values, the same the second time, and no argument written but those that the kernel writes."""
    backend, kernel = backend_for(library), KERNELS[name]
    example, dtype = data.draw(examples_of(name)), data.draw(st.sampled_from(FLOATS))
    results = []
    for _ in range(2):
        ours = example.to(dtype).on(backend.asarray)
        results.append(outcome(kernel, ours, library, backend.to_host))
        for i, (argument, before) in enumerate(zip(ours.args, example.to(dtype).args, strict=True)):
            if kernels.is_array(argument) and i not in example.written:
                np.testing.assert_array_equal(backend.to_host(argument), before, f"argument {i} was written")
    check(kernel, example, dtype, results[0], denormals=library != "cupy")
    for once, again in zip(*results, strict=True):
        np.testing.assert_array_equal(once, again, "not the same the second time")


@pytest.mark.parametrize(("name", "library"), [form for form in FORMS if form[1] != "cupy"])
@pytest.mark.parametrize("limits", ["usual", "small"])
@settings(max_examples=settings.default.max_examples * 3)
@given(data=st.data())
def test_on_the_host(limits, name, library, data):
    """With small limits NumPy's forms treat small arrays as they usually treat large ones: part by part."""
    with ExitStack() as stack:
        if limits == "small":
            stack.enter_context(mock.patch.multiple(conv, TILE=1, THIN=2, SMALL=4, LITTLE=1, ALONE=64, DEEP=4))
            for module in (blocks, indexing, normalization, optimizer, rnn, softmax):
                stack.enter_context(mock.patch.object(module, "BLOCK", 64))
            stack.enter_context(mock.patch.multiple(elementwise, FEW=1, MANY=4, STRIP=3))
            stack.enter_context(mock.patch.object(normalization, "LEAST", 1))
            stack.enter_context(mock.patch.multiple(products, ALONE=64, LEAST=2))
            stack.enter_context(mock.patch.multiple(linear_algebra, WEIGHTS=1, RESULTS=1))
            stack.enter_context(mock.patch.multiple(reduction, FOLD=4, LONG=8, SHORT=4))
        compare(name, library, data)


@WITHOUT_CUPY
@pytest.mark.parametrize(("name", "library"), [form for form in FORMS if form[1] == "cupy"])
@settings(max_examples=settings.default.max_examples // 5)
@given(data=st.data())
def test_on_a_gpu(name, library, data):
    compare(name, library, data)


def test_a_form_without_examples_is_refused():
    with pytest.raises(AssertionError, match=r"the kernel relu has the forms .*add a function.*@example\('relu'\)"):
        examples_of("relu")
