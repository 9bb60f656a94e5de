"""Who asks, and what it may do: names, roles and their permissions, in one table.

Keys and people share one space of names, so that a name in a record says who it was. A key may hold
fewer of its role's permissions.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PERMISSIONS: Mapping[str, str] = {
    "read": "see buyers, scores, decisions, alerts and models",
    "decide": "ask for decisions, which are kept",
    "simulate": "ask what if, run scenarios",
    "declare": "declare overdues and claims",
    "override": "override a decision, decide a referral",
    "triage": "acknowledge, snooze and assign alerts",
    "import": "load tables",
    "govern": "change the policy, people and keys",
}

ROLES: Mapping[str, frozenset[str]] = {
    "viewer": frozenset({"read"}),
    "engine": frozenset({"read", "decide", "declare"}),
    "data-scientist": frozenset({"read", "simulate", "import"}),
    "underwriter": frozenset(PERMISSIONS) - {"govern"},
    "risk-admin": frozenset(PERMISSIONS),
}
NAME = re.compile(r"[a-z0-9][a-z0-9.@_+-]{0,63}")


@dataclass(frozen=True)
class Caller:
    """A machine by its key, or a person. `scope` narrows the role's permissions, where given."""

    name: str
    role: str
    kind: Literal["key", "person"]
    scope: frozenset[str] | None = None

    def may(self, permission: str) -> bool:
        """Whether role and scope hold the permission."""
        held = self.scope is None or permission in self.scope
        return held and permission in ROLES[self.role]


def check_role(role: str) -> str:
    """`role`, where it is one. Raises ValueError naming those there are."""
    if role not in ROLES:
        raise ValueError(f"role {role!r} is none of {', '.join(ROLES)}")
    return role


def scope_of(role: str, permissions: list[str]) -> str | None:
    """The permissions a key of `role` is narrowed to, as kept; None where it has all of its role.

    Raises ValueError where one is unknown, or not of the role.

    >>> scope_of("engine", ["decide", "read"])
    'decide read'
    """
    for permission in permissions:
        if permission not in ROLES[check_role(role)]:
            remedy = ", ".join(sorted(ROLES[role]))
            raise ValueError(f"permission {permission!r} is none of {role}'s: {remedy}")
    return " ".join(sorted(set(permissions))) or None


def check_name(name: str) -> str:
    """`name`, where it can be one. Raises ValueError.

    >>> check_name("erp-paris")
    'erp-paris'
    """
    if not NAME.fullmatch(name):
        raise ValueError(
            f"name {name!r}: use up to 64 of a-z 0-9 . @ _ + -, a letter or digit first"
        )
    return name
