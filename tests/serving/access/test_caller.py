import pytest

from serving.access.caller import Caller


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
