"""The evidence behind a decision, as the buyer page shows it; and the page in a real browser."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from features.catalog import column
from features.payments.ageing import BUCKETS
from serving.contracts import ScoreRequest
from serving.decide import Desk
from serving.workbench.buyer import QUARTERS, YEARS_SHOWN, buyer_page

SCREENSHOTS = Path(__file__).parents[3] / "var" / "screenshots"
DAY = date(2025, 6, 30)


def shown(desk: Desk, buyer_id: str = "B0000017", day: date = DAY) -> dict[str, Any]:
    return buyer_page(desk, ScoreRequest(buyer_id=buyer_id, as_of_date=day))


def test_topics_are_the_answers_and_their_steps_connect(desk: Desk) -> None:
    page = shown(desk)
    moving = [topic for topic in page["answer"]["topics"] if topic["log_odds"]]
    assert sorted(t["topic"] for t in page["topics"]) == sorted(t["topic"] for t in moving)
    sizes = [abs(topic["log_odds"]) for topic in page["topics"]]
    assert sizes == sorted(sizes, reverse=True)
    drivers = [driver for topic in page["topics"] for driver in topic["drivers"]]
    assert len(drivers) == len(page["answer"]["drivers"])


def test_candidates_come_least_first_and_one_binds(desk: Desk) -> None:
    candidates = shown(desk)["candidates"]
    known = [c["amount"] for c in candidates if c["amount"] is not None]
    assert known == sorted(known)
    assert [c["binds"] for c in candidates].count(True) == 1
    assert candidates[0]["amount"] == next(c["amount"] for c in candidates if c["binds"])


def test_the_trend_ends_with_the_answer(desk: Desk) -> None:
    page = shown(desk)
    trend = page["probability_trend"]
    assert len(trend.points) == QUARTERS + 1
    assert trend.points[-1].text == f"{100 * page['answer']['default_probability']:.2f} %"
    assert trend.last == "Jun 2025"


def test_ageing_adds_up_to_what_is_owed(desk: Desk) -> None:
    for buyer_id in ("B0000017", "B0000018", "B0000019"):
        page = shown(desk, buyer_id)
        matrix = desk.conclude(ScoreRequest(buyer_id=buyer_id, as_of_date=DAY)).assessment.matrix
        owed = sum(bucket["amount"] for bucket in page["ageing"])
        assert owed == pytest.approx(matrix[0, column("open_amount")], abs=0.01)
        assert len(page["ageing"]) >= len(BUCKETS) - 1


def test_accounts_are_those_known_newest_first(desk: Desk) -> None:
    accounts = shown(desk)["accounts"]
    assert 1 <= len(accounts["closing"]) <= YEARS_SHOWN
    assert accounts["closing"] == sorted(accounts["closing"], reverse=True)
    assert all(known <= DAY for known in accounts["known"])
    assert all(len(values) == len(accounts["closing"]) for _, values in accounts["lines"])


def test_incidents_are_those_known_latest_first(desk: Desk) -> None:
    incidents = desk.portfolio.facts["incidents"]
    code = next(
        b for b in range(len(desk.portfolio)) if incidents.start[b] < incidents.start[b + 1]
    )
    buyer_id = str(desk.portfolio.facts.buyer_ids[code])
    days = [incident["on"] for incident in shown(desk, buyer_id, date(2025, 12, 31))["incidents"]]
    assert days == sorted(days, reverse=True)
    assert days
    assert shown(desk, buyer_id, date(2010, 1, 1))["incidents"] == []


def test_nothing_known_is_shown_as_such(desk: Desk) -> None:
    page = shown(desk, "ODD-EMPTY")
    assert page["accounts"] is None
    assert page["ageing"] == []
    assert page["lateness_trend"].points == []


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_underwriter_finds_and_understands_a_buyer(
    service: str, service_key: str, chromium: Any, scheme: str
) -> None:
    page = chromium.new_page(
        viewport={"width": 1440, "height": 900},
        color_scheme=scheme,
        extra_http_headers={"Authorization": f"Bearer {service_key}"},
    )
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(service)
    page.get_by_role("searchbox").fill("b0000017")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=b0000017")
    page.screenshot(path=SCREENSHOTS / f"search-{scheme}.png")
    page.locator("tbody a").click()
    page.wait_for_url("**/buyers/B0000017")
    page.get_by_label("Amount asked").fill("80000")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**amount=80000**")
    page.screenshot(path=SCREENSHOTS / f"buyer-{scheme}.png")
    assert "asked 80,000" in page.locator(".outcome").inner_text()
    assert page.evaluate("document.documentElement.scrollHeight") <= 900
    drivers = page.locator(".drivers").first
    assert not drivers.is_visible()
    page.locator(".rows details summary").first.focus()
    page.keyboard.press("Enter")
    assert drivers.is_visible()
    page.goto(f"{service}/docs")
    page.screenshot(path=SCREENSHOTS / f"docs-{scheme}.png")
    assert faults == []
    page.close()
