"""What the deployment says of its provider."""

import pytest

from serving.access.openid import OpenId, read_roles


def test_roles_are_mapped_or_named_wrong() -> None:
    assert read_roles("") == {}
    assert read_roles("cn=credit=underwriter, all=viewer") == {
        "cn=credit": "underwriter",
        "all": "viewer",
    }
    with pytest.raises(ValueError, match="'all' is not written as theirs=ours"):
        read_roles("all")
    with pytest.raises(ValueError, match="role 'boss' is none of"):
        read_roles("all=boss")


def test_a_provider_is_reached_safely_or_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    OpenId("https://id.example/realm", "encours", None)
    OpenId("http://127.0.0.1:8080", "encours", None)
    with pytest.raises(ValueError, match="is not an https address"):
        OpenId("http://id.example", "encours", None)
    monkeypatch.setenv("ENCOURS_OIDC_ISSUER", "https://id.example")
    with pytest.raises(ValueError, match="ENCOURS_OIDC_CLIENT_ID is not"):
        OpenId.configured()
