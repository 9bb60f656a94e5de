"""The environment: variables that nobody reads, and values that cannot be read."""

from collections.abc import Mapping
from difflib import get_close_matches

from serving.doctor.finding import Finding
from serving.environment import VARIABLES, setting

OURS = "ENCOURS_"


def check_variables(environment: Mapping[str, str]) -> list[Finding]:
    """What is wrong with our variables in `environment`."""
    found = [_unknown(name) for name in sorted(environment) if _is_stray(name)]
    workers = setting("ENCOURS_WORKERS")
    if not (workers.isdecimal() and int(workers) > 0):
        says = f"ENCOURS_WORKERS is {workers!r}"
        found.append(Finding("environment", "error", says, "set it to a number of processes"))
    return found or [Finding("environment", "ok", "every variable of ours is one we read")]


def _is_stray(name: str) -> bool:
    return name.startswith(OURS) and name not in VARIABLES


def _unknown(name: str) -> Finding:
    near = get_close_matches(name, VARIABLES, 1)
    meant = f"perhaps {near[0]} is meant" if near else "see the table in serving/DEPLOY.md"
    return Finding("environment", "warning", f"{name} is set, and nobody reads it", meant)
