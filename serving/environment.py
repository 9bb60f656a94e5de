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
    "ENCOURS_SECRET": Variable(
        "", "signs sessions, 32 characters or more; else one is made and kept in the store"
    ),
    "ENCOURS_PUBLIC_URL": Variable("", "address people see, where a proxy stands in front"),
    "ENCOURS_TRUSTED_PROXIES": Variable(
        "", "addresses of proxies whose X-Forwarded headers are believed, with commas; else none"
    ),
    "ENCOURS_SURVEILLANCE": Variable(
        f"{ROOT}/var/surveillance", "folder of surveillance's snapshots"
    ),
    "ENCOURS_JOBS": Variable(
        f"{ROOT}/var", "folder for the files of imports, scenarios and drafts of the workbench"
    ),
    "ENCOURS_WEBHOOK_SECRET": Variable("", "signs webhooks, 16 characters or more"),
    "ENCOURS_SMTP": Variable("", "server for digests, smtp(s)://user:password@host:port"),
    "ENCOURS_DIGEST_TO": Variable("", "addresses that get a digest of each run, with commas"),
    "ENCOURS_DIGEST_FROM": Variable("encours@localhost", "its sender"),
    "ENCOURS_OIDC_ISSUER": Variable("", "OpenID Connect provider that people sign in through"),
    "ENCOURS_OIDC_CLIENT_ID": Variable("", "our name at that provider"),
    "ENCOURS_OIDC_CLIENT_SECRET": Variable("", "our secret at that provider, if it gave one"),
    "ENCOURS_OIDC_ROLE_CLAIM": Variable("roles", "claim of its tokens that holds roles"),
    "ENCOURS_OIDC_ROLES": Variable(
        "", "its values as our roles, `credit-team=underwriter,…`; else they are the same words"
    ),
    "MLFLOW_TRACKING_URI": Variable(
        f"sqlite:///{ROOT}/var/mlflow/mlflow.db", "MLflow, where models are registered"
    ),
    "ENCOURS_DATA": Variable("../shared/data", "public data that tests and benchmarks read"),
}


def variables_table() -> str:
    """VARIABLES in Markdown, as the documentation shows them."""
    rows = [
        f"| `{name}` | {f'`{default}`' if default else ''} | {one.says} |"
        for name, one in VARIABLES.items()
        for default in [one.default.replace(f"{ROOT}/", "")]
    ]
    return "\n".join(["| variable | default | what |", "|---|---|---|", *rows])


def store_address() -> str:
    """Where the store is; a relative SQLite path counts from here, wherever the workers stand."""
    address, mark = setting("ENCOURS_STORE"), "sqlite:///"
    path = address.removeprefix(mark)
    return f"{mark}{Path(path).resolve()}" if address.startswith(mark) and path else address


def setting(name: str) -> str:
    """The value of a variable of VARIABLES, or its default."""
    return os.environ.get(name) or VARIABLES[name].default
