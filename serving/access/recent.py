"""What was looked up a moment ago: the way of every request cannot wait for a database."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

SECONDS = 5.0  # the longest that a revoked key or a changed role goes on
MOST = 10_000

Found = TypeVar("Found")


class Recent(Generic[Found]):
    """Answers of `look_up`, a few seconds old at most; many who wait for one share one look-up."""

    def __init__(self, look_up: Callable[[str], Found | None], seconds: float = SECONDS) -> None:
        self._look_up = look_up
        self._seconds = seconds
        self._kept: OrderedDict[str, tuple[float, Found]] = OrderedDict()
        self._asked: dict[str, asyncio.Future[Found | None]] = {}

    async def get(self, name: str) -> Found | None:
        """The answer for `name`; one that is None is asked for again each time."""
        until, found = self._kept.get(name, (0.0, None))
        if until > monotonic():
            return found
        asked = self._asked.get(name)
        if asked is None:
            asked = self._asked[name] = asyncio.ensure_future(self._ask(name))
        return await asyncio.shield(asked)

    def forget(self, name: str) -> None:
        """Ask again next time."""
        self._kept.pop(name, None)

    async def _ask(self, name: str) -> Found | None:
        began = monotonic()
        try:
            found = await asyncio.to_thread(self._look_up, name)
        finally:
            del self._asked[name]
        if found is None:
            self._kept.pop(name, None)
            return None
        self._kept[name] = (began + self._seconds, found)
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return found
