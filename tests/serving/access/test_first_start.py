from serving.access.first_start import demo_credentials
from serving.access.keys import all_keys, find_key
from serving.store.store import Store


def test_each_demo_has_new_credentials_and_ends_those_before(store: Store) -> None:
    first, second = demo_credentials(store), demo_credentials(store)
    assert first.key != second.key
    assert [row["revoked_at"] is None for row in all_keys(store)] == [True, False]
    kept = find_key(store, second.key.split("_")[1])
    assert kept is not None
    assert kept.loopback_only
    assert kept.caller.role == "engine"
