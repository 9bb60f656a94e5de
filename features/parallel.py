"""Work on slices, on every core, where there is enough of it to pay for a thread."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import TypeVar

Answer = TypeVar("Answer")

SLICES_PER_CORE = 4  # owners differ in size: small slices even the load

_thread = local()  # .busy where the thread works on a slice already: its cores are taken


def over_slices(work: Callable[[slice], Answer], size: int, at_least: int) -> list[Answer]:
    """[work(slice), …] over consecutive slices of range(size), none shorter than `at_least`.

    `work` must release the interpreter lock (Arrow, kernels with nogil) to gain anything.

    >>> over_slices(lambda part: part.stop - part.start, 10, at_least=10)
    [10]
    """
    if size < 2 * at_least or getattr(_thread, "busy", False):
        return [work(slice(0, size))]
    cores = len(os.sched_getaffinity(0))
    pieces = min(cores * SLICES_PER_CORE, size // at_least) if cores > 1 else 1
    bounds = [size * piece // pieces for piece in range(pieces + 1)]
    with ThreadPoolExecutor(cores, initializer=work_alone) as pool:
        return list(pool.map(work, map(slice, bounds[:-1], bounds[1:])))


def work_alone() -> None:
    """Let this thread do its work itself from now on: others have the other cores."""
    _thread.busy = True
