"""Errors a caller can act on: RFC 9457 problem documents that name field, value and remedy."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError
from starlette.responses import Response

LONGEST_VALUE = 120


class Kind(NamedTuple):
    """One kind of problem: its HTTP status, title and what it means."""

    status: int
    title: str
    meaning: str


KINDS: Mapping[str, Kind] = {
    "malformed-json": Kind(400, "Not JSON", "the body cannot be read as JSON"),
    "unauthenticated": Kind(
        401, "Sign in first", "no key or session came along that this service knows"
    ),
    "forbidden": Kind(
        403,
        "Not allowed",
        "the role lacks the permission named; a risk administrator can give another",
    ),
    "unproven": Kind(
        403,
        "This page is too old",
        "a write carries the token of the session whose page sent it; reload the page, try again",
    ),
    "unknown-buyer": Kind(404, "Unknown buyer", "no buyer of the loaded tables has this buyer_id"),
    "unknown-decision": Kind(404, "Unknown decision", "the store holds no decision of this id"),
    "not-found": Kind(404, "Not found", "no such address"),
    "method-not-allowed": Kind(405, "Method not allowed", "the address answers other methods"),
    "too-large": Kind(413, "Request too large", "the body exceeds the documented size"),
    "invalid-request": Kind(
        422, "Request breaks the contract", "one or more fields cannot be used; `errors` lists them"
    ),
    "natural-person": Kind(
        422,
        "Natural persons are not scored",
        "scoring the creditworthiness of natural persons, sole traders included, is high-risk under"
        " Regulation (EU) 2024/1689, Annex III 5(b); this service answers for legal entities only",
    ),
    "rate-limited": Kind(429, "Too many requests", "ask again after the seconds of `Retry-After`"),
    "internal": Kind(500, "Internal error", "our fault; the log of the service holds the cause"),
    "store-unavailable": Kind(
        503, "Store unavailable", "the decision could not be kept, so it is not given; try again"
    ),
}


class FieldError(NamedTuple):
    """What is wrong with one field and what to do."""

    field: str
    value: str
    remedy: str


class Problem(Exception):
    """An answer that is no decision. `kind` is a key of KINDS."""

    def __init__(
        self,
        kind: str,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.headers = headers

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.kind].status

    def document(self) -> dict[str, Any]:
        """The problem document; `type` leads to its entry in the API documentation."""
        return {
            "type": f"/docs#problem-{self.kind}",
            "title": KINDS[self.kind].title,
            "status": self.status,
            "detail": self.detail,
            "errors": [error._asdict() for error in self.errors],
        }

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


def shown(value: Any) -> str:
    """A value as it may stand in an error: short, whatever was sent.

    >>> shown(float("inf")), len(shown("x" * 1000))
    ('inf', 120)
    """
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
