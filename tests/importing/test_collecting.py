"""The garbage collector waits while a batch is read or stored, and no longer."""

from __future__ import annotations

import gc

import pytest

from moderation.importing.collecting import collector_paused


def test_the_collector_goes_on_after_a_batch_even_one_that_failed() -> None:
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), collector_paused():
        1 / gc.isenabled()
    assert gc.isenabled()


def test_a_pause_within_another_does_not_end_it() -> None:
    with collector_paused():
        with collector_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
