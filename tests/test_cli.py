import json
import os
import shlex
import signal
import subprocess
import sys
import time
import tomllib
import types
from pathlib import Path

import pytest

import minitorch
from minitorch import cli
from minitorch.errors import CorruptFileError, DownloadError, UsageError
from minitorch.version import __version__

ROOT = Path(__file__).parents[1]


@pytest.fixture
def toy(monkeypatch):
    """A model `toy-net` whose training calls `toy.act`, which the test sets."""
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
        (["train", "toy-net", "--fast"], "minitorch train toy-net: error: unrecognized arguments: --fast (see"),
        (["train", "toy-net", "--epoch_s", "3"], "unrecognized arguments: --epoch_s 3; did you mean --epochs?"),
        (["train", "cnnn"], "; did you mean cnn?"),
        (["trian"], "; did you mean train?"),
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


def command(*argv, before="", after="", **environment):
    """The exit code, output and errors of a command that a shell runs; `after` connects its streams."""
    words = shlex.join(argv)
    code = "import sys; from minitorch_command import main; sys.exit(main())"
    line = f"{before} {shlex.quote(sys.executable)} -c {shlex.quote(code)} {words} {after}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {line}"], capture_output=True, env=environment, timeout=120)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


CNN = ("train", "cnn", "--epochs", "1", "--out")
SHORT = ("train", "regression", "--steps", "5", "--out")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "ascii:strict", "cp437"])
def test_a_terminal_that_lacks_characters(tmp_path, encoding):
    code, out, err = command(*CNN, str(tmp_path / "ä"), PYTHONIOENCODING=encoding)
    assert (code, err) == (0, "")
    assert "predicted" in out
    assert "checkpoint" in out
    if encoding.startswith("ascii"):
        assert " . " in out


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams(tmp_path, closed):
    code, out, err = command(*SHORT, str(tmp_path / "out"), after=closed)
    assert (code, err) == (0, "")
    assert ("checkpoint" in out) == (closed == "2>&-")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["checkpoint.pt", "regression.png"]
    assert minitorch.load(tmp_path / "out" / "checkpoint.pt")["step"] == 5  # nothing was printed into it


def test_a_reader_that_goes_away(tmp_path):
    code, out, err = command("train", "cnn", "--epochs", "3", "--out", str(tmp_path), after="| head -n 1")
    assert (code, err) == (141, "")
    assert out.startswith("epoch 1/3")
    assert minitorch.load(tmp_path / "checkpoint.pt")["epoch"] >= 1
    for argv in (("train", "cnn", "--help"), ("--version",), ("train", "--help")):
        code, _, err = command(*argv, after="| true")
        assert code in (0, 141)
        assert err == ""
    code, _, err = command("train", "all", "--out", str(tmp_path), after="2>&1 | true")
    assert (code, err) == (141, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk(tmp_path):
    code, _, err = command(*SHORT, str(tmp_path), after="> /dev/full")
    assert (code, err) == (2, "minitorch: error: [Errno 28] No space left on device\n")


def test_an_unknown_matplotlib_backend(tmp_path):
    code, _, err = command(*SHORT, str(tmp_path), MPLBACKEND="nonsense")
    assert (code, err) == (0, "")
    assert (tmp_path / "regression.png").exists()


def test_names_of_files_that_are_no_text(tmp_path):
    folder, record = os.fsencode(tmp_path) + b"/out\xff", os.fsencode(tmp_path) + b"/record\xff"
    code, out, err = command(*SHORT, os.fsdecode(folder), "--json", os.fsdecode(record))
    assert (code, err) == (0, "")
    assert "out\\udcff" in out
    with open(record, encoding="utf-8") as file:
        assert json.load(file)["options"]["out"] == os.fsdecode(folder)


@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.2, 0.3, 0.5, 0.8])
def test_ctrl_c_at_any_moment_of_the_start(tmp_path, seconds):
    code = "import sys; print(flush=True); from minitorch_command import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "train", "regression", "--steps", "1000000", "--out", str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    process.stdout.readline()  # Python itself has started
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert err.strip() in ("minitorch: stopped", "stopping after this step (once more to stop at once)")


def test_too_little_memory_is_one_line(toy, capsys):
    def act(args):
        raise MemoryError("Unable to allocate 72.8 TiB")

    toy.act = act
    assert cli.main(["train", "toy-net"]) == 2
    assert capsys.readouterr().err == (
        "minitorch: error: there is not enough memory (Unable to allocate 72.8 TiB): give a smaller --batch-size\n"
    )


def test_the_script_is_the_one_that_is_installed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["scripts"]["minitorch"] == "minitorch_command:main"
    assert "minitorch_command.py" in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
