"""The verbs for keys and accounts: secrets once on standard output, mistakes with the remedy."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from encours import app
from serving.access.keys import find_key
from serving.access.passwords import right_password
from serving.access.people import find_person
from serving.store.store import Store


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    address = f"sqlite:///{tmp_path}/store.db"
    monkeypatch.setenv("ENCOURS_STORE", address)
    return address


def run(line: str, given: str | None = None) -> Result:
    return CliRunner().invoke(app, line.split(), input=given)


def test_a_key_is_made_listed_rotated_and_revoked(address: str) -> None:
    made = run("key create erp --role engine --permission decide --rate 5/second --expires 30")
    assert made.exit_code == 0
    old = made.stdout.strip()
    assert old.startswith("encours_")
    assert "shown once" in made.stderr
    new = run("key rotate erp --overlap 1").stdout.strip()
    listed = run("key list").stdout
    for key in (old, new):
        assert key.split("_")[1] in listed
        assert key.split("_", 2)[2] not in listed
    store = Store(address)
    assert find_key(store, new.split("_")[1]).caller.scope == {"decide"}
    store.close()
    assert "revoked: 2 of erp" in run("key revoke erp").stdout


def test_an_account_is_made_changed_and_closed(address: str) -> None:
    password = run("user add alice --role viewer").stdout.splitlines()[-1]
    given = run("user add bob --role viewer --password-stdin", "correct horse battery\n")
    assert "correct horse" not in given.stdout
    run("user set-role alice --role underwriter")
    store = Store(address)
    assert right_password(store, "alice", password)
    assert right_password(store, "bob", "correct horse battery")
    assert find_person(store, "alice").caller.role == "underwriter"
    again = run("user reset-password alice").stdout.splitlines()[-1]
    assert right_password(store, "alice", again)
    run("user disable alice")
    assert not right_password(store, "alice", again)
    run("user enable alice")
    assert right_password(store, "alice", again)
    store.close()
    listed = run("user list").stdout
    assert "alice" in listed and "underwriter" in listed and password not in listed


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("key create erp --role boss", "role 'boss' is none of viewer"),
        ("key create erp --role viewer --permission govern", "is none of viewer's"),
        ("key create ERP --role viewer", "use up to 64"),
        ("key revoke erp", "no key 'erp' is in force"),
        ("user disable alice", "no account 'alice'"),
    ],
)
def test_mistakes_are_named(address: str, line: str, said: str) -> None:
    result = run(line)
    assert result.exit_code == 1
    assert said in str(result.exception)
