"""The worker of the outbox: takes what is due, delivers it, notes what became of it."""

import logging
from collections import Counter
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
A_MOMENT = 1.0  # seconds between two deliveries


def deliver_due(store: Store) -> int:
    """Deliver every message that is due now; how many were tried. A receiver that takes none of a
    batch is left alone until the next call: it would hold up the others, and the caller."""
    tried, silent = 0, set[str]()
    with httpx.Client(timeout=webhooks.TIMEOUT) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        while messages := lease(store, now(), silent):
            urls = {row.webhook_id: row.url for row in webhooks.endpoints(store)}
            errors = pool.map(partial(_deliver, client, urls), messages)
            outcomes = list(zip(messages, errors, strict=True))
            settle(store, outcomes, now())
            taken = {posted.target for posted, error in outcomes if error is None}
            silent |= {posted.target for posted in messages} - taken
            _tell(outcomes)
            tried += len(messages)
    return tried


def _tell(outcomes: list[tuple[Message, str | None]]) -> None:
    """A line a receiver, not a message."""
    failed = [(posted, error) for posted, error in outcomes if error]
    for target, count in Counter(posted.target for posted, _ in failed).items():
        first, why = next(one for one in failed if one[0].target == target)
        log.warning("%s: %d messages failed, %s: %s", target, count, first.message_id, why)


def deliver(store: Store, stop: Event) -> None:
    """Deliver until `stop` is set."""
    while not stop.is_set():
        try:
            deliver_due(store)
        except Exception:  # the store may be away; the messages wait in it
            log.exception("nothing delivered; trying again")
        stop.wait(A_MOMENT)


def _deliver(client: httpx.Client, urls: dict[str, str], posted: Message) -> str | None:
    try:
        if posted.channel == "email":
            return digest.send(posted)
        if posted.target not in urls:
            return None  # the endpoint was removed: nobody waits for it
        return webhooks.send(client, urls[posted.target], posted)
    except ValueError as error:  # no secret is set
        return str(error)
