"""Endpoints, their secrets, and signatures a receiver can check by itself."""

import hmac
import logging
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from serving.store.store import Store
from serving.surveillance import webhooks


@pytest.fixture(autouse=True)
def master(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCOURS_WEBHOOK_SECRET", "a secret of the tests")


def test_a_signature_is_hmac_of_time_and_body() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    told = webhooks.signature("key", at, b'{"a":1}')
    stamp, signed = (part.split("=")[1] for part in told.split(","))
    assert stamp == "1767225600"
    expected = hmac.new(b"key", b'1767225600.{"a":1}', sha256).hexdigest()
    assert hmac.compare_digest(signed, expected)
    assert webhooks.signature("key", at, b'{"a":2}') != told


def test_endpoints_have_secrets_of_their_own_and_none_is_stored(
    real_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        one, first = webhooks.add(real_store, "https://one.example/in")
        _, second = webhooks.add(real_store, "http://10.0.0.7:8080/in")
    assert first != second
    assert first == webhooks.secret(one)
    rows = [str(tuple(row)) for row in webhooks.endpoints(real_store)]
    assert not any(first in row or second in row for row in rows)
    assert first not in caplog.text and "a secret of the tests" not in caplog.text


def test_a_removed_endpoint_is_gone(real_store: Store) -> None:
    one, _ = webhooks.add(real_store, "https://one.example/in")
    webhooks.remove(real_store, one)
    assert webhooks.endpoints(real_store) == []
    with pytest.raises(KeyError, match="webhook list"):
        webhooks.remove(real_store, one)


@pytest.mark.parametrize(
    "url", ["ftp://one.example", "one.example", "https://", "https://u:p@one/"]
)
def test_what_is_no_address_is_refused(store: Store, url: str) -> None:
    with pytest.raises(ValueError, match=r"address"):
        webhooks.add(store, url)


@pytest.mark.parametrize("given", ["", "short"])
def test_no_endpoint_without_a_secret(
    store: Store, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("ENCOURS_WEBHOOK_SECRET", given)
    with pytest.raises(ValueError, match="ENCOURS_WEBHOOK_SECRET"):
        webhooks.add(store, "https://one.example/")
    assert webhooks.endpoints(store) == []


def test_an_endpoint_is_told_of_an_alert_once() -> None:
    ids = {webhooks.message(to, "alert", b"{}").message_id for to in ("one", "one", "two")}
    assert len(ids) == 2
