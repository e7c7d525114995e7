"""The page of the ops is up to date, and the gradients that it prints are the ones that run."""

import dis
import inspect
import re
from pathlib import Path

import pytest

import kernels
from minitorch.autograd.op import Op
from parity.commands import op_facts, ops

PAGE = Path(__file__).parents[2] / "docs" / "ops.md"


@pytest.fixture(scope="module")
def entries():
    return op_facts.entries()


@pytest.fixture(scope="module")
def by_name(entries):
    return {entry.name: entry for entry in entries}


def test_the_page_is_fresh():
    assert PAGE.read_text(encoding="utf-8") == ops.page(), "renew it: parity ops --write docs/ops.md"


def test_what_is_known_of_one_op(by_name):
    tanh = by_name["tanh"]
    assert tanh.formula == kernels.tanh.__doc__
    assert [(g.inputs, g.text, g.parameters) for g in tanh.gradients] == [(("x",), "tanh_grad(g, out)", ("g", "out"))]
    assert tanh.forms == ("numpy",)
    assert ("tanh", "Tensor.tanh", "Tensor.tanh_") in tanh.names
    assert "tanh" in tanh.cases


def test_a_gradient_of_several_inputs_and_one_on_several_lines(by_name):
    (joint,) = by_name["cat"].gradients
    assert joint.inputs == ("tensors",)
    assert joint.text == "_split(g, dim, tensors_shape)"
    assert op_facts.kept("tensors_shape") == "tensors.shape"
    assert "  " not in "".join(g.text for e in by_name.values() for g in e.gradients)


def test_names_follow_the_calls_and_not_the_name_alone(by_name):
    assert by_name["im2col"].names == (("nn.functional.unfold",),)  # `Tensor.unfold` is another function
    assert by_name["unfold"].names == (("Tensor.unfold",),)
    assert by_name["lstm"].names == (("nn.LSTM",), ("nn.LSTMCell",))


def test_an_internal_op_says_where_it_is_used(by_name):
    assert by_name["index_grad"].names == ()
    assert {"index", "embedding"} <= set(by_name["index_grad"].within)


def test_an_op_is_public_or_serves_in_a_gradient_or_in_the_engine(entries):
    engine = {"copy_slices"}  # what is written into views
    assert {e.name for e in entries if not e.names and not e.within} == engine


def test_printed_gradients_compile_to_the_code_that_runs(entries):
    """The text is found by its place in the file: of two lambdas on one line it must be the right one."""
    compared = 0
    for entry in entries:
        for gradient, (_, wrapped) in zip(entry.gradients, entry.op.gradients, strict=True):
            function = inspect.unwrap(wrapped)
            if function.__name__ == "<lambda>":
                again = eval(f"lambda {', '.join(gradient.parameters)}: {gradient.text}", function.__globals__)
                assert fingerprint(again.__code__) == fingerprint(function.__code__), (entry.name, gradient)
                compared += 1
    assert compared > 150


def fingerprint(code):
    """The operands of the instructions; which instruction reads an attribute depends on the file's imports."""
    told = [i.argrepr for i in dis.get_instructions(code) if not hasattr(i.argval, "co_code")]
    told = [
        re.sub(r"NULL \+ | \+ NULL(\|self)?", "", text) for text in told
    ]  # before or after, as Python's version has it
    return [t for t in told if t], [fingerprint(c) for c in code.co_consts if hasattr(c, "co_code")]


def test_every_op_and_every_kernel_is_listed(entries):
    known = {id(e.op) for e in entries}
    for module in op_facts._modules():
        for name, value in vars(module).items():
            assert not isinstance(value, Op) or id(value) in known, f"{module.__name__}.{name}"
    listed = {id(e.op.kernel) for e in entries} | {id(k) for k in op_facts.kernels_without_op(entries)}
    assert {id(k) for k in kernels.dispatch.KERNELS.values()} <= listed


def test_rows_of_a_table_have_as_many_cells_as_its_head():
    rows = [line.replace("\\|", "") for line in ops.page().splitlines() if line.startswith("|")]
    assert len(rows) > 170
    assert {row.count("|") for row in rows} == {4, 6}


def test_the_command_writes_the_page(tmp_path, capsys):
    assert ops.main(["--write", str(tmp_path / "ops.md")]) == 0
    assert (tmp_path / "ops.md").read_text(encoding="utf-8") == ops.page()
    assert ops.main([]) == 0
    assert capsys.readouterr().out == ops.page()
