"""The OpenID Connect provider, where people sign in through one."""

import httpx

from serving.doctor.finding import Finding


def check_provider(issuer: str) -> list[Finding]:
    """Whether the provider at `issuer` answers as one; nothing where none is configured."""
    if not issuer:
        return []
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    remedy = "mend ENCOURS_OIDC_ISSUER, or the way there; nobody signs in through it meanwhile"
    try:
        answer = httpx.get(address, timeout=5)
        named = answer.json()["issuer"] if answer.is_success else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        said = f"{address}: {error or type(error).__name__}"
        return [Finding("sign-in", "error", said, remedy)]
    if named is None:
        return [Finding("sign-in", "error", f"{address} answers {answer.status_code}", remedy)]
    if str(named).rstrip("/") != issuer.rstrip("/"):
        return [Finding("sign-in", "error", f"{issuer} calls itself {named}", remedy)]
    return [Finding("sign-in", "ok", f"{issuer} answers")]
