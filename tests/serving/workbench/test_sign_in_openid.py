"""People sign in through a real provider on loopback, and nobody else does."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from serving.access.people import add_person, disable, find_person
from serving.access.sessions import COOKIE
from serving.decide import Desk
from tests.serving.access.openid_provider import CLIENT, SECRET, Provider, serving

PASSWORD = "correct horse battery"
CAROL = {"sub": "42", "preferred_username": "Carol", "roles": ["everyone", "credit-team"]}


@pytest.fixture(scope="module")
def only_provider() -> Iterator[Provider]:
    with serving(Provider({})) as provider:
        yield provider


@pytest.fixture
def provider(only_provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Provider:
    only_provider.claims, only_provider.signing_key = dict(CAROL), None
    monkeypatch.setenv("ENCOURS_OIDC_ISSUER", only_provider.issuer)
    monkeypatch.setenv("ENCOURS_OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("ENCOURS_OIDC_CLIENT_SECRET", SECRET)
    monkeypatch.setenv("ENCOURS_OIDC_ROLES", "credit-team=underwriter,everyone=viewer")
    return only_provider


@pytest.fixture
def stranger(provider: Provider, visitor: Any, desk: Desk) -> Any:
    """A browser before a service that knows the provider."""
    return type(visitor)(desk)


def there(browser: Any, then: str = "/") -> str:
    """Leave for the provider; the address it sends back to."""
    left = browser.get(f"/sign-in/openid?next={then}")
    assert left.status_code == 302
    back = httpx.get(left.headers["location"]).headers["location"]
    return back.removeprefix("http://test")


def refused(browser: Any, back: str, said: str) -> None:
    answer = browser.get(back)
    assert answer.status_code == 401
    assert re.search(said, answer.text)
    assert COOKIE not in browser.cookies
    assert browser.get("/").status_code == 303


def test_a_person_signs_in_with_the_role_that_may_most(
    stranger: Any, provider: Provider, desk: Desk
) -> None:
    assert "Sign in with your organisation" in stranger.get("/sign-in?next=/docs").text
    verified = provider.verified
    answer = stranger.get(there(stranger, "/buyers/B0000017"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/buyers/B0000017")
    page = stranger.get("/buyers/B0000017")
    assert "carol" in page.text and "Underwriter" in page.text
    person = find_person(desk.store, "carol")
    assert person is not None and person.caller.role == "underwriter"
    assert provider.verified == verified + 1
    asked = provider.asked[-1]
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://test/sign-in/openid/back"
    assert len(asked["nonce"]) >= 16 and len(asked["state"]) >= 16
    provider.claims["roles"] = "everyone"  # a claim may be one word; the next sign-in follows it
    stranger.get(there(stranger))
    assert find_person(desk.store, "carol").caller.role == "viewer"


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"roles": []}, "carol has no role here"),
        ({"roles": ["risk-admin"]}, "carol has no role here"),  # theirs, not ours
        ({"preferred_username": "alice"}, "a person.s name already"),
        ({"nonce": "another"}, "cannot be trusted"),
        ({"aud": "another"}, "cannot be trusted"),
        ({"iss": "https://another.example"}, "cannot be trusted"),
        ({"exp": 1_000_000}, "cannot be trusted"),
    ],
)
def test_nobody_comes_in_without_a_role_or_on_a_bad_token(
    stranger: Any, provider: Provider, claims: dict[str, Any], said: str
) -> None:
    provider.claims |= claims
    refused(stranger, there(stranger), said)


def test_a_token_that_another_key_signed_is_not_trusted(stranger: Any, provider: Provider) -> None:
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "k1"})
    refused(stranger, there(stranger), "cannot be trusted")


def test_an_answer_to_another_browser_is_refused(
    stranger: Any, provider: Provider, desk: Desk
) -> None:
    back = there(stranger)
    other = type(stranger)(desk)
    refused(other, back, "the identity provider refused, or too long ago")
    there(other)
    refused(other, back, "the identity provider refused, or too long ago")
    assert stranger.get(back).status_code == 303
    again = type(stranger)(desk)
    refused(again, back, "refused, or too long ago")  # a code is good once


def test_a_refusal_over_there_is_told(stranger: Any, provider: Provider) -> None:
    state = parse_qs(urlsplit(there(stranger)).query)["state"][0]
    back = f"/sign-in/openid/back?error=access_denied&state={state}"
    refused(stranger, back, "the identity provider refused")


def test_a_disabled_account_stays_out(stranger: Any, provider: Provider, desk: Desk) -> None:
    stranger.get(there(stranger))
    disable(desk.store, "carol")
    other = type(stranger)(desk)
    refused(other, there(other), "Name or password is wrong")


def test_an_account_of_here_goes_on_beside(stranger: Any, desk: Desk) -> None:
    add_person(desk.store, "dave", "viewer", password=PASSWORD)
    assert stranger.sign_in("dave", PASSWORD).status_code == 303


def test_a_provider_that_is_down_is_said_to_be(
    visitor: Any, desk: Desk, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCOURS_OIDC_ISSUER", "http://127.0.0.1:9")
    answer = type(visitor)(desk).get("/sign-in/openid")
    assert answer.status_code == 502
    assert "the identity provider does not answer" in answer.text


def test_people_see_another_address_than_the_service(
    stranger: Any, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCOURS_PUBLIC_URL", "https://encours.example/")
    stranger.get("/sign-in/openid")
    left = stranger.get("/sign-in/openid").headers["location"]
    back = parse_qs(urlsplit(left).query)["redirect_uri"]
    assert back == ["https://encours.example/sign-in/openid/back"]
