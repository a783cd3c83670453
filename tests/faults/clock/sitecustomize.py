"""Shifts the clock of a process by the seconds in the file that `FAULT_CLOCK` names.

Python imports this at its start where its folder is on `PYTHONPATH`. Time namespaces of
Linux don't shift the time of day.
"""

from __future__ import annotations

import datetime
import os
import time
from pathlib import Path
from typing import Any

_real, _time, _time_ns = datetime.datetime, time.time, time.time_ns


class _Meta(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _real)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, _real)


def shift(file: Path) -> None:
    """Replace what tells the time of day; monotonic clocks go on."""

    def seconds() -> float:
        return float(file.read_text() or 0)

    class Shifted(datetime.datetime, metaclass=_Meta):
        __slots__ = ()  # compiled packages check its size

        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            return _real.__new__(_real, *args, **kwargs)

        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return _real.now(tz) + datetime.timedelta(seconds=seconds())

    vars(datetime)["datetime"] = Shifted
    vars(time)["time"] = lambda: _time() + seconds()
    vars(time)["time_ns"] = lambda: _time_ns() + int(seconds() * 1e9)


if "FAULT_CLOCK" in os.environ:
    shift(Path(os.environ["FAULT_CLOCK"]))
