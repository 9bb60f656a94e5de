"""The environment variables of a deployment: addresses, paths and secrets; nothing else is read."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]


class Variable(NamedTuple):
    """What a variable is when nobody sets it, and what it says."""

    default: str
    says: str


VARIABLES: Mapping[str, Variable] = {
    "ENCOURS_MODEL": Variable(f"{ROOT}/var/champion", "bundle the service reads"),
    "ENCOURS_PORTFOLIO": Variable(f"{ROOT}/var/demo", "raw tables the service loads"),
    "ENCOURS_STORE": Variable(
        f"sqlite:///{ROOT}/var/encours.db", "store of decisions, keys and accounts"
    ),
    "ENCOURS_CACHE": Variable(f"{ROOT}/var/cache", "folder where workers map one copy of tables"),
    "ENCOURS_WORKERS": Variable("2", "worker processes"),
}


def setting(name: str) -> str:
    """The value of a variable of VARIABLES, or its default."""
    return os.environ.get(name) or VARIABLES[name].default
