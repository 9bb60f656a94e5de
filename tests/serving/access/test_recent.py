import asyncio
from threading import Event

import pytest

from serving.access import recent
from serving.access.recent import Recent


def test_an_answer_is_kept_a_moment_and_then_asked_for_again(monkeypatch) -> None:
    now = 100.0
    monkeypatch.setattr(recent, "monotonic", lambda: now)
    asked = []
    answers = Recent(lambda name: asked.append(name) or len(asked), seconds=5)

    async def one() -> int | None:
        return await answers.get("a")

    assert [asyncio.run(one()), asyncio.run(one())] == [1, 1]
    now += 4.9
    assert asyncio.run(one()) == 1
    now += 0.1
    assert asyncio.run(one()) == 2
    answers.forget("a")
    assert asyncio.run(one()) == 3


def test_what_is_not_there_is_asked_for_each_time() -> None:
    found = [None, None, "key"]
    answers: Recent[str] = Recent(lambda _: found.pop(0))
    assert [asyncio.run(answers.get("a")) for _ in range(4)] == [None, None, "key", "key"]


def test_many_who_wait_share_one_look_up() -> None:
    asked, answer = [], Event()

    def look_up(name: str) -> str:
        asked.append(name)
        answer.wait(5)
        return name.upper()

    async def many() -> list[str | None]:
        answers = Recent(look_up)
        waiting = [asyncio.ensure_future(answers.get("a")) for _ in range(50)]
        await asyncio.sleep(0.05)
        waiting[0].cancel()  # who gives up takes nobody along
        answer.set()
        return await asyncio.gather(*waiting[1:])

    assert asyncio.run(many()) == ["A"] * 49
    assert asked == ["a"]


def test_a_look_up_that_fails_is_told_and_tried_again() -> None:
    faults: list[Exception] = [OSError("store down")]

    def look_up(name: str) -> str:
        if faults:
            raise faults.pop()
        return name

    answers = Recent(look_up)
    with pytest.raises(OSError, match="store down"):
        asyncio.run(answers.get("a"))
    assert asyncio.run(answers.get("a")) == "a"


def test_memory_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(recent, "MOST", 3)
    answers = Recent(lambda name: name)

    async def ask() -> None:
        for number in range(10):
            await answers.get(str(number))

    asyncio.run(ask())
    assert list(answers._kept) == ["7", "8", "9"]
