"""Roles and what each may do, in one table; a key may hold fewer of its role's permissions."""

from collections.abc import Mapping

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
