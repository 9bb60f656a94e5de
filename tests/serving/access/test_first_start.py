from datetime import timedelta

import pytest

from serving.access.first_start import demo_credentials, first_credentials
from serving.access.keys import all_keys, create_key, find_key, revoke_key
from serving.access.passwords import right_password
from serving.access.people import add_person, disable, find_person
from serving.store.store import Store


def test_a_new_store_gets_credentials_once_and_for_this_machine(store: Store) -> None:
    made = first_credentials(store, "127.0.0.1")
    assert made is not None
    key = find_key(store, made.key.split("_")[1])
    person = find_person(store, made.name)
    assert key and key.loopback_only and key.caller.role == "engine"
    assert person and person.loopback_only and person.caller.role == "risk-admin"
    assert right_password(store, made.name, made.password)
    assert first_credentials(store, "localhost") is None
    for said in (made.key, made.name, made.password, "http://127.0.0.1:3000/"):
        assert said in made.told("http://127.0.0.1:3000")


def test_each_demo_has_new_credentials_and_ends_those_before(store: Store) -> None:
    first = demo_credentials(store)
    disable(store, first.name)
    second = demo_credentials(store)
    assert [row["revoked_at"] is None for row in all_keys(store)] == [True, False]
    assert not right_password(store, first.name, first.password)
    assert right_password(store, second.name, second.password)


@pytest.mark.parametrize("host", ["0.0.0.0", "10.1.2.3", "::", "service.example"])
def test_others_are_served_only_where_one_of_them_could_come_in(store: Store, host: str) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match=r"encours key create .*encours user add"):
            first_credentials(store, host)
        demo_credentials(store)  # which are of no use from elsewhere
    create_key(store, "erp", "engine", expires_in=timedelta(hours=1))
    assert first_credentials(store, host) is None
    revoke_key(store, "erp")
    add_person(store, "alice", "viewer", password="correct horse battery")
    assert first_credentials(store, host) is None
    disable(store, "alice")
    with pytest.raises(ValueError, match="nobody could use the service"):
        first_credentials(store, host)


def test_a_provider_lets_people_in(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCOURS_OIDC_ISSUER", "https://id.example")
    assert first_credentials(store, "0.0.0.0") is None
