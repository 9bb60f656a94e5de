"""The pages say what the decision says, refuse what the API refuses, and run nobody's script."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from serving.decide import Desk
from serving.workbench.formats import formats
from serving.workbench.headers import HEADERS

VOID = {"meta", "link", "input", "img", "br", "hr"}


class Page(HTMLParser):
    """Reads a page, refusing tags that are never closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.words = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert not any(name.startswith("on") or name == "style" for name in given), given
        read = ("href", "src") if given.get("method") == "post" else ("href", "src", "action")
        self.links += [link for name in read if (link := given.get(name))]
        self.ids += [one for one in [given.get("id")] if one]
        self.words += " "
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def page(client: Any, path: str, status: int = 200) -> Page:
    answer = client.get(path, headers={"accept": "text/html"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    read = Page(answer.text)
    read.words = re.sub(r"\s+", " ", read.words)
    assert len(set(read.ids)) == len(read.ids)
    return read


@pytest.mark.parametrize("path", ["/", "/?q=odd", "/?q=none", "/buyers/B0000017", "/docs"])
def test_every_link_within_leads_somewhere(client: Any, path: str) -> None:
    for link in page(client, path).links:
        if link.startswith("#"):
            continue
        assert link.startswith("/"), link
        if link.startswith(("/preferences?", "/sign-in?")):  # test_frame.py, test_sign_in.py
            continue
        assert client.get(link, headers={"accept": "text/html"}).status_code == 200 or link in (
            "/livez",
            "/readyz",
        )


def test_buyers_are_paged(client: Any) -> None:
    first, last = page(client, "/"), page(client, "/?page=9")
    assert "Page 1 of 9" in first.words
    assert "B0000001" in first.words
    assert "B0000026" not in first.words
    assert "Page 9 of 9" in last.words
    for beyond in ("/?page=10", "/?page=99999999999", "/?page=-1", "/?page=x"):
        page(client, beyond)


def test_a_search_says_what_it_found(client: Any) -> None:
    assert "1 found for “electricite”" in page(client, "/?q=electricite").words
    assert "Try a part of the name" in page(client, "/?q=none").words


def test_people_are_listed_without_a_score(client: Any) -> None:
    assert "Ana Lima ODD-PERSON FR a natural person: not scored" in page(client, "/?q=ana").words
    assert "Natural persons are not scored" in page(client, "/buyers/ODD-PERSON", 422).words


def test_the_page_says_what_the_decision_says(client: Any) -> None:
    asked = {"buyer_id": "B0000017", "as_of_date": "2025-06-30", "requested_amount": 80_000}
    answer = client.post("/score", json=asked).json()
    words = page(client, "/buyers/B0000017?as_of=2025-06-30&amount=80000").words
    assert f"{100 * answer['default_probability']:.2f} %" in words
    assert f"{answer['limit']:,.0f} EUR" in words
    assert answer["model_version"] in words
    for topic in answer["topics"]:
        assert not topic["log_odds"] or topic["label"] in words
    for condition in answer["conditions"]:
        assert formats("en").grouped(condition["text"]) in words


def test_looking_keeps_nothing_and_past_decisions_are_shown(client: Any, desk: Desk) -> None:
    assert "None yet" in page(client, "/buyers/B0000017").words
    assert desk.store.verify().sequence == 0
    answer = client.post("/score", json={"buyer_id": "B0000017", "as_of_date": "2025-06-30"}).json()
    assert f"/decisions/{answer['decision_id']}/memo.pdf" in page(client, "/buyers/B0000017").links


@pytest.mark.parametrize("buyer_id", ["ODD-EMPTY", "ODD-NAME", "ODD%2FID%20%3F"])
def test_odd_buyers_have_a_page(client: Any, buyer_id: str) -> None:
    words = page(client, f"/buyers/{buyer_id}").words
    assert "No annual accounts were published by that day" in words
    assert "Thin file" in words


def test_a_name_is_text_and_never_markup(client: Any) -> None:
    assert "<script>" not in client.get("/buyers/ODD-NAME").text
    assert "Électricité <script>alert(1)</script> & Fils" in page(client, "/buyers/ODD-NAME").words


@pytest.mark.parametrize(
    ("query", "field"),
    [("amount=-1", "Amount asked"), ("terms=999", "Terms, days"), ("as_of=soon", "Day")],
)
def test_a_question_that_does_not_fit_is_explained(client: Any, query: str, field: str) -> None:
    assert field in page(client, f"/buyers/B0000017?{query}", 422).words


def test_an_empty_field_asks_nothing(client: Any) -> None:
    page(client, "/buyers/B0000017?as_of=&amount=&terms=")


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/v1/models", "/static/mark.svg"])
def test_every_answer_has_the_security_headers(client: Any, path: str) -> None:
    answer = client.get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    kept = answer.headers["cache-control"]
    assert ("immutable" in kept) == path.startswith("/static/")
    assert ("no-store" in kept) != path.startswith("/static/")


def test_the_content_policy_allows_no_inline_script() -> None:
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_a_form_that_contradicts_itself_is_not_shown_as_data(client: Any) -> None:
    both = {
        "action": "modify",
        "limit": "5",
        "grade": "5",
        "reason": "x",
        "expires_on": "2026-06-30",
    }
    refused = client.post("/verdicts/B0000017", data=both, headers={"Accept": "text/html"})
    assert refused.status_code == 422
    assert "give either limit or grade" in refused.text
    assert "datetime" not in refused.text


def test_a_scenario_may_be_called_anything(reader: Any, surveyed: Any, finished: Any) -> None:
    form, analyst = {"title": "100 % mine"}, reader()
    address = analyst.post("/scenarios", data=form).headers["location"]
    finished(surveyed, "scenario", address)
    assert "100 % mine" in analyst.get(address, headers={"Accept": "text/html"}).text
