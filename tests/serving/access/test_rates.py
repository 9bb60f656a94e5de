import pytest

from serving.access import rates
from serving.access.rates import Rates, check_rate


def test_a_caller_waits_for_the_end_of_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr(rates, "time", lambda: now)
    doors = Rates(workers=1)
    assert [doors.wait("key", "erp", "3/minute") for _ in range(4)] == [0, 0, 0, 60]
    assert doors.wait("key", "other", "3/minute") == 0
    assert doors.wait("person", "erp", "3/minute") == 0
    now += 45.5
    assert doors.wait("key", "erp", "3/minute") == 15
    now += 14.5
    assert doors.wait("key", "erp", "3/minute") == 0


def test_each_worker_holds_its_share() -> None:
    doors = Rates(workers=4)
    assert [doors.wait("key", "erp", "8/minute") > 0 for _ in range(3)] == [False, False, True]
    assert Rates(workers=4).wait("key", "erp", "1/hour") == 0  # never nothing


def test_a_rate_that_cannot_be_read_is_named() -> None:
    assert check_rate("50/second") == "50/second"
    for wrong in ("fast", "0", "", "ten/minute"):
        with pytest.raises(ValueError, match="write it as 600/minute"):
            check_rate(wrong)
