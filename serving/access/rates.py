"""How often one caller may ask. Each worker counts for itself and holds its share of the rate.

So the service as a whole never lets through more, without a shared counter on the way of every
request; a caller on one connection, which one worker serves, has that worker's share.
"""

from math import ceil
from time import time

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

# Ten times what an engine that asks ten thousand times a minute needs; people click more slowly.
DEFAULT_RATES = {"key": "100000/minute", "person": "1200/minute"}


def check_rate(rate: str) -> str:
    """`rate`, where it reads as one. Raises ValueError.

    >>> check_rate("600/minute")
    '600/minute'
    """
    try:
        parse(rate)
    except ValueError:
        raise ValueError(f"rate {rate!r}: write it as 600/minute or 50/second") from None
    return rate


class Counters(Storage):
    """Counts in memory. The library's own store starts a thread every few requests (0.2 ms)."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, tuple[float, int]] = {}  # until when, how many

    @property
    def base_exceptions(self) -> type[Exception]:
        """None is expected."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, in a window that ends `expiry` seconds after it began."""
        now = time()
        until, count = self._counts.get(key, (0.0, 0))
        if until <= now:
            until, count = now + expiry, 0
        self._counts[key] = (until, count + amount)
        return count + amount

    def get(self, key: str) -> int:
        """The count of the window."""
        until, count = self._counts.get(key, (0.0, 0))
        return count if until > time() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends."""
        return self._counts.get(key, (time(), 0))[0]

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget everything."""
        gone = len(self._counts)
        self._counts.clear()
        return gone

    def clear(self, key: str) -> None:
        """Forget one caller."""
        self._counts.pop(key, None)


class Rates:
    """The rates of all callers of one worker out of `workers`."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._counters = Counters()
        self._limiter = FixedWindowRateLimiter(self._counters)
        self._read: dict[str, RateLimitItem] = {}

    def wait(self, kind: str, name: str, rate: str) -> int:
        """Whole seconds until the caller may ask again: 0 where it may now, which then counts."""
        item = self._read.get(rate) or self._share(rate)
        if self._limiter.hit(item, kind, name):
            return 0
        return max(ceil(self._counters.get_expiry(item.key_for(kind, name)) - time()), 1)

    def _share(self, rate: str) -> RateLimitItem:
        whole = parse(rate)
        amount = max(whole.amount // self._workers, 1)
        item = self._read[rate] = type(whole)(amount, whole.multiples)
        return item
