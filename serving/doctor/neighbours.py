"""The services beside ours: an OpenID Connect provider, where people sign in through one, and
MLflow: training and promotion need it, serving does not."""

from pathlib import Path

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


def check_registry(address: str) -> Finding:
    """Whether the tracking server at `address` answers, or its file is there."""
    needless = "the service goes on without; `encours train` and `encours promote` need it"
    if address.startswith(("http://", "https://")):
        try:
            answer = httpx.get(f"{address.rstrip('/')}/health", timeout=5)
            if answer.is_success:
                return Finding("mlflow", "ok", f"{address} answers")
            said = f"{address} answers {answer.status_code}"
        except httpx.HTTPError as error:
            said = f"{address}: {error or type(error).__name__}"
        return Finding(
            "mlflow", "warning", said, f"start it, or mend MLFLOW_TRACKING_URI; {needless}"
        )
    path = Path(address.removeprefix("sqlite:///"))
    if address.startswith("sqlite:///") and not path.is_file():
        return Finding("mlflow", "warning", f"{path} is not there yet", needless)
    return Finding("mlflow", "ok", address)
