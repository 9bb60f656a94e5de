"""The first credentials of a store: generated, told once, good on this machine only."""

import contextlib
from dataclasses import dataclass

from serving.access.keys import create_key, revoke_key
from serving.store.store import Store

DEMO = "demo"


@dataclass(frozen=True)
class Credentials:
    """What the demo's caller shows at the door."""

    key: str


def demo_credentials(store: Store) -> Credentials:
    """New credentials of the demo, in place of those of an earlier one."""
    with contextlib.suppress(KeyError):
        revoke_key(store, DEMO)
    return Credentials(create_key(store, DEMO, "engine", loopback_only=True))
