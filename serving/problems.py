"""Errors a caller can act on: RFC 9457 problem documents that name field, value and remedy."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError
from starlette.responses import Response

from serving.workbench.words import N_

LONGEST_VALUE = 120


class Kind(NamedTuple):
    """One kind of problem: its HTTP status, title and what it means."""

    status: int
    title: str
    meaning: str


KINDS: Mapping[str, Kind] = {
    "malformed-json": Kind(
        400,
        N_("Not JSON"),
        N_("the body cannot be read as JSON"),
    ),
    "unauthenticated": Kind(
        401,
        N_("Sign in first"),
        N_("no key or session came along that this service knows"),
    ),
    "forbidden": Kind(
        403,
        N_("Not allowed"),
        N_("the role lacks the permission named; a risk administrator can give another"),
    ),
    "unproven": Kind(
        403,
        N_("This page is too old"),
        N_(
            "a write carries the token of the session whose page sent it; reload the page, "
            "try again"
        ),
    ),
    "unknown-buyer": Kind(
        404,
        N_("Unknown buyer"),
        N_("no buyer of the loaded tables has this buyer_id"),
    ),
    "unknown-decision": Kind(
        404,
        N_("Unknown decision"),
        N_("the store holds no decision of this id"),
    ),
    "unknown-declaration": Kind(
        404,
        N_("Unknown declaration"),
        N_("no overdue or claim of this id was declared"),
    ),
    "unknown-override": Kind(
        404,
        N_("Unknown override"),
        N_("the store holds no override of this id"),
    ),
    "unknown-referral": Kind(
        404,
        N_("Unknown referral"),
        N_("the store holds no referral of this id"),
    ),
    "unknown-alert": Kind(
        404,
        N_("Unknown alert"),
        N_("the store holds no alert of this id"),
    ),
    "not-found": Kind(
        404,
        N_("Not found"),
        N_("no such address"),
    ),
    "method-not-allowed": Kind(
        405,
        N_("Method not allowed"),
        N_("the address answers other methods"),
    ),
    "too-slow": Kind(
        408,
        N_("Body too slow"),
        N_("the body did not arrive in time; send it again"),
    ),
    "ambiguous-buyer": Kind(
        409,
        N_("More than one buyer may be meant"),
        N_("`candidates` lists them; ask again with the buyer_id of the one that is meant"),
    ),
    "already-decided": Kind(
        409,
        N_("Already decided"),
        N_("somebody decided this before"),
    ),
    "not-replayable": Kind(
        409,
        N_("Cannot be replayed"),
        N_("what this decision was made from is not in the archive"),
    ),
    "too-large": Kind(
        413,
        N_("Request too large"),
        N_("the body exceeds the documented size"),
    ),
    "invalid-request": Kind(
        422,
        N_("Request breaks the contract"),
        N_("one or more fields cannot be used; `errors` lists them"),
    ),
    "key-reused": Kind(
        422,
        N_("Idempotency key reused"),
        N_("this Idempotency-Key came before with another question; use a new key for a new write"),
    ),
    "natural-person": Kind(
        422,
        N_("Natural persons are not scored"),
        N_(
            "scoring the creditworthiness of natural persons, sole traders included, is "
            "high-risk under Regulation (EU) 2024/1689, Annex III 5(b); this service answers "
            "for legal entities only"
        ),
    ),
    "rate-limited": Kind(
        429,
        N_("Too many requests"),
        N_("ask again after the seconds of `Retry-After`"),
    ),
    "internal": Kind(
        500,
        N_("Internal error"),
        N_("our fault; the log of the service holds the cause"),
    ),
    "overloaded": Kind(
        503,
        N_("Overloaded"),
        N_("more is asked than can be answered soon; ask again after `Retry-After`"),
    ),
    "store-unavailable": Kind(
        503,
        N_("Store unavailable"),
        N_("the decision could not be kept, so it is not given; try again"),
    ),
}


class FieldError(NamedTuple):
    """What is wrong with one field and what to do."""

    field: str
    value: str
    remedy: str


class Problem(Exception):
    """An answer that is no decision. `kind` is a key of KINDS; `candidates` are the buyers that
    may be meant."""

    def __init__(
        self,
        kind: str,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        candidates: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.headers = headers
        self.candidates = candidates

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.kind].status

    def document(self) -> dict[str, Any]:
        """The problem document; `type` leads to its entry in the API documentation."""
        document = {
            "type": f"/docs#problem-{self.kind}",
            "title": KINDS[self.kind].title,
            "status": self.status,
            "detail": self.detail,
            "errors": [error._asdict() for error in self.errors],
        }
        return document if self.candidates is None else {**document, "candidates": self.candidates}

    def response(self) -> Response:
        """The HTTP response."""
        return Response(
            orjson.dumps(self.document()),
            self.status,
            self.headers,
            media_type="application/problem+json",
        )


def of_validation(error: ValidationError) -> Problem:
    """The problem behind a request that does not fit its contract."""
    faults = error.errors(include_url=False)
    if faults[0]["type"] == "json_invalid":
        return Problem("malformed-json", faults[0]["msg"])
    return of_faults(faults)


def of_faults(faults: Sequence[Mapping[str, Any]]) -> Problem:
    """The problem behind faults as pydantic tells them."""
    errors = [
        FieldError(
            ".".join(str(part) for part in fault["loc"]) or "request",
            "" if fault["type"] == "missing" else shown(fault["input"]),
            fault["msg"].removeprefix("Value error, "),
        )
        for fault in faults
    ]
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return Problem("invalid-request", f"{first.field}: {first.remedy}{more}", errors)


def field_problem(field: str, value: Any, remedy: str) -> Problem:
    """The problem of one field that cannot be used."""
    told = value if isinstance(value, str) else str(value)
    error = FieldError(field, shown(told), remedy)
    return Problem("invalid-request", f"{field}: {remedy}", [error])


def store_unavailable(detail: str) -> Problem:
    """The problem of a store that does not answer, or does not keep."""
    return Problem("store-unavailable", detail, headers={"Retry-After": "5"})


def shown(value: Any) -> str:
    """A value as it may stand in an error: short, whatever was sent.

    >>> shown(float("inf")), len(shown("x" * 1000))
    ('inf', 120)
    """
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
