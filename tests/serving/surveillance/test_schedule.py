from datetime import timedelta
from threading import Event

import pytest

from serving.surveillance import schedule
from serving.surveillance.schedule import parse_every, repeat


@pytest.mark.parametrize("text", ["", "15", "0m", "m", "1w", "-1h", "1.5h"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write 30s"):
        parse_every(text)


def runs_until(count: int, every: timedelta | None, changes: list[bool]) -> int:
    stop, done = Event(), []

    def work() -> None:
        done.append(1)
        if len(done) == count:
            stop.set()

    def changed() -> bool:
        if not changes:
            stop.set()
            return False
        return changes.pop(0)

    repeat(work, stop, every, changed)
    return len(done)


def test_it_runs_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "LOOK", 0.001)
    assert runs_until(3, timedelta(milliseconds=2), [False] * 1000) == 3


def test_it_runs_when_something_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "LOOK", 0.001)
    assert runs_until(9, None, [False, True, False, False, True]) == 3
