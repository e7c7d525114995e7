"""``--resume`` with files that are not checkpoints of this run: an error of one line before training starts."""

import argparse
import collections

import pytest

import minitorch
from minitorch import nn, optim
from minitorch.errors import UsageError
from minitorch.training.checkpoint import Run
from minitorch.training.seal import seal

pytestmark = pytest.mark.host("the state of a run is kept on the host")


def new_run(**options):
    net = nn.Linear(3, 2)
    run = Run(argparse.Namespace(**{"seed": 0, **options}), ("seed",), net=net, optimizer=optim.Adam(net.parameters()))
    run.extra["kept"] = {0: {name: weight.detach().clone() for name, weight in net.state_dict().items()}}
    return run


@pytest.fixture
def state(tmp_path):
    """The content of a checkpoint after two steps."""
    run = new_run()
    for x in run.batches([minitorch.randn(4, 3)] * 3):
        run.parts["net"](x).sum().backward()
        run.parts["optimizer"].step()
        run.count(0.5)
        if run.step == 2:
            break
    run.save(tmp_path / "good.pt", "toy")
    again = new_run()
    again.resume(tmp_path / "good.pt", "toy")
    assert (again.step, again.losses) == (2, [0.5, 0.5])
    return minitorch.load(tmp_path / "good.pt")


def refusal(tmp_path, content, model="toy", **options):
    """The message of the error that resuming raises."""
    minitorch.save(content, tmp_path / "strange.pt")
    run = new_run(**options)
    with pytest.raises(UsageError) as caught:
        run.resume(tmp_path / "strange.pt", model)
    assert (run.step, run.epoch, run.losses) == (0, 0, [])
    message = str(caught.value)
    assert message.startswith(str(tmp_path / "strange.pt"))
    return message


def doubled():
    """A tuple of 2^60 leaves, which share."""
    item = ()
    for _ in range(60):
        item = (item, item)
    return item


VALUES = {
    "None": None, "text": "x", "minus one": -1, "a fraction": 1.5, "a list": [], "a dict": {}, "True": True,
    "NaN": float("nan"),
    "a tensor": minitorch.ones(3), "a large number": 10**30, "a doubled tuple": doubled(), "a list of None": [None],
}  # fmt: skip
FIELDS = [
    "format", "model", "options", "parts", "epoch", "step", "batches", "losses", "seconds", "extra", "epoch_began_with",
    "generator", "seal",
]  # fmt: skip


def test_every_field_of_a_checkpoint_is_tried(state):
    assert list(state) == FIELDS


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_that_is_missing_or_strange(tmp_path, state, field):
    for value in VALUES.values():
        assert refusal(tmp_path, {**state, field: value})
    del state[field]
    assert refusal(tmp_path, state)


@pytest.mark.parametrize(
    "content",
    [None, 3, "x", [], {}, (1,), minitorch.ones(3), nn.Linear(2, 2).state_dict(), collections.Counter("ab"), doubled()],
    ids=lambda content: type(content).__name__,
)
def test_what_is_no_checkpoint_at_all(tmp_path, content):
    assert "not a checkpoint of this model" in refusal(tmp_path, content)


def test_changes_inside(tmp_path, state):
    def change(*path):
        *folders, last, value = path
        changed = minitorch.load(tmp_path / "good.pt")
        inner = changed
        for name in folders:
            inner = inner[name]
        inner[last] = value
        return changed

    for changed in (
        change("parts", "net", "weight", minitorch.ones(3)),
        change("parts", "net", "weight", state["parts"]["net"]["weight"] + 1),
        change("parts", "net", "weight", state["parts"]["net"]["weight"].double()),
        change("parts", "optimizer", "state", 0, "step", "x"),
        change("parts", "optimizer", "param_groups", 0, "lr", None),
        change("extra", "kept", 0, "weight", minitorch.ones(2, 3)),
        change("extra", "more", minitorch.ones(1).expand(10**15)),
        change("losses", 1, 0.25),
        change("losses", [0.5]),
    ):
        assert "was changed after minitorch train toy wrote it" in refusal(tmp_path, changed)


def test_other_models_options_and_versions(tmp_path, state):
    assert "it is one of toy, not lstm" in refusal(tmp_path, state, model="lstm")
    assert "with --seed 0, not 1: to continue it, give --seed 0" in refusal(tmp_path, state, seed=1)
    assert "another version of minitorch" in refusal(tmp_path, {**state, "format": 1})

    def sealed(**fields):
        changed = {name: value for name, value in {**state, **fields}.items() if name != "seal"}
        return {**changed, "seal": seal(changed)}

    other = nn.Linear(5, 2)
    parts = {"net": other.state_dict(), "optimizer": optim.Adam(other.parameters()).state_dict()}
    assert "another version of the model toy: Error(s) in loading" in refusal(tmp_path, sealed(parts=parts))
    assert "another version of the model toy" in refusal(tmp_path, sealed(parts={"net": other.state_dict()}))
    assert "another version of the model toy" in refusal(tmp_path, sealed(extra={}))


def test_other_data(tmp_path, state):
    run = new_run()
    run.resume(tmp_path / "good.pt", "toy")
    with pytest.raises(UsageError, match="had 3 batches an epoch, but these data have 1"):
        next(run.batches([1]))
    assert next(run.batches([1, 2, 3])) == 3


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\3\4", b"\x80\x02K\x01.", b"no checkpoint"])
def test_damaged_files(tmp_path, content):
    (tmp_path / "damaged.pt").write_bytes(content)
    with pytest.raises(UsageError, match=r"damaged\.pt: cannot be read as a checkpoint: ") as caught:
        new_run().resume(tmp_path / "damaged.pt", "toy")
    assert str(caught.value).count("damaged.pt") == 1


def test_the_seal_sees_every_difference():
    tensor, shared = minitorch.arange(4.0), [1]
    trees = [
        None, True, 1, 1.0, "1", b"1", [], (), {}, [1], (1,), [[1]], [1, 1], [shared, shared], [[1], [1]], {1: 2},
        {2: 1}, {1: [2]},
        {"a": 1, "b": 2}, {"b": 2, "a": 1}, 0.0, -0.0, tensor, -tensor, tensor.double(), tensor.reshape(2, 2),
        tensor[1:], [tensor, tensor], [tensor, tensor.clone()], [tensor, 0], [0, tensor],
    ]  # fmt: skip
    assert len({seal(tree) for tree in trees}) == len(trees)
    assert seal(tensor.reshape(2, 2).t()) == seal(tensor.reshape(2, 2).t().contiguous())
    assert seal(doubled()) == seal(doubled())
    with pytest.raises(ValueError, match="more than 100 bytes"):
        seal([minitorch.ones(1).expand(10**15)], most_bytes=100)
