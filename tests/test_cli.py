import subprocess
import sys
import types

import pytest

from minitorch import cli
from minitorch.errors import CorruptFileError, DownloadError, UsageError
from minitorch.version import __version__


@pytest.fixture
def toy(monkeypatch):
    """A model `toy-net` whose training does what the test puts into `toy.act`."""
    module = types.ModuleType("minitorch.models.toy_net")
    module.act = lambda args: 0
    module.add_arguments = lambda parser: parser.add_argument("--epochs", type=int, default=2)
    module.run = lambda args: module.act(args)
    monkeypatch.setitem(sys.modules, "minitorch.models.toy_net", module)
    monkeypatch.setitem(cli.MODELS, "toy-net", "a toy")
    return module


def test_a_model_gets_its_options_and_gives_the_exit_code(toy):
    seen = []
    toy.act = lambda args: seen.append(args.epochs) or 7
    assert cli.main(["train", "toy-net", "--epochs", "5"]) == 7
    assert cli.main(["train", "toy-net"]) == 7
    assert seen == [5, 2]


def test_help_names_the_models_and_their_options(toy, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["train", "--help"])
    assert caught.value.code == 0
    assert "toy-net" in capsys.readouterr().out
    with pytest.raises(SystemExit) as caught:
        cli.main(["train", "toy-net", "--help"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    assert out.startswith("usage: minitorch train toy-net")
    assert "--epochs" in out


def test_another_model_is_not_imported(monkeypatch, toy):
    monkeypatch.setitem(cli.MODELS, "absent", "a model whose module is not there")
    assert cli.main(["train", "toy-net"]) == 0
    with pytest.raises(ModuleNotFoundError):
        cli.main(["train", "absent"])


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "minitorch: error: the following arguments are required: COMMAND"),
        (["fly"], "invalid choice: 'fly'"),
        (["train"], "minitorch train: error: the following arguments are required: MODEL"),
        (["train", "nothing"], "invalid choice: 'nothing'"),
        (["train", "toy-net", "--epochs", "x"], "minitorch train toy-net: error: argument --epochs: invalid int value"),
        (["train", "toy-net", "--fast"], "unrecognized arguments: --fast"),
    ],
)
def test_a_bad_command_line_is_one_line_and_code_2(toy, capsys, argv, message):
    with pytest.raises(SystemExit) as caught:
        cli.main(argv)
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (UsageError("no such device:\n gpu"), "minitorch: error: no such device: gpu\n"),
        (CorruptFileError("a.gz: damaged"), "minitorch: error: a.gz: damaged\n"),
        (DownloadError("no mirror"), "minitorch: error: no mirror\n"),
        (FileNotFoundError(2, "No such file or directory", "a.pt"), "No such file or directory: 'a.pt'\n"),
    ],
)
def test_what_the_user_can_mend_is_one_line_and_code_2(toy, capsys, error, message):
    def act(args):
        raise error

    toy.act = act
    assert cli.main(["train", "toy-net"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("minitorch: error: ")
    assert err.endswith(message)
    assert err.count("\n") == 1


def test_a_defect_of_ours_is_not_hidden(toy):
    toy.act = lambda args: 1 / 0
    with pytest.raises(ZeroDivisionError):
        cli.main(["train", "toy-net"])


def test_ctrl_c(toy, capsys):
    def act(args):
        raise KeyboardInterrupt

    toy.act = act
    assert cli.main(["train", "toy-net"]) == 130
    assert capsys.readouterr().err == "minitorch: stopped\n"


def test_python_m_minitorch_is_the_command():
    command = [sys.executable, "-m", "minitorch", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"minitorch {__version__}\n"
    done = subprocess.run(command[:-1], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_every_model_provides_what_the_command_calls():
    for name in cli.MODELS:
        module = __import__(f"minitorch.models.{name.replace('-', '_')}", fromlist=["run"])
        assert callable(module.add_arguments)
        assert callable(module.run)
