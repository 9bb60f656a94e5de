"""One buyer alone is meant, or all that may be are told."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.facts import Facts
from features.tables import conform
from serving.matching import DOUBTFUL, Matcher, french_vat, unambiguous

BUYERS: list[dict[str, Any]] = [
    {"buyer_id": "A", "name": "Ateliers Belmont SARL", "country": "FR"},
    {"buyer_id": "B", "name": "Ateliers Belmond SAS", "country": "FR"},
    {"buyer_id": "C", "name": "Ateliers Belmont", "country": "BE"},
    {"buyer_id": "D", "name": "Müller Metallbau GmbH & Co. KG", "country": "DE"},
    {"buyer_id": "E", "name": None, "country": "FR", "registration_number": "404 833 048"},
    {"buyer_id": "F-1", "name": "Café de la Gare", "country": "FR", "vat_number": "FR83404833048"},
    {
        "buyer_id": "G",
        "name": "Transports Grandville",
        "country": "FR",
        "vat_number": "DE129273398",
    },
    *({"buyer_id": f"N{i:04}", "name": f"Négoce {i}", "country": "FR"} for i in range(500)),
]


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    table = pa.Table.from_pylist(BUYERS, schema=conform_schema())
    return Matcher(Facts.of({"buyers": table}))


def conform_schema() -> pa.Schema:
    one = pa.table({"buyer_id": ["x"], "country": ["FR"]})
    return conform("buyers", one).schema


def ids(matcher: Matcher, matches: Any) -> list[str]:
    return [str(matcher._facts.buyers[match.code]) for match in matches]


@pytest.mark.parametrize(
    ("name", "country", "meant"),
    [
        ("muller metallbau", "DE", "D"),
        ("METALLBAU MÜLLER GmbH", "DE", "D"),
        ("Café de la Gare SARL", "FR", "F-1"),
        ("Ateliers Belmont", "BE", "C"),
    ],
)
def test_a_name_that_one_buyer_alone_has(
    matcher: Matcher, name: str, country: str, meant: str
) -> None:
    matches = matcher.named(name, country)
    assert ids(matcher, matches)[0] == meant
    assert unambiguous(matches)


@pytest.mark.parametrize(
    ("name", "country", "may_be"),
    [
        ("Ateliers Belmont", "FR", ["A", "B"]),  # one is called so, another nearly
        ("Ateliers Belmont", None, ["A", "C", "B"]),
        ("Atelier Belmon", "FR", ["A", "B"]),  # nobody is called so
        ("Transport Grandvile", "FR", ["G"]),
    ],
)
def test_a_name_that_leaves_a_doubt(
    matcher: Matcher, name: str, country: str | None, may_be: list[str]
) -> None:
    matches = matcher.named(name, country)
    assert ids(matcher, matches)[: len(may_be)] == may_be
    assert not unambiguous(matches)
    assert [one.confidence for one in matches] == sorted(
        (one.confidence for one in matches), reverse=True
    )


@pytest.mark.parametrize("name", ["Boulangerie du Port", "zzz", "", "!", "SARL"])
def test_nobody_is_meant(matcher: Matcher, name: str) -> None:
    assert not unambiguous(matcher.named(name, "FR"))
    assert not matcher.named(name, "JP")


@pytest.mark.parametrize(
    ("identifier", "meant"),
    [
        ("A", ["A"]),
        ("f-1", ["F-1"]),
        ("F1", ["F-1"]),
        ("404833048", ["E", "F-1"]),  # one by its SIREN, one by the VAT number made of it
        ("404 833 048 00022", ["E", "F-1"]),
        ("fr 83 404 833 048", ["E", "F-1"]),
        ("DE 129.273.398", ["G"]),
        ("DE129273399", []),
        ("", []),
        ("--", []),
    ],
)
def test_identifiers_are_exact(matcher: Matcher, identifier: str, meant: list[str]) -> None:
    matches = matcher.identified(identifier)
    assert ids(matcher, matches) == meant
    assert unambiguous(matches) == (len(meant) == 1)


def test_a_french_vat_number_is_made_of_the_siren() -> None:
    assert french_vat("404833048") == "FR83404833048"


@given(st.text(max_size=40), st.none() | st.sampled_from(["FR", "DE"]))
def test_any_words_are_answered(matcher: Matcher, words: str, country: str | None) -> None:
    matches = matcher.named(words, country)
    assert all(0.6 <= match.confidence <= 1 for match in matches)
    assert len({match.code for match in matches}) == len(matches)
    if unambiguous(matches):
        assert all(match.confidence < DOUBTFUL for match in matches[1:])
    matcher.identified(words)


def test_a_table_without_names() -> None:
    nameless = pa.Table.from_pylist([{"buyer_id": "A", "country": "FR"}], schema=conform_schema())
    assert Matcher(Facts.of({"buyers": nameless})).named("Ateliers") == []
