"""The OpenAPI document: what routes say of their bodies and problems, and how it is completed."""

from collections.abc import Callable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from serving.answers import ProblemDocument
from serving.fields import Strict
from serving.problems import KINDS

AT_THE_DOOR = (
    "unauthenticated",
    "forbidden",
    "rate-limited",
    "too-slow",
    "overloaded",
    "store-unavailable",
)
# What every operation that writes may answer.
WRITING = ("malformed-json", "too-large", "invalid-request", "key-reused", "store-unavailable")
KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "a word of your own, new for each write: sent again with the same question, it "
    "gives the same bytes and writes nothing",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "example": "order-2025-0412",
}
ABOUT = (
    "Send a key that `encours key create` made, as `Authorization: Bearer …` or `X-API-Key`. Every "
    "error is a problem document (RFC 9457) that names field, value and remedy; after 429 and 503, "
    "ask again when `Retry-After` seconds have passed. A write that bears an `Idempotency-Key` can "
    "be sent again: it is done once. Lists end with a `next_cursor`, null on the last page; those "
    "of alerts and referrals, oldest first, always have one, to ask with again later. A parameter "
    "or field that is not documented is refused."
)
HEADER = {
    "type": "apiKey",
    "in": "header",
    "name": "X-API-Key",
    "description": "The same key, where a client cannot send `Authorization`.",
}
# What parameters mean that say nothing themselves, and a value of each.
PARAMETERS: dict[str, tuple[str, str]] = {
    "query": ("who is looked for", "Software Harrowwell"),
    "country": ("ISO 3166-1 alpha-2", "US"),
    "buyer_id": ("only this buyer", "B0000017"),
    "in_force_on": ("only what is in force on this day", "2025-06-30"),
    "state": ("only these states", "open"),
    "declaration_id": ("as the declaration was answered", "1f0c7f5e-6d0b-4a61-9d8e-2f8f5c0a7a11"),
    "override_id": ("as the override was answered", "7c0f9a52-52a4-4d7e-8a55-0c7c3e0f6b21"),
    "referral_id": ("as the list of referrals names it", "0e7a4a3c-95c6-4d55-8f0e-6b1d2c3a4b5c"),
    "decision_id": ("as the decision was answered", "8f3cbb62-3f2e-4a5c-9a1d-3a4b5c6d7e8f"),
    "alert_id": ("as the list of alerts names it", "196ccaf6-5f93-5ace-a299-6af4f2546e59"),
}
REFERENCE = "#/components/schemas/{model}"


def problems(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """The problems an operation may answer with (keys of KINDS), for its `responses`."""
    content = {
        "application/problem+json": {"schema": {"$ref": REFERENCE.format(model="ProblemDocument")}}
    }
    documented: dict[int | str, dict[str, Any]] = {}
    for kind in (*kinds, "internal"):
        status, title, _ = KINDS[kind]
        before = documented.get(status, {}).get("description")
        text = f"{before}; {title}" if before else title
        documented[status] = {"description": text, "content": content}
    return documented


def answer(model: Any, says: str, example: Any, status: int = 200) -> dict[int | str, Any]:
    """The answer that an operation gives, for its `responses`."""
    content = {"application/json": {"example": example}}
    return {status: {"model": model, "description": says, "content": content}}


def body(contract: type[Strict], **examples: Any) -> dict[str, Any]:
    """The documentation of a body that the route reads itself, for its `openapi_extra`."""
    media: dict[str, Any] = {"schema": {"$ref": REFERENCE.format(model=contract.__name__)}}
    media["examples"] = {name: {"value": value} for name, value in examples.items()}
    return {"requestBody": {"required": True, "content": {"application/json": media}}}


def write(contract: type[Strict] | None = None, **examples: Any) -> dict[str, Any]:
    """The same of an operation that writes: it may be repeated under one key."""
    return {**(body(contract, **examples) if contract else {}), "parameters": [KEY]}


def complete(app: FastAPI) -> None:
    """Let the document of `app` define the bodies that routes read themselves, and say what the
    door may answer."""
    generate: Callable[[], dict[str, Any]] = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema  # completed before
        document = generate()
        _restore_examples(app, document)
        for operation in _operations(document):
            _explain(operation.get("parameters", ()))
            if "security" in operation:
                operation["security"] = [*operation["security"], {"header": []}]
                at_the_door = problems(*AT_THE_DOOR).items()
                operation["responses"] |= {str(status): said for status, said in at_the_door}
                for status, said in problems("invalid-request").items():  # an unknown parameter
                    operation["responses"].setdefault(str(status), said)
        document["components"]["securitySchemes"]["header"] = HEADER
        schemas = document["components"]["schemas"]
        contracts: list[type[BaseModel]] = [*_bodies(document), ProblemDocument]
        for contract in contracts:
            schema = contract.model_json_schema(ref_template=REFERENCE)
            schemas |= schema.pop("$defs", {})
            schemas[contract.__name__] = schema
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _explain(parameters: list[dict[str, Any]]) -> None:
    """Give each parameter words and an example, where it has none."""
    for parameter in parameters:
        if parameter["name"] in PARAMETERS:
            words, example = PARAMETERS[parameter["name"]]
            parameter.setdefault("description", words)
            parameter.setdefault("example", [example] if _is_list(parameter) else example)


def _is_list(parameter: dict[str, Any]) -> bool:
    kinds = parameter["schema"].get("anyOf", [parameter["schema"]])
    return any(kind.get("type") == "array" for kind in kinds)


def _restore_examples(app: FastAPI, document: dict[str, Any]) -> None:
    """FastAPI drops what is null from its document, from the examples too."""
    for route in iter_route_contexts(app.routes):
        for method in route.methods or ():
            operation = document["paths"].get(route.path_format, {}).get(method.lower(), {})
            for status, said in getattr(route.original_route, "responses", {}).items():
                media = said.get("content", {}).get("application/json", {})
                if "example" in media and operation:
                    content = operation["responses"][str(status)]["content"]
                    content["application/json"]["example"] = media["example"]


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for methods in document["paths"].values() for one in methods.values()]


def _bodies(document: dict[str, Any]) -> list[type[BaseModel]]:
    """The contracts that operations name as their body."""
    named = {
        operation["requestBody"]["content"]["application/json"]["schema"].get("$ref")
        for operation in _operations(document)
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    return [
        contract
        for contract in _descendants(Strict)
        if REFERENCE.format(model=contract.__name__) in named
    ]


def _descendants(contract: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for child in contract.__subclasses__():
        yield child
        yield from _descendants(child)
