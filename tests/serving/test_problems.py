import orjson
import pytest
from pydantic import BaseModel, Field, ValidationError

from serving.problems import KINDS, LONGEST_VALUE, FieldError, Problem, of_validation, shown


class Question(BaseModel):
    amount: float = Field(gt=0)
    note: str


@pytest.mark.parametrize("kind", KINDS)
def test_a_problem_is_an_rfc_9457_document(kind: str) -> None:
    response = Problem(kind, "because", [FieldError("a", "1", "mend it")]).response()
    assert response.media_type == "application/problem+json"
    assert response.status_code == KINDS[kind].status
    assert orjson.loads(response.body) == {
        "type": f"/docs#problem-{kind}",
        "title": KINDS[kind].title,
        "status": response.status_code,
        "detail": "because",
        "errors": [{"field": "a", "value": "1", "remedy": "mend it"}],
    }


def test_headers_travel_with_the_problem() -> None:
    assert (
        Problem("store-unavailable", "", headers={"Retry-After": "5"})
        .response()
        .headers["retry-after"]
        == "5"
    )


def _fault(body: str) -> Problem:
    with pytest.raises(ValidationError) as raised:
        Question.model_validate_json(body)
    return of_validation(raised.value)


def test_every_field_is_named_with_value_and_remedy() -> None:
    problem = _fault('{"amount": -3}')
    assert problem.kind == "invalid-request"
    assert [(e.field, e.value) for e in problem.errors] == [("amount", "-3"), ("note", "")]
    assert problem.errors[0].remedy == "Input should be greater than 0"
    assert problem.detail == "amount: Input should be greater than 0 (and 1 more)"


def test_what_is_not_json_is_said_to_be_so() -> None:
    problem = _fault("{amount")
    assert problem.kind == "malformed-json"
    assert not problem.errors


def test_a_long_value_is_cut() -> None:
    assert len(shown(["x" * 10_000])) == LONGEST_VALUE
    assert shown("short") == "short"
