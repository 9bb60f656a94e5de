"""The frame: language and look follow their reader, who comes back where they were."""

from typing import Any

import pytest

from serving.workbench.frame import asset


def test_the_language_is_asked_by_the_browser_and_chosen_by_the_reader(client: Any) -> None:
    asked = client.get("/", headers={"accept-language": "de, fr-FR;q=0.8, en;q=0.5"})
    assert '<html lang="fr"' in asked.text
    assert "Acheteurs" in asked.text
    chosen = client.get("/", headers={"accept-language": "fr", "cookie": "language=en"})
    assert '<html lang="en"' in chosen.text
    for header in ("", "de", "*", "fr;q=x", ";;,"):
        assert '<html lang="en"' in client.get("/", headers={"accept-language": header}).text


def test_a_choice_is_kept_and_leads_back(client: Any) -> None:
    answer = client.get("/preferences?language=fr&look=dark&back=/buyers/B0000017?amount=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/buyers/B0000017?amount=1"
    kept = answer.headers.get_list("set-cookie")
    assert [cookie.split(";")[0] for cookie in kept] == ["language=fr", "look=dark"]
    assert 'data-look="dark"' in client.get("/", headers={"cookie": "look=dark"}).text
    assert 'data-look="auto"' in client.get("/", headers={"cookie": "look=red"}).text


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "/\\e.com"])
def test_nobody_is_led_elsewhere(client: Any, back: str) -> None:
    answer = client.get("/preferences", params={"back": back, "language": "xx"})
    assert answer.headers["location"] == "/"
    assert "set-cookie" not in answer.headers


def test_a_switch_names_the_page_it_leads_back_to(client: Any) -> None:
    text = client.get("/?q=a%26b").text
    assert "/preferences?language=fr&amp;back=%2F%3Fq%3Da%2526b" in text


def test_where_the_reader_is_stands_out(client: Any) -> None:
    assert '<a href="/" aria-current="page">' in client.get("/").text
    assert '<a href="/" aria-current="true">' in client.get("/buyers/B0000017").text
    assert "aria-current" not in client.get("/docs").text.split("</nav>")[0]


def test_an_asset_is_named_by_its_content(client: Any) -> None:
    address = asset("workbench.css")
    assert address.startswith("/static/workbench.css?v=")
    assert "immutable" in client.get(address).headers["cache-control"]
    assert client.get(address).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get("/").headers  # a page holds a token
