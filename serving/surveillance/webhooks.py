"""Webhooks: where alerts are sent, and how a receiver knows that they are ours.

    Encours-Message: 0b3c…            id of the message: one that comes twice has the same
    Encours-Signature: t=1767225600,v1=5257a869…

`v1` is HMAC-SHA256 of "t.body" (the seconds of `t`, a full stop, the bytes of the body) under the
endpoint's secret, in hexadecimal. A receiver computes the same, compares in constant time, and
refuses an old `t`. No secret is stored: each is derived from ENCOURS_WEBHOOK_SECRET and the
endpoint's id, and shown once, by `encours webhook add`. Only who runs `encours` on the host can add
an endpoint, so that private addresses are allowed.
"""

import hmac
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid4, uuid5

import httpx
import sqlalchemy as sa

from serving.environment import setting
from serving.store.store import Store
from serving.store.surveillance import WEBHOOKS, instant, now
from serving.surveillance.outbox import Message

TIMEOUT = 10.0  # seconds
SHORTEST_SECRET = 16


def add(store: Store, url: str) -> tuple[str, str]:
    """Send alerts to `url` from now on; the endpoint's id and secret. ValueError where it is no
    http(s) address, or no ENCOURS_WEBHOOK_SECRET is set."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url} is no http(s) address, like https://erp.example/encours")
    if parts.username or parts.password:
        raise ValueError("an address with a password would be stored and shown; leave it out")
    webhook_id = str(uuid4())
    key = secret(webhook_id)
    with store.writing() as connection:
        row = {"webhook_id": webhook_id, "url": url, "created_at": instant(now())}
        connection.execute(sa.insert(WEBHOOKS), [row])
    return webhook_id, key


def remove(store: Store, webhook_id: str) -> None:
    """Send no more alerts there. KeyError where there is no such endpoint."""
    with store.writing() as connection:
        changed = connection.execute(
            sa.update(WEBHOOKS)
            .where((WEBHOOKS.c.webhook_id == webhook_id) & WEBHOOKS.c.removed_at.is_(None))
            .values(removed_at=instant(now()))
        )
    if not changed.rowcount:
        raise KeyError(f"no endpoint {webhook_id!r}; `encours webhook list` shows all")


def endpoints(store: Store) -> list[sa.Row]:
    """Endpoints in use, first to last."""
    with store.reading() as connection:
        query = sa.select(WEBHOOKS).where(WEBHOOKS.c.removed_at.is_(None))
        return list(connection.execute(query.order_by(WEBHOOKS.c.created_at)))


def active(connection: sa.Connection) -> list[str]:
    """Ids of the endpoints in use."""
    query = sa.select(WEBHOOKS.c.webhook_id).where(WEBHOOKS.c.removed_at.is_(None))
    return list(connection.execute(query.order_by(WEBHOOKS.c.created_at)).scalars())


def message(webhook_id: str, alert_id: str, content: bytes) -> Message:
    """The message that tells one endpoint of one alert."""
    name = f"encours:message:{webhook_id}:{alert_id}"
    return Message(str(uuid5(NAMESPACE_URL, name)), "webhook", webhook_id, content)


def secret(webhook_id: str) -> str:
    """The secret that one endpoint and we share."""
    master = setting("ENCOURS_WEBHOOK_SECRET")
    if len(master) < SHORTEST_SECRET:
        raise ValueError(
            f"set ENCOURS_WEBHOOK_SECRET to {SHORTEST_SECRET} characters or more "
            "(openssl rand -hex 32): webhooks are signed with it"
        )
    return hmac.digest(master.encode(), webhook_id.encode(), "sha256").hex()


def signature(key: str, at: datetime, body: bytes) -> str:
    """The header Encours-Signature.

    >>> signature("key", datetime.fromisoformat("2026-01-01T00:00:00+00:00"), b"{}")[:20]
    't=1767225600,v1=79f6'
    """
    seconds = int(at.timestamp())
    signed = hmac.new(key.encode(), f"{seconds}.".encode() + body, sha256)
    return f"t={seconds},v1={signed.hexdigest()}"


def send(client: httpx.Client, url: str, posted: Message) -> str | None:
    """Deliver a message; None, or what went wrong. Any answer but 2xx is a failure."""
    headers = {
        "Content-Type": "application/json",
        "Encours-Message": posted.message_id,
        "Encours-Signature": signature(secret(posted.target), now(), posted.content),
    }
    try:
        answer = client.post(url, content=posted.content, headers=headers)
    except httpx.HTTPError as error:
        return f"{type(error).__name__}: {error}"
    return None if answer.is_success else f"answered {answer.status_code}"
