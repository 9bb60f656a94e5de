"""The environment: variables that nobody reads, and values that cannot be used."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from ipaddress import ip_network
from urllib.parse import urlsplit

from serving.access.openid import OpenId
from serving.doctor.finding import Finding
from serving.environment import VARIABLES, setting
from serving.surveillance import digest, webhooks

OURS = "ENCOURS_"


def check_variables(environment: Mapping[str, str]) -> list[Finding]:
    """What is wrong with our variables in `environment`."""
    found = [_unknown(name) for name in sorted(environment) if _is_stray(name)]
    for name, (read, remedy) in USED.items():
        value = setting(name)
        try:
            if value:
                read(value)
        except ValueError as error:
            shown = "" if "SECRET" in name or "SMTP" in name else f" is {value!r}"
            says = f"{name}{shown}: {error}"
            found.append(Finding("environment", "error", says, remedy))
    return found or [Finding("environment", "ok", "every variable of ours is one we read")]


def _is_stray(name: str) -> bool:
    return name.startswith(OURS) and name not in VARIABLES


def _unknown(name: str) -> Finding:
    near = get_close_matches(name, VARIABLES, 1)
    meant = f"perhaps {near[0]} is meant" if near else "see the table in serving/DEPLOY.md"
    return Finding("environment", "warning", f"{name} is set, and nobody reads it", meant)


def _workers(value: str) -> None:
    if not (value.isdecimal() and int(value) > 0):
        raise ValueError("no number of processes")


def _public(value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("no http(s) address")


def _proxies(value: str) -> None:
    for one in value.split(","):
        if one.strip() != "*":
            ip_network(one.strip())


def _addresses(_: str) -> None:
    if not setting("ENCOURS_SMTP"):
        raise ValueError("digests have no server to go through")


# Those that are read late, when something is sent or somebody signs in: who reads them, a remedy.
USED: Mapping[str, tuple[Callable[[str], object], str]] = {
    "ENCOURS_WORKERS": (_workers, "set it to a number of processes"),
    "ENCOURS_PUBLIC_URL": (_public, "like https://encours.example"),
    "ENCOURS_TRUSTED_PROXIES": (_proxies, "name proxies by address, like 10.0.0.2,10.0.0.3"),
    "ENCOURS_WEBHOOK_SECRET": (webhooks.secret, "alerts are not sent before"),
    "ENCOURS_SMTP": (digest.server_at, "digests are not sent before"),
    "ENCOURS_DIGEST_TO": (_addresses, "set ENCOURS_SMTP, or no addresses"),
    "ENCOURS_OIDC_ISSUER": (
        lambda _: OpenId.configured(),
        "see the variables of OpenID Connect in serving/DEPLOY.md",
    ),
}
