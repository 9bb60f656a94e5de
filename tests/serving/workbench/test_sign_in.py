"""People sign in, are known by name and role, write with a token, and sign out everywhere."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from serving.access.people import add_person, disable, end_sessions, set_role
from serving.access.sessions import COOKIE
from serving.decide import Desk
from serving.store.store import Store

PASSWORD = "correct horse battery"


def test_a_page_sends_to_the_form_which_sends_back(visitor: Any) -> None:
    sent = visitor.get("/buyers/B0000017?amount=5")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/sign-in?next=/buyers/B0000017%3Famount%3D5"
    form = visitor.get(sent.headers["location"])
    assert 'name="next" value="/buyers/B0000017?amount=5"' in form.text
    answer = visitor.sign_in(" Alice", PASSWORD, "/buyers/B0000017?amount=5")
    assert (answer.status_code, answer.headers["location"]) == (303, "/buyers/B0000017?amount=5")
    page = visitor.get(answer.headers["location"])
    assert page.status_code == 200
    assert "alice" in page.text and "Underwriter" in page.text
    assert visitor.get("/sign-in?next=/docs").headers["location"] == "/docs"


def test_machines_are_told_instead_of_sent(visitor: Any) -> None:
    answer = visitor.get("/", headers={"Accept": "*/*"})
    assert visitor.refused(answer, "unauthenticated")


@pytest.mark.parametrize(
    ("name", "password"),
    [("alice", "wrong"), ("bob", PASSWORD), ("", ""), ("a\x00", "x"), ("alice", "x" * 5000)],
)
def test_whoever_may_not_in_is_told_the_same(visitor: Any, name: str, password: str) -> None:
    answer = visitor.sign_in(name, password)
    assert answer.status_code == 401
    assert "Name or password is wrong" in answer.text
    assert COOKIE not in visitor.cookies
    assert len(password) < 10 or password not in answer.text


def test_a_peer_that_tries_many_names_is_slowed(visitor: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("serving.workbench.sign_in.TRIES", "2/minute")
    answers = [visitor.sign_in(f"user{number}", "wrong") for number in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert int(answers[2].headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
)
def test_another_site_signs_nobody_in(visitor: Any, headers: dict[str, str]) -> None:
    data = {"name": "alice", "password": PASSWORD}
    assert visitor.post("/sign-in", data=data, headers=headers).status_code == 403
    assert COOKIE not in visitor.cookies
    ours = {"Origin": "http://test", "Sec-Fetch-Site": "same-origin"}
    assert visitor.post("/sign-in", data=data, headers=ours).status_code == 303


def test_nobody_is_sent_elsewhere_after_signing_in(visitor: Any) -> None:
    for then in ("https://evil.example/", "//evil.example", "/\\evil.example", "/\r\nX: y"):
        assert visitor.sign_in("alice", PASSWORD, then).headers["location"] == "/"


def test_a_role_opens_what_it_may_and_a_change_holds_in_open_sessions(
    visitor: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"buyer_id": "B0000017", "as_of_date": "2025-06-30"}
    visitor.sign_in("alice", PASSWORD)
    headers = {"X-CSRF-Token": visitor.token()}
    answer = visitor.post("/v1/score", json=asked, headers=headers)
    assert answer.status_code == 200
    assert desk.store.find(answer.json()["decision_id"]).caller == "alice"
    set_role(desk.store, "alice", "viewer")
    monkeypatch.setattr("serving.access.recent.monotonic", lambda: 1e12)  # five seconds later
    refused = visitor.post("/v1/score", json=asked, headers=headers)
    assert refused.status_code == 403
    assert "Not allowed" in refused.text and "does not allow this" in refused.text


@pytest.mark.parametrize("headers", [{}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "x" * 32}])
def test_a_write_without_its_sessions_token_is_refused(visitor: Any, headers: dict) -> None:
    visitor.sign_in("alice", PASSWORD)
    asked = {"buyer_id": "B0000017", "as_of_date": "2025-06-30"}
    answer = visitor.post("/v1/score", json=asked, headers={**headers, "Accept": "*/*"})
    assert visitor.refused(answer, "unproven")
    wrong = visitor.post("/sign-out", data={"csrf_token": "x"})
    assert wrong.status_code == 403
    assert visitor.get("/").status_code == 200


def test_one_sessions_token_is_not_anothers(visitor: Any, desk: Desk) -> None:
    other = type(visitor)(desk)
    for one in (visitor, other):
        one.sign_in("alice", PASSWORD)
    assert other.token() != visitor.token()
    assert visitor.post("/sign-out", data={"csrf_token": other.token()}).status_code == 403


def test_signing_out_ends_every_session(visitor: Any, desk: Desk) -> None:
    other = type(visitor)(desk)
    other.sign_in("alice", PASSWORD)
    visitor.sign_in("alice", PASSWORD)
    stolen = visitor.cookies[COOKIE]
    answer = visitor.post("/sign-out", data={"csrf_token": visitor.token()})
    assert answer.headers["location"] == "/sign-in"
    assert COOKIE not in visitor.cookies
    visitor.cookies.set(COOKIE, stolen)
    assert visitor.get("/").status_code == 303
    assert visitor.sign_in("alice", PASSWORD).status_code == 303  # and in again, at once
    assert visitor.get("/").status_code == 200


def test_sessions_end_when_the_account_closes_or_its_epoch_moves(
    visitor: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter(range(0, 10**6, 10))  # ten seconds between any two looks
    monkeypatch.setattr("serving.access.recent.monotonic", lambda: next(now))
    for change in (end_sessions, disable):
        visitor.sign_in("alice", PASSWORD)
        assert visitor.get("/").status_code == 200
        change(desk.store, "alice")
        assert visitor.get("/").status_code == 303


def test_the_demos_account_works_on_this_machine_only(visitor: Any, desk: Desk) -> None:
    add_person(desk.store, "guide", "viewer", password=PASSWORD, loopback_only=True)
    assert visitor.sign_in("guide", PASSWORD).status_code == 303
    assert visitor.get("/").status_code == 200
    visitor.transport.client = ("192.168.1.7", 4711)
    assert visitor.get("/").status_code == 303
    assert visitor.sign_in("guide", PASSWORD).status_code == 401


def test_a_person_changes_the_password_and_stays_signed_in(visitor: Any, desk: Desk) -> None:
    other = type(visitor)(desk)
    other.sign_in("alice", PASSWORD)
    visitor.sign_in("alice", PASSWORD)

    def change(now: str, new: str, again: str) -> Any:
        data = {"csrf_token": visitor.token(), "now": now, "new": new, "again": again}
        return visitor.post("/account", data=data)

    better = "another horse battery"
    assert "present password is not right" in change("wrong", better, better).text
    assert "new passwords differ" in change(PASSWORD, better, "x").text
    assert "use a password of 12" in change(PASSWORD, "short", "short").text
    assert change(PASSWORD, better, better).headers["location"] == "/account?changed"
    assert "The password is changed" in visitor.get("/account?changed").text
    assert other.get("/").status_code == 303
    assert other.sign_in("alice", PASSWORD).status_code == 401
    assert other.sign_in("alice", better).status_code == 303


def test_a_stranger_sees_neither_buyers_nor_their_number(visitor: Any) -> None:
    for path in ("/sign-in", "/docs"):
        text = visitor.get(path).text
        assert "204" not in text.replace("_204", "")
        assert 'action="/" role="search"' not in text


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_real_browser(service: str, service_folder: Path, chromium: Any, scheme: str) -> None:
    store = Store(f"sqlite:///{service_folder}/store.db")
    add_person(store, scheme, "underwriter", password=PASSWORD)
    store.close()
    page = chromium.new_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(f"{service}/buyers/B0000017?amount=5000")
    page.wait_for_url("**/sign-in?next=**")
    accessible(page)
    page.get_by_label("Name").fill(scheme)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/buyers/B0000017?amount=5000")
    (cookie,) = [one for one in page.context.cookies() if one["name"] == COOKIE]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"
    page.get_by_text(scheme, exact=True).first.click()
    page.get_by_role("link", name="My account").click()
    page.wait_for_url("**/account")
    assert "Underwriter" in page.inner_text("main")
    accessible(page)
    page.get_by_role("button", name="Sign out everywhere").click()
    page.wait_for_url("**/sign-in")
    page.goto(service)
    page.wait_for_url("**/sign-in?next=/")
    assert faults == []
    page.close()


def accessible(page: Any) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
