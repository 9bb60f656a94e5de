import pytest

from serving.access.roles import PERMISSIONS, ROLES, check_role, scope_of


def test_the_table_is_the_one_agreed() -> None:
    assert {role: " ".join(sorted(held)) for role, held in ROLES.items()} == {
        "viewer": "read",
        "engine": "decide declare read",
        "data-scientist": "import read simulate",
        "underwriter": "decide declare import override read simulate triage",
        "risk-admin": "decide declare govern import override read simulate triage",
    }
    assert frozenset().union(*ROLES.values()) == set(PERMISSIONS)


def test_a_scope_is_within_its_role() -> None:
    assert scope_of("engine", []) is None
    assert scope_of("engine", ["read", "decide", "read"]) == "decide read"
    with pytest.raises(ValueError, match="'govern' is none of engine's: decide, declare, read"):
        scope_of("engine", ["govern"])
    with pytest.raises(ValueError, match="role 'root' is none of viewer"):
        check_role("root")
