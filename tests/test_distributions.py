"""Distributions against torch's: the same text is run with both libraries, and the results are compared."""

import subprocess
import sys

import numpy as np
import pytest
import torch

import minitorch
from parity.compare.structure import leaves

# What a distribution is made of: several parametrizations of each family, batched, broadcast, of numbers, of float64.
MADE = {
    "Normal": [
        "Normal(x, y.exp())",
        "Normal(x.double(), 2.0)",
        "Normal(0, 1)",
        "Normal(x[0], y[:, :1].exp())",
        "Normal(x, y.exp()).expand((5, 3, 4))",
    ],
    "Uniform": [
        "Uniform(x - 3, x + y.exp())",
        "Uniform(-1.5, 2)",
        "Uniform(x.double() - 2, 5.0)",
        "Uniform(x - 3, x + 1).expand((2, 3, 4))",
    ],
    "Bernoulli": [
        "Bernoulli(x.sigmoid())",
        "Bernoulli(logits=3 * x)",
        "Bernoulli(0.3)",
        "Bernoulli(lib.tensor([0.0, 0.5, 1.0]))",
        "Bernoulli(logits=x.double()).expand((2, 3, 4))",
    ],
    "Categorical": [
        "Categorical(x.exp())",
        "Categorical(logits=x)",
        "Categorical(lib.tensor([0.0, 1.0, 3.0]))",
        "Categorical(logits=x.double()).expand((2, 3))",
        "Categorical(logits=x[0])",
    ],
}
ALL = [text for texts in MADE.values() for text in texts]
PROPERTIES = (
    "mean",
    "variance",
    "stddev",
    "mode",
    "batch_shape",
    "event_shape",
    "has_rsample",
    "has_enumerate_support",
)
X = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
Y = np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)


def world(lib):
    """The names that a text is evaluated with."""
    lib.manual_seed(1)
    names = {name: getattr(lib.distributions, name) for name in (*MADE, "kl_divergence")}
    return {**names, "lib": lib, "x": lib.tensor(X, requires_grad=True), "y": lib.tensor(Y, requires_grad=True)}


def outcome(lib, text, **more):
    """The leaves of the text's result, or the type of its error."""
    try:
        value = eval(text, world(lib) | more)
    except (ValueError, NotImplementedError, RuntimeError, TypeError) as error:
        return type(error)
    return [(leaf.path, leaf.kind, leaf.value, leaf.requires_grad) for leaf in leaves(value, lib)]


def assert_same(text):
    ours, theirs = outcome(minitorch, text), outcome(torch, text)
    if isinstance(theirs, type):
        assert ours is theirs
        return
    assert [o[:2] for o in ours] == [t[:2] for t in theirs]
    for (path, kind, value, grad), (_, _, expected, expected_grad) in zip(ours, theirs, strict=True):
        assert grad == expected_grad, path
        if kind in ("tensor", "float"):
            assert value.dtype == expected.dtype, path
            exact = value.dtype.kind != "f"
            rtol, atol = (0, 0) if exact else (1e-12, 1e-12) if value.dtype == np.float64 else (2e-6, 1e-6)
            np.testing.assert_allclose(value, expected, rtol=rtol, atol=atol, err_msg=path)
        else:
            assert value == expected, path


@pytest.mark.parametrize("text", ALL)
def test_properties(text):
    for name in PROPERTIES:
        assert_same(f"{text}.{name}")
    for name in ("probs", "logits", "param_shape"):
        if "Bernoulli" in text or "Categorical" in text:
            assert_same(f"{text}.{name}")
    for call in ("entropy()", "perplexity()", "enumerate_support()", "enumerate_support(expand=False)", "__repr__()"):
        assert_same(f"{text}.{call}")


@pytest.mark.parametrize("shape", ["", "(5,)", "(2, 7)", "(0,)", "lib.Size([64])"])
@pytest.mark.parametrize("text", ALL)
def test_draws(text, shape):
    assert_same(f"{text}.sample({shape})")
    assert_same(f"{text}.rsample({shape})")


@pytest.mark.parametrize("text", ALL)
def test_values(text):
    discrete = "Bernoulli" in text or "Categorical" in text
    values = (
        ["d.probs.new_tensor(1.0)", "d.probs.new_tensor([[0.0], [1.0], [1.0]])"]
        if discrete
        else ["lib.tensor(0.75)", "d.mean.detach()"]
    )
    for value in [*values, "(d.mean - 40.0).detach()", "3.0", "lib.zeros(9)"]:
        for method in ("log_prob", "cdf"):
            assert_same(f"(lambda d: d.{method}({value}))({text})")
    assert_same(f"{text}.icdf(lib.tensor(0.3))")


@pytest.mark.parametrize(
    "text",
    ["Normal(x, y.exp())", "Uniform(x - 3, x + y.exp())", "Bernoulli(logits=x * y)", "Categorical(x * x + y.exp())"],
)
@pytest.mark.parametrize("result", ["log_prob(lib.ones(()))", "entropy()", "rsample((6,))", "mean", "variance"])
def test_gradients(text, result):
    call = f"(lambda out: lib.autograd.grad(out.sum() ** 2, (x, y), allow_unused=True))({text}.{result})"
    if "Uniform" in text and "log_prob" in result:
        call = call.replace("lib.ones(())", "x.detach()")
    assert_same(call)


