"""Ctrl-C that is heard even where a library swallows it."""

import os
import signal
from contextlib import suppress

import pytest

from earmark.interrupts import heeded


def test_a_ctrl_c_that_was_swallowed_is_heard_at_the_next_check():
    before = signal.getsignal(signal.SIGINT)
    with heeded() as check:
        check()
        with suppress(KeyboardInterrupt):  # as a callback from C does
            os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            check()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_ctrl_c_interrupts_as_usual():
    with pytest.raises(KeyboardInterrupt), heeded():
        os.kill(os.getpid(), signal.SIGINT)


def test_afterwards_everything_is_as_before():
    before = signal.getsignal(signal.SIGINT)
    with heeded() as check:
        check()
    assert signal.getsignal(signal.SIGINT) is before
