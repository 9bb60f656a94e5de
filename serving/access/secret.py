"""The secret that signs sessions: given by the deployment, else made once and kept in the store."""

import secrets

import sqlalchemy as sa

from serving.environment import setting
from serving.store.access import SECRETS
from serving.store.store import Store

NAME = "sessions"
SHORTEST = 32  # characters


def session_secret(store: Store) -> bytes:
    """The secret all workers and replicas share. Raises ValueError where the given one is short."""
    if given := setting("ENCOURS_SECRET"):
        if len(given) < SHORTEST:
            raise ValueError(
                f"ENCOURS_SECRET is shorter than {SHORTEST} characters: make one with "
                "`openssl rand -hex 32`, or leave it out"
            )
        return given.encode()
    with store.reading() as connection:
        if kept := _kept(connection):
            return kept
    with store.writing() as connection:
        if kept := _kept(connection):  # another worker was faster
            return kept
        made = secrets.token_bytes(32)
        connection.execute(sa.insert(SECRETS).values(name=NAME, value=made))
        return made


def _kept(connection: sa.Connection) -> bytes | None:
    return connection.execute(sa.select(SECRETS.c.value).where(SECRETS.c.name == NAME)).scalar()
