"""The commands `minitorch train …`, in very short forms: their files, and resumed runs."""

import json
import math
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

import minitorch
from kernels import backend as backends
from minitorch.cli import main
from minitorch.models import MODELS
from minitorch.training.seal import seal
from minitorch.training.session import Session
from tests.conftest import backend_name

pytestmark = pytest.mark.host("the command says where a model is trained")

ROOT = Path(__file__).parents[2]
LENGTH = {  # the option that says how long a model trains, and a short and a shorter length
    "cnn": ("--epochs", 2, 1),
    "lstm": ("--epochs", 2, 1),
    "autoencoder": ("--epochs", 2, 1),
    "optimizers": ("--epochs", 2, 1),
    "batchnorm": ("--epochs", 2, 1),
    "dqn": ("--steps", 600, 530),  # it learns from step 500 on
}
NAMES = [name for name in MODELS if name != "all"]


@pytest.fixture(autouse=True)
def _needs(request):
    if "dqn" in request.node.name:
        pytest.importorskip("gymnasium", reason="gymnasium is not installed (extra rl)")


def train(name, out, length, *options):
    """The metrics of a run."""
    record = out.parent / f"{out.name}.json"
    option = LENGTH.get(name, ("--steps",))[0]
    code = main(["train", name, option, str(length), "--out", str(out), "--json", str(record), *options])
    assert code == 0
    return json.loads(record.read_text())


@contextmanager
def checkpoints_kept(folder, every):
    """Sessions keep a checkpoint of each step whose number is a multiple of `every`."""
    show = Session.step

    def step(session, *args, **figures):
        stopping = show(session, *args, **figures)
        if len(session.run.losses) % every == 0:
            session.run.save(folder / f"{len(session.run.losses)}.pt", session.model)
        return stopping

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "step", step)
        yield


