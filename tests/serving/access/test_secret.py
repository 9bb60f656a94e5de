import pytest
import sqlalchemy as sa

from serving.access.secret import session_secret
from serving.store.access import SECRETS
from serving.store.store import Store


def test_workers_share_one_secret_made_once(real_store: Store, monkeypatch) -> None:
    monkeypatch.delenv("ENCOURS_SECRET", raising=False)
    first = session_secret(real_store)
    assert len(first) == 32
    assert session_secret(real_store) == first
    with real_store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(SECRETS)).scalar() == 1


def test_the_deployment_may_give_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCOURS_SECRET", "x" * 32)
    assert session_secret(store) == b"x" * 32
    monkeypatch.setenv("ENCOURS_SECRET", "hunter2")
    with pytest.raises(ValueError, match="ENCOURS_SECRET is shorter than 32") as refused:
        session_secret(store)
    assert "hunter2" not in str(refused.value)