PAIRS = [
    ("Normal(x, y.exp())", "Normal(0.5, y.double().exp().float())"),
    ("Bernoulli(logits=x)", "Bernoulli(logits=y)"),
    ("Bernoulli(lib.tensor([0.0, 0.2, 1.0]))", "Bernoulli(lib.tensor([0.0, 0.5, 0.0]))"),
    ("Bernoulli(lib.tensor([0.0, 0.2, 1.0]))", "Bernoulli(lib.tensor([1.0, 1.0, 1.0]))"),
    ("Categorical(logits=x)", "Categorical(y.exp())"),
    ("Categorical(lib.tensor([0.0, 0.5, 0.5]))", "Categorical(lib.tensor([0.3, 0.7, 0.0]))"),
    ("Uniform(x - 3, x + 1)", "Uniform(-4.0, 2.0)"),
    ("Uniform(x - 3, x + 1)", "Normal(x, 2.0)"),
    ("Normal(x, 2.0)", "Uniform(x - 3, x + 1)"),
]


@pytest.mark.parametrize(("p", "q"), PAIRS)
def test_divergence(p, q):
    assert_same(f"kl_divergence({p}, {q})")
    assert_same(f"kl_divergence({p}, {p})")


def test_divergence_of_families_without_a_formula():
    assert_same("kl_divergence(Normal(0, 1), Bernoulli(0.5))")


def test_divergence_of_a_family_of_ones_own():
    class Fixed(minitorch.distributions.Normal):
        pass

    p, q = Fixed(0.0, 1.0), minitorch.distributions.Normal(1.0, 1.0)
    assert minitorch.distributions.kl_divergence(p, q) == 0.5

    @minitorch.distributions.register_kl(Fixed, minitorch.distributions.Normal)
    def formula(p, q):
        return minitorch.tensor(7.0)

    assert minitorch.distributions.kl_divergence(p, q) == 7
    with pytest.raises(TypeError):
        minitorch.distributions.register_kl(int, Fixed)


@pytest.mark.parametrize(
    "text",
    [
        "Normal(0.0, 0.0)",
        "Normal(x, -y.exp())",
        "Normal(float('nan'), 1.0)",
        "Normal('a', 1.0)",
        "Normal(x, lib.ones(5))",
        "Uniform(1.0, 1.0)",
        "Uniform(x, x - 1)",
        "Bernoulli()",
        "Bernoulli(0.5, 0.5)",
        "Bernoulli(1.5)",
        "Bernoulli(-x.abs())",
        "Categorical()",
        "Categorical(lib.tensor(1.0))",
        "Categorical(logits=lib.tensor(1.0))",
        "Categorical(lib.tensor([0.5, -0.1]))",
        "Categorical(lib.tensor([0.0, 0.0]))",
        "Categorical(logits=lib.tensor([0.0, float('nan')]))",
    ],
)
def test_wrong_parameters(text):
    assert outcome(torch, text) in (ValueError, RuntimeError)
    assert_same(text)


def test_checks_can_be_turned_off():
    assert_same("Normal(0.0, -1.0, validate_args=False).log_prob(lib.tensor(1.0))")
    assert_same("Uniform(0.0, 1.0, validate_args=False).log_prob(lib.tensor(1.5))")
    assert_same("Normal(0.0, 1.0, validate_args=False).expand((2,)).log_prob(lib.tensor(float('nan')))")
    minitorch.distributions.Distribution.set_default_validate_args(False)
    try:
        minitorch.distributions.Normal(0.0, -1.0)
    finally:
        minitorch.distributions.Distribution.set_default_validate_args(True)
    with pytest.raises(ValueError):
        minitorch.distributions.Distribution.set_default_validate_args("no")


def test_a_parameter_computed_under_no_grad_still_has_a_gradient():
    x = minitorch.tensor(X, requires_grad=True)
    d = minitorch.distributions.Categorical(logits=x)
    with minitorch.no_grad():
        assert not d.sample().requires_grad
    assert d.probs.requires_grad


def test_a_subclass_with_parameters_of_its_own_must_expand_itself():
    class Shifted(minitorch.distributions.Normal):
        def __init__(self, shift):
            super().__init__(shift, 1.0)

    with pytest.raises(NotImplementedError, match="Shifted"):
        Shifted(2.0).expand((3,))


def test_reinforce_learns_the_better_arm():
    """Policy gradients: the gradient of the log-probability of the drawn action, times its reward."""

    def run(lib):
        lib.manual_seed(0)
        logits = lib.zeros(3, requires_grad=True)
        for _ in range(60):
            arms = lib.distributions.Categorical(logits=logits)
            arm = arms.sample()
            (-arms.log_prob(arm) * (arm == 2).float()).backward()
            with lib.no_grad():
                logits -= 0.5 * logits.grad
                logits.grad.zero_()
        return lib.distributions.Categorical(logits=logits).probs.detach().cpu().numpy()

    ours, theirs = run(minitorch), run(torch)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)
    assert ours[2] > 0.8


def test_importing_minitorch_does_not_load_them():
    code = (
        "import sys, minitorch; print('minitorch.distributions' in sys.modules); minitorch.distributions.Normal(0, 1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"
