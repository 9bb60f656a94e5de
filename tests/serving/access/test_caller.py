import pytest

from serving.access.caller import PERMISSIONS, ROLES, Caller, check_name, check_role, scope_of


@pytest.mark.parametrize(
    ("role", "scope", "permission", "may"),
    [
        ("engine", None, "decide", True),
        ("engine", None, "override", False),
        ("engine", frozenset({"decide"}), "decide", True),
        ("engine", frozenset({"decide"}), "read", False),
        ("viewer", frozenset({"govern"}), "govern", False),  # a scope never widens a role
    ],
)
def test_role_and_scope_must_both_hold_it(role, scope, permission, may) -> None:
    assert Caller("erp", role, "key", scope).may(permission) is may


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


@pytest.mark.parametrize("name", ["erp", "erp-paris.2", "alice@example.com", "7", "a" * 64])
def test_a_name_that_can_stand_in_a_record(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", "Alice", "a b", "-x", "a" * 65, "é", "a\n", "a\x00"])
def test_another_is_refused_with_what_would_do(name: str) -> None:
    with pytest.raises(ValueError, match="use up to 64 of a-z"):
        check_name(name)
