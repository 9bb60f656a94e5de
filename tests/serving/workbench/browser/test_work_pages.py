"""Alerts, the portfolio, imports, scenarios, models and policies in a real browser."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser]

TABLET = (820, 1180)
LEDGER = "Facture;Code client;Raison sociale;Date facture;Échéance;Montant\n" + "".join(
    f"F{n};C{n % 7};Société {n % 7};{n % 28 + 1:02}/03/2025;{n % 28 + 1:02}/04/2025;{100 + n},50\n"
    for n in range(60)
)


@pytest.mark.parametrize(
    ("language", "look", "size"),
    [("en", "light", (1440, 900)), ("fr", "dark", TABLET)],
    ids=["english", "french"],
)
def test_every_page_keeps_to_wcag(
    sign_in: Any, accessible: Callable[[Any], None], language: str, look: str, size: Any
) -> None:
    page = sign_in("risk-admin", language, look, size)
    for path in (
        *("/portfolio", "/portfolio/buyers", "/alerts", "/referrals", "/overrides"),
        *("/scenarios", "/import", "/model", "/policy"),
    ):
        page.goto(path)
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
        page.screenshot(path=shot(path, language))


def shot(path: str, language: str) -> Path:
    folder = Path(__file__).parents[4] / "var" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"page{path.replace('/', '-')}-{language}.png"


def test_an_alert_is_acknowledged_snoozed_and_assigned_in_place(sign_in: Any) -> None:
    page = sign_in("underwriter")
    page.goto("/alerts")
    names = [page.locator(".alert h2").nth(i).inner_text() for i in range(3)]
    for name, button in zip(names, ("Acknowledge", "Snooze", "Assign"), strict=True):
        alert = page.locator("article.alert", has_text=name).first
        alert.get_by_role("button", name=button, exact=True).click()
        page.locator(".said.good", has_text=button[:5]).wait_for()
    for box, name in (("Done", names[0]), ("Snoozed", names[1]), ("Mine", names[2])):
        page.get_by_role("link", name=box, exact=True).click()
        page.locator(".alert h2", has_text=name).first.wait_for()


def test_buyers_are_filtered_saved_and_exported(sign_in: Any) -> None:
    page = sign_in("viewer")
    page.goto("/portfolio")
    page.get_by_role("link", name="All buyers").first.click()
    page.get_by_label("Country").select_option("FR")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**country=FR**")
    page.get_by_label("Name of this filter").fill("French")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="French", exact=True).wait_for()
    with page.expect_download() as export:
        page.get_by_role("link", name="Export as CSV").click()
    lines = export.value.path().read_text("utf-8-sig").splitlines()
    assert len(lines) > 2
    assert all(',"FR",' in line for line in lines[1:])
    page.get_by_role("link", name="Owed").click()
    page.wait_for_url("**sort=-open_amount**")
    page.get_by_role("link", name="Français").click()
    page.get_by_role("heading", name="Tous les acheteurs").wait_for()


def test_a_ledger_is_imported_and_its_refused_rows_come_back(sign_in: Any, tmp_path: Path) -> None:
    (tmp_path / "ledger.csv").write_text(LEDGER + "F99;C1;X;31/02/2025;01/04/2025;5,00\n")
    page = sign_in("underwriter")
    page.goto("/import")
    page.locator("[type=file]").set_input_files(tmp_path / "ledger.csv")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="Which column is which").wait_for()
    assert page.get_by_label("Amount", exact=True).input_value() == "Montant"
    page.get_by_role("button", name="Check and score").click()
    page.get_by_role("heading", name="Scored portfolio").wait_for(timeout=60_000)
    with page.expect_download() as refused:
        page.get_by_role("link", name="Refused rows").click()
    assert "31/02/2025" in refused.value.path().read_text()


def test_a_scenario_runs_and_opens_to_the_buyer(sign_in: Any) -> None:
    page = sign_in("data-scientist")
    page.goto("/scenarios")
    page.locator(".card", has_text="Sector shock").get_by_role("button", name="Run").click()
    page.get_by_role("heading", name="Migration").wait_for(timeout=60_000)
    page.locator("section", has=page.get_by_role("heading", name="Country")).locator(
        "tbody a"
    ).first.click()
    page.wait_for_url(re.compile(r"country="))
    page.locator("#buyers").scroll_into_view_if_needed()
    page.locator("section", has=page.locator("#buyers")).locator("tbody a").first.click()
    page.wait_for_url("**/buyers/**")


def test_a_draft_of_the_policy_is_compared(sign_in: Any) -> None:
    page = sign_in("risk-admin")
    page.goto("/policy")
    text = page.get_by_label("Policy as TOML")
    changed = text.input_value().replace('version = "2026.1"', 'version = "mine"')
    text.fill(changed.replace("expected_loss_budget = 3000.0", "expected_loss_budget = 300.0"))
    page.get_by_role("button", name="Compare on the portfolio").click()
    page.get_by_role("heading", name="Who moves most").wait_for(timeout=60_000)


def test_the_model_is_measured_and_read_out(sign_in: Any) -> None:
    page = sign_in("viewer")
    page.goto("/model")
    page.locator(".dot").first.wait_for(timeout=60_000)
    page.locator(".chart.square").focus()
    page.keyboard.press("ArrowRight")
    assert "predicted" in page.get_by_role("tooltip").inner_text()


def test_who_may_not_is_told_and_sees_no_way_in(sign_in: Any, faults: list[str]) -> None:
    page = sign_in("viewer")
    page.goto("/alerts")
    assert page.get_by_role("button", name="Acknowledge").count() == 0
    places = page.get_by_role("navigation", name="Main")
    for name, path in (("Policy", "/policy"), ("Import", "/import"), ("Scenarios", "/scenarios")):
        assert places.get_by_role("link", name=name).count() == 0
        assert page.goto(path).status == 403
        assert page.get_by_role("heading", name="Not allowed").is_visible()
    assert [fault for fault in faults if "403" not in fault] == []
    faults.clear()  # the browser notes a refusal as a fault; these were asked for
