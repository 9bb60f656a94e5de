from serving.surveillance.digest import TOLD
from serving.surveillance.firing import Fired


def alert(number: int) -> dict:
    kind = "incident" if number % 2 else "limit_use"
    return {"alert_id": f"{number:03}", "kind": kind, "after": {"expected_loss": float(number)}}


def test_all_are_counted_and_the_gravest_kept_whatever_the_order() -> None:
    parts = [[alert(n) for n in range(first, 100, 7)] for first in range(7)]
    fired = Fired()
    for part in parts:
        fired.add(part)
    assert fired.by_kind == {"incident": 50, "limit_use": 50}
    expected = [f"{number:03}" for number in range(99, 99 - 2 * TOLD, -2)]
    assert [told["alert_id"] for told in fired.gravest] == expected
