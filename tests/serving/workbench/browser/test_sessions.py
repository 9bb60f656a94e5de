"""People sign in and out in a browser; a write without its token, or after the end of a session, is
refused in words that help."""

import re
from pathlib import Path
from typing import Any

import pytest

from serving.access.people import add_person
from serving.access.sessions import COOKIE
from serving.store.store import Store
from tests.serving.workbench.browser.conftest import PASSWORD, PEOPLE

pytestmark = [pytest.mark.slow, pytest.mark.browser]

BUYER = "/buyers/B0000017"
URSULA = PEOPLE["underwriter"]


def stranger(sign_in: Any, language: str = "en") -> Any:
    """A page of somebody who has not signed in."""
    page = sign_in("viewer", language)
    page.context.clear_cookies()
    return page


def enter(page: Any, name: str, password: str = PASSWORD) -> None:
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill(password)
    page.keyboard.press("Enter")


def test_who_signs_in_arrives_where_it_wanted_and_signs_out(
    sign_in: Any, faults: list[str]
) -> None:
    page = stranger(sign_in)
    page.goto(f"{BUYER}?amount=80000")
    page.wait_for_url("**/sign-in?next=**")
    enter(page, URSULA, "not the password")
    assert "wrong" in page.get_by_role("alert").inner_text()
    assert page.locator("[name=name]").input_value() == URSULA
    enter(page, URSULA)
    page.wait_for_url(f"**{BUYER}?amount=80000")
    assert "asked 80,000" in page.locator(".limit").inner_text()
    assert COOKIE not in page.evaluate("document.cookie")  # out of reach of scripts
    assert [fault for fault in faults if "401" not in fault] == []
    faults.clear()  # the browser notes a refusal as a fault; this one was asked for


def test_signing_out_ends_the_session(sign_in: Any, service_folder: Path) -> None:
    page = stranger(sign_in)
    store = Store(f"sqlite:///{service_folder}/store.db")
    add_person(store, "otto", "viewer", password=PASSWORD)  # whose session no other test needs
    store.close()
    page.goto("/sign-in")
    enter(page, "otto")
    page.wait_for_url("**/")
    kept = page.context.cookies()
    page.locator("header .menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.context.add_cookies(kept)  # a cookie that somebody copied opens nothing any more
    page.goto("/portfolio")
    assert "/sign-in" in page.url


def test_a_session_that_ended_is_told_beside_what_was_asked(
    sign_in: Any, faults: list[str]
) -> None:
    page = sign_in("underwriter")
    page.goto(BUYER)
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies()
    page.get_by_label("Amount asked").fill("80000")
    alert = page.get_by_role("alert")
    alert.get_by_role("link", name="Sign in again").wait_for()
    assert "Your session has ended" in alert.inner_text()
    assert page.get_by_label("Amount asked").input_value() == "80000"
    page.get_by_text("Decide", exact=True).click()
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("heading", name="Sign in first").wait_for()
    page.locator("main").get_by_role("link", name="Sign in").click()
    enter(page, URSULA)
    page.wait_for_url(f"**{BUYER}")
    assert [fault for fault in faults if "401" not in fault] == []
    faults.clear()


FORMS = {  # a page, what to do on it, and the form's address
    "decide": (BUYER, "document.querySelector('#decide form')"),
    "import": ("/import", "document.querySelector('#drop')"),
    "scenario": ("/scenarios", "document.querySelector('main form')"),
    "draft": ("/policy", "document.querySelector('main form')"),
    "filter": ("/portfolio/buyers?country=FR", "document.querySelector('.saved form')"),
    "sign-out": ("/", "document.querySelector('.menu form')"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_without_the_token_of_its_session_does_nothing(
    sign_in: Any, faults: list[str], form: str
) -> None:
    page = sign_in("risk-admin")
    path, element = FORMS[form]
    page.goto(path)
    with page.expect_navigation():
        page.evaluate(
            f"form = {element}; form.querySelector('[name=csrf_token]').value = 'forged';"
            "HTMLFormElement.prototype.submit.call(form)"
        )
    page.get_by_role("heading", name="This page is too old").wait_for()
    page.get_by_role("link", name="Back to the page before").click()
    page.wait_for_url(f"**{path}")
    assert [fault for fault in faults if "403" not in fault] == []
    faults.clear()


@pytest.mark.parametrize(
    ("path", "address"),
    [
        (BUYER, BUYER),
        ("/alerts", "/v1/alerts/1/acknowledge"),
        ("/referrals", "/v1/referrals/1/decide"),
    ],
)
def test_a_script_without_the_token_of_its_session_does_nothing(
    sign_in: Any, faults: list[str], path: str, address: str
) -> None:
    page = sign_in("underwriter")
    page.goto(path)
    ask = "(address) => fetch(address, { method: 'POST', body: '{}' }).then(({ status }) => status)"
    assert page.evaluate(ask, address) == 403
    faults.clear()


DENIED = {
    "viewer": ("/scenarios", "/import", "/policy"),
    "underwriter": ("/policy",),
    "data-scientist": ("/policy",),
    "risk-admin": (),
}


@pytest.mark.parametrize("role", DENIED)
def test_each_role_sees_the_ways_in_that_it_has(sign_in: Any, faults: list[str], role: str) -> None:
    page = sign_in(role)
    page.goto("/")
    places = page.get_by_role("navigation", name="Main").get_by_role("link").all()
    shown = [place.get_attribute("href") for place in places]
    assert not set(shown) & set(DENIED[role])
    for path in shown:
        assert page.goto(path).status == 200, path
    assert faults == []
    for path in DENIED[role]:
        assert page.goto(path).status == 403
        assert re.search(r"Your role, .+, does not allow this", page.locator("main").inner_text())
    assert [fault for fault in faults if "403" not in fault] == []
    faults.clear()
