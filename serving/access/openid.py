"""Signing in through an OpenID Connect provider: code flow with PKCE, state and nonce (Authlib).

Roles come from a claim: `ENCOURS_OIDC_ROLES` says which value gives which role; the role that may
most wins. Who holds none of them is let in nowhere.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authlib.deprecate import AuthlibDeprecationWarning
from httpx import HTTPError
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from serving.access.caller import NAME, ROLES, check_role
from serving.access.peer import is_loopback
from serving.access.sessions import Sessions
from serving.environment import setting

with warnings.catch_warnings():  # that httpx will be httpx2 one day
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.base_client import OAuthError
    from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App

STATE_COOKIE = "encours_openid"
LONGEST = 600  # seconds to sign in over there
NAMES = ("preferred_username", "email", "sub")


class SignInFailed(ValueError):
    """Nobody was signed in: the message says why, for the person who tried."""


@dataclass(frozen=True)
class Vouched:
    """Whom the provider vouches for."""

    subject: str  # issuer and subject, which never change
    name: str
    role: str


class OpenId:
    """The provider at `issuer`; `roles` maps values of `claim` to our roles."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str | None,
        *,
        claim: str = "roles",
        roles: Mapping[str, str] | None = None,
    ) -> None:
        parts = urlsplit(issuer)
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise ValueError(f"ENCOURS_OIDC_ISSUER {issuer!r} is not an https address")
        self._issuer = issuer.rstrip("/")
        self._claim = claim
        self._roles = roles or dict(zip(ROLES, ROLES, strict=True))
        self._client: StarletteOAuth2App = OAuth().register(
            "encours",
            client_id=client_id,
            client_secret=client_secret,
            server_metadata_url=f"{self._issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
        )

    @classmethod
    def configured(cls) -> "OpenId":
        """The provider that the environment names. Raises ValueError."""
        client = setting("ENCOURS_OIDC_CLIENT_ID")
        if not client:
            raise ValueError("ENCOURS_OIDC_ISSUER is set, ENCOURS_OIDC_CLIENT_ID is not")
        return cls(
            setting("ENCOURS_OIDC_ISSUER"),
            client,
            setting("ENCOURS_OIDC_CLIENT_SECRET") or None,
            claim=setting("ENCOURS_OIDC_ROLE_CLAIM"),
            roles=read_roles(setting("ENCOURS_OIDC_ROLES")),
        )

    async def leave(self, request: Request, sessions: Sessions, back: str, then: str) -> Response:
        """Send a person to the provider, who sends it to `back`; `then` is where it wants to go.

        Raises SignInFailed where the provider does not answer.
        """
        request.scope["session"] = {}  # where Authlib keeps state, nonce and verifier
        try:
            response: Response = await self._client.authorize_redirect(request, back)
        except (HTTPError, OAuthError, RuntimeError, ValueError) as error:
            raise SignInFailed("the identity provider does not answer; try again") from error
        response.set_cookie(
            STATE_COOKIE,
            sessions.sign_state({**request.session, "then": then}),
            max_age=LONGEST,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    async def return_from(self, request: Request, sessions: Sessions) -> tuple[Vouched, str]:
        """Whom the provider sent back, and where it wanted to go. Raises SignInFailed."""
        kept = sessions.read_state(request.cookies.get(STATE_COOKIE, ""), LONGEST)
        then = str(kept.pop("then", "/"))
        request.scope["session"] = kept
        try:
            token = await self._client.authorize_access_token(request)
        except OAuthError as error:
            raise SignInFailed("the identity provider refused, or too long ago") from error
        except (HTTPError, JoseError, RuntimeError, ValueError) as error:
            raise SignInFailed("the identity provider's answer cannot be trusted") from error
        return self._vouched(token.get("userinfo") or {}), then

    def _vouched(self, claims: Mapping[str, Any]) -> Vouched:
        name = next((n for c in NAMES if NAME.fullmatch(n := str(claims.get(c, "")).lower())), None)
        if name is None:
            raise SignInFailed("the identity provider tells no usable name")
        told = claims.get(self._claim, [])
        values = [told] if isinstance(told, str) else list(told)
        held = {self._roles[value] for value in values if value in self._roles}
        if not held:
            raise SignInFailed(f"{name} has no role here; ask whoever grants them at the provider")
        most = max(held, key=lambda role: len(ROLES[role]))
        return Vouched(f"{self._issuer} {claims['sub']}", name, most)


def read_roles(text: str) -> dict[str, str]:
    """The mapping in `ENCOURS_OIDC_ROLES`. Raises ValueError.

    >>> read_roles("credit-team=underwriter, everyone=viewer")
    {'credit-team': 'underwriter', 'everyone': 'viewer'}
    """
    pairs = [pair.strip() for pair in text.split(",") if pair.strip()]
    if wrong := [pair for pair in pairs if "=" not in pair]:
        raise ValueError(f"ENCOURS_OIDC_ROLES: {wrong[0]!r} is not written as theirs=ours")
    split = [pair.rsplit("=", 1) for pair in pairs]
    return {theirs.strip(): check_role(ours.strip()) for theirs, ours in split}
