import os
import signal
import threading

import pytest

from minitorch.training.interrupt import CleanStop


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_the_second_stops(number, capsys):
    before = signal.getsignal(number)
    with CleanStop() as stop:
        assert not stop.requested
        os.kill(os.getpid(), number)
        assert stop.requested
        assert "stopping after this step" in capsys.readouterr().err
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_handlers_come_back_after_an_error():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="x"), CleanStop():
        raise ValueError("x")
    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_may_use_it():
    seen = []

    def work():
        with CleanStop() as stop:
            seen.append(stop.requested)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]