@pytest.mark.parametrize("name", NAMES)
def test_a_run_resumed_from_any_checkpoint_is_the_same_run(name, tmp_path, monkeypatch, capsys):
    option, length, part = LENGTH.get(name, ("--steps", 6, 4))
    with checkpoints_kept(tmp_path / "steps", every=10 if name == "dqn" else 1):
        whole = train(name, tmp_path / "whole", length)
    assert (tmp_path / "whole" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert "checkpoint" in capsys.readouterr().out
    losses = [loss for loss in whole["losses"] if loss is not None]  # None: a step without a lesson
    assert losses
    assert all(math.isfinite(loss) for loss in losses)

    train(name, tmp_path / "part", part)  # a shorter run, to its end
    kept = sorted((tmp_path / "steps").iterdir())
    chosen = random.Random(name).sample(kept, 2)
    if option == "--epochs":  # all batches of an epoch are done, and what follows them is not
        chosen.append(tmp_path / "steps" / f"{len(whole['losses']) // length}.pt")
    for checkpoint in [tmp_path / "part" / "checkpoint.pt", *chosen]:
        resumed = train(name, tmp_path / "part", length, "--resume", str(checkpoint))
        same = set(whole) - {"seconds", "options", "versions"}
        assert {key: resumed[key] for key in same} == {key: whole[key] for key in same}, checkpoint.name
        monkeypatch.setattr("minitorch.training.session.save_figure", lambda *args: False)  # one is enough


@pytest.mark.parametrize("name", NAMES)
def test_a_run_on_another_device_has_the_losses_of_the_cpu(name, request, tmp_path, monkeypatch):
    device = backend_name(request.config)
    if device == "cpu":
        pytest.skip("needs --backend NAME, another than the CPU")
    monkeypatch.setattr("minitorch.training.session.save_figure", lambda *args: False)
    _, _, part = LENGTH.get(name, ("--steps", 6, 4))
    expected, found = (train(name, tmp_path / where, part, "--device", where)["losses"] for where in ("cpu", device))
    assert len(found) == len(expected)
    pairs = [(a, e) for a, e in zip(found, expected, strict=True) if e is not None][:20]
    assert pairs
    for a, e in pairs:
        assert a == pytest.approx(e, rel=1e-3)


def test_another_seed_is_another_run(tmp_path):
    runs = [train("regression", tmp_path / seed, 5, "--seed", seed)["losses"] for seed in ("0", "1")]
    assert runs[0] != runs[1]


def refused(capsys, *argv):
    """The line on standard error of a command that is refused."""
    with pytest.raises(SystemExit) if "--device" in argv else _nothing() as caught:
        code = main(list(argv))
    if caught is not None:
        code = caught.value.code
    assert code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


class _nothing:
    def __enter__(self):
        return None

    def __exit__(self, *error):
        return False


def test_a_checkpoint_of_another_run_is_refused(tmp_path, capsys):
    train("regression", tmp_path / "a", 3)
    checkpoint = str(tmp_path / "a" / "checkpoint.pt")
    again = ("--out", str(tmp_path / "b"), "--resume", checkpoint)
    capsys.readouterr()
    assert "--seed 0" in refused(capsys, "train", "regression", "--seed", "1", *again)
    assert "not a checkpoint of this model" in refused(capsys, "train", "gan", *again)


def test_a_checkpoint_of_another_version_of_the_model_is_refused(tmp_path, capsys):
    train("rnn", tmp_path / "a", 3)
    checkpoint = tmp_path / "a" / "checkpoint.pt"
    state = minitorch.load(checkpoint)
    del state["extra"]["hidden"], state["seal"]
    minitorch.save({**state, "seal": seal(state)}, checkpoint)
    capsys.readouterr()
    error = refused(capsys, "train", "rnn", "--out", str(tmp_path / "a"), "--resume", str(checkpoint))
    assert "another version" in error


@pytest.mark.parametrize("damage", ["truncated", "flipped", "other"])
def test_a_damaged_checkpoint_is_refused_and_stays(damage, tmp_path, capsys):
    train("regression", tmp_path / "a", 3)
    checkpoint = tmp_path / "a" / "checkpoint.pt"
    content = bytearray(checkpoint.read_bytes())
    if damage == "truncated":
        content = content[: len(content) // 2]
    elif damage == "flipped":
        content[len(content) // 3] ^= 1
    else:
        content = bytearray(b"no checkpoint at all")
    checkpoint.write_bytes(content)
    capsys.readouterr()
    error = refused(capsys, "train", "regression", "--out", str(tmp_path / "a"), "--resume", str(checkpoint))
    assert str(checkpoint) in error
    assert checkpoint.read_bytes() == content


@pytest.mark.parametrize("name", MODELS)
def test_cuda_without_a_gpu_says_what_is_missing(name, capsys):
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed")
    try:
        gpus = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError:
        gpus = 0
    if gpus:
        pytest.skip("this machine has a GPU")
    error = refused(capsys, "train", name, "--device", "cuda")
    assert "no NVIDIA GPU" in error
    assert "NVIDIA's driver" in error


@pytest.mark.parametrize("name", MODELS)
def test_cuda_without_cupy_says_what_to_install(name, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    monkeypatch.delitem(sys.modules, "kernels.cuda.backend", raising=False)
    monkeypatch.setattr(backends, "_BACKENDS", {n: b for n, b in backends._BACKENDS.items() if n != "cuda"})
    error = refused(capsys, "train", name, "--device", "cuda")
    assert "needs CuPy" in error
    assert "pip install 'minitorch-parity[cuda12]'" in error


def test_ctrl_c_leaves_a_checkpoint_that_continues_exactly(tmp_path):
    def command(out, *options):
        words = ["-m", "minitorch", "train", "cnn", "--epochs", "2", "--out", str(out), "--json", str(out) + ".json"]
        return [sys.executable, *words, *options]

    quiet = {"cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    subprocess.run(command(tmp_path / "whole"), check=True, **quiet)
    process = subprocess.Popen(command(tmp_path / "cut"), env={**os.environ, "PYTHONUNBUFFERED": "1"}, **quiet)
    assert process.stdout.readline().startswith("epoch 1/2")  # now it is in the second epoch
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=120)
    if process.returncode == 130:
        assert "--resume" in output
        checkpoint = str(tmp_path / "cut" / "checkpoint.pt")
        subprocess.run(command(tmp_path / "cut", "--resume", checkpoint), check=True, **quiet)
    else:
        assert process.returncode == 0  # it was done before the signal came
    whole, cut = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("whole", "cut"))
    assert cut["losses"] == whole["losses"]
    assert cut["test_accuracy"] == whole["test_accuracy"]


@pytest.mark.parametrize("name", ["cnn", "lstm", "rnn", "autoencoder", "gan", "dqn", "dropout", "batchnorm"])
def test_a_recorded_step_gives_the_same_run(name, tmp_path):
    """With an incomplete last batch among the others, and evaluations between the epochs."""
    length = LENGTH.get(name, ("", 0, 6))[2]
    plain = train(name, tmp_path / "plain", length)
    recorded = train(name, tmp_path / "recorded", length, "--record")
    for metrics in (plain, recorded):
        del metrics["seconds"], metrics["options"]
    assert plain == recorded
