"""A mistyped variable is told, with the one that is meant; so is a value that cannot be read."""

import pytest

from serving.doctor.variables import OURS, USED, check_variables


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in USED:
        monkeypatch.delenv(name, raising=False)


def test_a_mistyped_variable_is_told_with_the_one_that_is_meant() -> None:
    (finding,) = check_variables({OURS + "STOER": "x", "HOME": "/root"})
    assert finding.level == "warning"
    assert "STOER" in finding.says
    assert finding.remedy == "perhaps ENCOURS_STORE is meant"
    (far,) = check_variables({OURS + "ZZZZZZZZZZZZZZZZZ": "x"})
    assert "DEPLOY.md" in far.remedy


@pytest.mark.parametrize("workers", ["many", "0", "-1"])
def test_workers_are_a_number(workers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCOURS_WORKERS", workers)
    (finding,) = check_variables({"ENCOURS_WORKERS": workers})
    assert finding.level == "error"
    assert workers in finding.says


def test_a_sound_environment_is_told_so() -> None:
    (finding,) = check_variables({"ENCOURS_STORE": "sqlite:///x.db"})
    assert finding.level == "ok"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PUBLIC_URL", "encours.example", "no http(s) address"),
        ("TRUSTED_PROXIES", "10.0.0.2,caddy", "caddy"),
        ("WEBHOOK_SECRET", "short", "16 characters"),
        ("SMTP", "mail.example", "names no server"),
        ("DIGEST_TO", "ana@example.org", "no server"),
        ("OIDC_ISSUER", "https://login.example", "ENCOURS_OIDC_CLIENT_ID is not"),
    ],
)
def test_what_is_read_late_is_told_early(
    name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OURS + name, value)
    (finding,) = check_variables({OURS + name: value})
    assert finding.level == "error"
    assert says in finding.says
    assert OURS + name in finding.says


def test_no_secret_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("WEBHOOK_SECRET", "hush-hush"), ("SMTP", "mail://ana:hush-hush@x")):
        monkeypatch.setenv(OURS + name, value)
    told = check_variables({})
    assert len(told) == 2
    assert "hush-hush" not in str(told)
