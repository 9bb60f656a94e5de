"""The API's documentation as plain values, read from its OpenAPI document."""

import json
from collections.abc import Mapping
from typing import Any

from serving.problems import KINDS

SHOWN = ("ScoreRequest", "RawFacts", "Decision")


def described(document: Mapping[str, Any]) -> dict[str, Any]:
    """Operations, the schemas behind them, and the problems they may answer with."""
    schemas = document["components"]["schemas"]
    rows = [name for name in schemas if name.endswith("Row")]
    return {
        "operations": [
            _operation(path, method, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ],
        "schemas": [_schema(name, schemas[name]) for name in (*SHOWN, *sorted(rows))],
        "problems": KINDS,
    }


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return {
        "path": path,
        "method": method.upper(),
        "says": operation["description"],
        "examples": {
            name.replace("_", " "): json.dumps(example["value"], indent=2)
            for name, example in body.get("examples", {}).items()
        },
        "answers": {
            status: response["description"] for status, response in operation["responses"].items()
        },
    }


def _schema(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    required = schema.get("required", ())
    return {
        "name": name,
        "says": schema.get("description", "").replace("`", ""),
        "fields": [
            {
                "name": field,
                "kind": kind(content),
                "required": field in required,
                "says": content.get("description", ""),
            }
            for field, content in schema["properties"].items()
        ],
    }


def kind(schema: Mapping[str, Any]) -> str:
    """The type of a JSON schema in a few words.

    >>> kind({"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "null"}]})
    'number > 0'
    >>> kind({"type": "array", "items": {"$ref": "#/components/schemas/InvoiceRow"}})
    'list of InvoiceRow'
    """
    if "anyOf" in schema:
        return " or ".join(kind(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {kind(schema['items'])}"
    text = str(schema.get("format", schema.get("type", "any")))
    bounds = (("exclusiveMinimum", ">"), ("minimum", "≥"), ("maximum", "≤"))
    return " ".join([text, *(f"{sign} {schema[key]:g}" for key, sign in bounds if key in schema)])
