"""A provider that people cannot sign in through is told before they try."""

import pytest

from serving.doctor.provider import check_provider
from tests.serving.access.openid_provider import Provider, serving


def test_none_is_asked_where_none_is_configured() -> None:
    assert check_provider("") == []


def test_one_that_answers_is_well_and_another_is_not() -> None:
    with serving(Provider({})) as provider:
        (well,) = check_provider(provider.issuer)
        (elsewhere,) = check_provider(provider.issuer + "/tenant")
    assert well.level == "ok"
    assert (elsewhere.level, "calls itself" in elsewhere.says) == ("error", True)


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9", "https://"])
def test_one_that_is_not_there_is_an_error(issuer: str) -> None:
    (told,) = check_provider(issuer)
    assert told.level == "error"
    assert "ENCOURS_OIDC_ISSUER" in told.remedy
