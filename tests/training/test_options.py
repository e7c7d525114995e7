import argparse
from pathlib import Path

import numpy as np
import pytest

from kernels import backend as backends
from minitorch.datasets import load_digits
from minitorch.errors import CorruptFileError, UsageError
from minitorch.training import options


class ArrayNumber2(np.ndarray):
    pass


@pytest.fixture
def parser():
    parser = argparse.ArgumentParser(prog="minitorch train cnn", exit_on_error=False)
    options.add_run_options(parser, epochs=20, batch_size=50, lr=1e-3)
    options.add_data_options(parser)
    return parser


def test_defaults(parser):
    assert vars(parser.parse_args([])) == {
        "device": "cpu",
        "seed": 0,
        "epochs": 20,
        "batch_size": 50,
        "lr": 1e-3,
        "out": Path("runs/cnn"),
        "resume": None,
        "json": None,
        "data": "digits",
        "data_dir": None,
        "split": "random",
    }


def test_values(parser, tmp_path):
    (tmp_path / "checkpoint.pt").touch()
    args = parser.parse_args(
        f"--seed -1 --epochs 3 --batch-size 1 --lr 0.5 --out {tmp_path}/new --resume {tmp_path}/checkpoint.pt "
        f"--json {tmp_path}/a.json --data mnist --data-dir {tmp_path}".split()
    )
    assert (args.seed, args.epochs, args.batch_size, args.lr) == (-1, 3, 1, 0.5)
    assert (args.out, args.resume, args.json) == (tmp_path / "new", tmp_path / "checkpoint.pt", tmp_path / "a.json")


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--epochs", "0", "expected a whole number from 1 to 2147483647, but got '0'"),
        ("--epochs", "2.5", "expected a whole number from 1 to 2147483647, but got '2.5'"),
        ("--batch-size", "-3", "expected a whole number from 1 to 2147483647, but got '-3'"),
        ("--seed", "x", "expected a whole number from -9223372036854775808 to 18446744073709551615, but got 'x'"),
        ("--seed", str(2**64), "but got '18446744073709551616'"),
        ("--lr", "0", "expected a number above 0, but got '0'"),
        ("--lr", "nan", "expected a number above 0, but got 'nan'"),
        ("--lr", "inf", "expected a number above 0, but got 'inf'"),
        ("--lr", "fast", "expected a number, but got 'fast'"),
        ("--resume", "nowhere.pt", "there is no file 'nowhere.pt'"),
        ("--json", "nowhere/a.json", "there is no folder 'nowhere' to write 'a.json' to"),
        ("--json", "/", "expected a file to write, but '/' is a folder"),
        ("--device", "gpu", "no backend named 'gpu'; registered: "),
        ("--device", "cpu:1", "expected cpu or cpu:N with N from 0 to 0, but got 'cpu:1'"),
        ("--device", "cpu:x", "but got 'cpu:x'"),
        ("--device", "", "no backend named ''"),
        ("--data", "cifar", "invalid choice: 'cifar'"),
    ],
)
def test_bad_values(parser, option, value, message):
    with pytest.raises(argparse.ArgumentError) as caught:
        parser.parse_args([f"{option}={value}"])
    assert message in str(caught.value)
    assert option in str(caught.value)


@pytest.mark.parametrize(("text", "good"), [("0", True), ("1", True), ("0.5", True), ("1.01", False), ("nan", False)])
def test_fraction(text, good):
    if good:
        assert options.fraction(text) == float(text)
    else:
        with pytest.raises(argparse.ArgumentTypeError, match="from 0 to 1"):
            options.fraction(text)


def test_devices_of_another_backend(monkeypatch):
    class Two(backends.Backend):
        name, library, xp, array_types, indexed = "two", "numpy2", np, (ArrayNumber2,), True
        count = 2

        def device_count(self):
            return self.count

    monkeypatch.setattr(backends, "_BACKENDS", dict(backends._BACKENDS))
    monkeypatch.setattr(backends, "_BY_TYPE", dict(backends._BY_TYPE))
    two = backends._enter(Two())  # its arrays are NumPy's: `register` would refuse it
    assert options.device("two") == "two"
    assert options.device("two:1") == "two:1"
    with pytest.raises(argparse.ArgumentTypeError, match="two:N with N from 0 to 1, but got 'two:2'"):
        options.device("two:2")
    two.count = 0
    with pytest.raises(argparse.ArgumentTypeError, match="no two device is available on this machine"):
        options.device("two")


def test_data(parser, tmp_path, mnist_folder):
    digits = options.load_data(parser.parse_args(["--split", "writers"]))
    np.testing.assert_array_equal(digits.test_images, load_digits(28, "writers").test_images)
    split = options.load_data(parser.parse_args(["--data", "mnist", "--data-dir", str(mnist_folder)]))
    assert split.train_images.shape == (8000, 1, 28, 28)
    (tmp_path / "t10k-images-idx3-ubyte").touch()
    (tmp_path / "t10k-labels-idx1-ubyte").touch()
    with pytest.raises(CorruptFileError, match="begins with nothing"):
        options.load_data(parser.parse_args(["--data", "mnist", "--data-dir", str(tmp_path)]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("--data-dir somewhere", "give --data mnist with it"),
        ("--data mnist --split writers", "--split writers is for --data digits"),
    ],
)
def test_data_options_that_contradict(parser, text, message):
    with pytest.raises(UsageError, match=message):
        options.load_data(parser.parse_args(text.split()))
