"""What a reader asks on the buyer page: the fields of its form as a question and a what-if."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from pydantic import ValidationError

from models.explanation import Language
from serving.contracts import ScoreRequest
from serving.problems import of_validation
from serving.what_if import Changes

ASKED = {
    "amount": "requested_amount",
    "terms": "terms_days",
    "guarantee": "guarantee_amount",
    "title": "retention_of_title",
    "surety": "surety",
    "top_up": "top_up_amount",
    "top_up_until": "top_up_until",
}
ACCOUNTS = "accounts."  # begins the fields of new accounts


class Question(NamedTuple):
    """The buyer as it stands on the day, as it is asked about, and what would be otherwise."""

    plain: ScoreRequest
    asked: ScoreRequest
    changes: Changes

    @property
    def is_what_if(self) -> bool:
        """Whether anything is asked beyond the buyer as it stands."""
        return bool(self.changes) or self.plain != self.asked


def question_of(
    fields: Mapping[str, str],
    buyer_id: str,
    last_known_day: date,
    language: Language,
    years: Sequence[Mapping[str, str]] = (),
) -> Question:
    """Read the form, and the `years` of new accounts beside it; an empty field asks nothing. Raises
    Problem naming each field that cannot be used."""
    given = {name: value for name, value in fields.items() if value != ""}
    if "top_up" not in given:
        given.pop("top_up_until", None)  # the form always holds a day
    known = {
        "buyer_id": buyer_id,
        "as_of_date": given.get("as_of", str(last_known_day)),
        "language": language,
    }
    asked = {ASKED[name]: value for name, value in given.items() if name in ASKED}
    changes: dict[str, Any] = {
        name: value for name, value in given.items() if name in Changes.model_fields
    }
    changes["statements"] = years or [accounts for accounts in [_accounts(given)] if accounts]
    try:
        return Question(
            ScoreRequest.model_validate(known),
            ScoreRequest.model_validate({**known, **asked}),
            Changes.model_validate(changes),
        )
    except ValidationError as error:
        raise of_validation(error) from error


def _accounts(given: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(ACCOUNTS): value
        for name, value in given.items()
        if name.startswith(ACCOUNTS)
    }
