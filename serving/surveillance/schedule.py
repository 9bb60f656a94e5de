"""When to run: once, every so often, or when something changed that a run depends on."""

import re
from collections.abc import Callable
from datetime import timedelta
from threading import Event
from time import monotonic

LOOK = 5.0  # seconds between looks for a change

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_every(text: str) -> timedelta:
    """An interval. ValueError where it is none.

    >>> parse_every("15m")
    datetime.timedelta(seconds=900)
    """
    found = re.fullmatch(r"([1-9]\d*)([smhd])", text)
    if not found:
        raise ValueError(f"{text!r} is no interval; write 30s, 15m, 6h or 1d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def repeat(
    work: Callable[[], None],
    stop: Event,
    every: timedelta | None,
    changed: Callable[[], bool],
) -> None:
    """Do `work` now, then each time `every` has passed (None: never) or something has `changed`,
    until `stop` is set."""
    while not stop.is_set():
        began = monotonic()
        work()
        while not stop.wait(LOOK if every is None else min(LOOK, every.total_seconds())):
            due = every is not None and monotonic() - began >= every.total_seconds()
            if due or changed():
                break
