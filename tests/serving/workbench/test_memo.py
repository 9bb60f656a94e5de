"""The memo is one page that says what was kept."""

import re
import zlib
from typing import Any

import orjson
import pytest

from models.explanation import Language
from serving.decide import Desk
from serving.workbench.buyer import identity
from serving.workbench.memo import memo


def kept(client: Any, desk: Desk, buyer_id: str = "B0000017", path: str = "/score") -> Any:
    asked = {"buyer_id": buyer_id, "as_of_date": "2025-06-30", "requested_amount": 80_000}
    record = desk.store.find(client.post(path, json=asked).json()["decision_id"])
    assert record is not None
    return record, orjson.loads(record.answer)


def glyphs(content: bytes) -> int:
    """How many letters the page shows: each is two bytes of a shown string."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.S)
    drawn = b"".join(zlib.decompress(s) for s in streams if s[:1] == b"x")
    return sum(len(text) // 2 for text in re.findall(rb"\((.*?)\) Tj", drawn, re.S))


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("buyer_id", ["B0000017", "ODD-NAME"])
def test_a_decision_fits_one_page(
    client: Any, desk: Desk, language: Language, buyer_id: str
) -> None:
    record, answer = kept(client, desk, buyer_id)
    buyer = identity(desk.portfolio, desk.portfolio.facts.code_of(buyer_id), language)
    content = memo(record, answer, buyer, language)
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Type /Page\n") == 1
    assert b"DejaVuSans" in content
    assert glyphs(content) > 500


def test_an_override_stands_beside_the_model(client: Any, desk: Desk) -> None:
    record, answer = kept(client, desk)
    buyer = identity(desk.portfolio, desk.portfolio.facts.code_of("B0000017"))
    override = {"limit": 9e4, "grade": None, "model_limit": 1e4, "model_grade": "8"}
    told = {**answer, "overrides": [{**override, "set_by": "ursula", "role": "underwriter"}]}
    assert glyphs(memo(record, told, buyer, "en")) > glyphs(memo(record, answer, buyer, "en"))
