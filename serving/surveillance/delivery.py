"""The worker of the outbox: takes what is due, delivers it, notes what became of it."""

import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import httpx

from serving.store.store import Store
from serving.store.surveillance import now
from serving.surveillance import digest, webhooks
from serving.surveillance.outbox import Message, lease, settle

log = logging.getLogger("encours.delivery")

AT_ONCE = 8  # receivers are slow, not we


def deliver_due(store: Store) -> int:
    """Deliver every message that is due now; how many were tried."""
    tried = 0
    with httpx.Client(timeout=webhooks.TIMEOUT) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        while messages := lease(store, now()):
            urls = {row.webhook_id: row.url for row in webhooks.endpoints(store)}
            errors = pool.map(partial(_deliver, client, urls), messages)
            outcomes = list(zip(messages, errors, strict=True))
            settle(store, outcomes, now())
            for posted, error in outcomes:
                if error:
                    log.warning("message %s: %s", posted.message_id, error)
            tried += len(messages)
    return tried


def deliver(store: Store, stop: Event, seconds: float = 1.0) -> None:
    """Deliver until `stop` is set."""
    while not stop.is_set():
        try:
            deliver_due(store)
        except Exception:  # the store may be away; the messages wait in it
            log.exception("nothing delivered; trying again")
        stop.wait(seconds)


def _deliver(client: httpx.Client, urls: dict[str, str], posted: Message) -> str | None:
    try:
        if posted.channel == "email":
            return digest.send(posted)
        if posted.target not in urls:
            return None  # the endpoint was removed: nobody waits for it
        return webhooks.send(client, urls[posted.target], posted)
    except ValueError as error:  # no secret is set
        return str(error)
