import json
import re
from typing import Any

import pytest
from babel.messages.pofile import read_po

from serving.workbench.language import CATALOGUES
from serving.workbench.sentences import said, translated

HOLE = re.compile(r"%\((\w+)\)s")


def test_the_translation_of_a_sentence_has_no_other_holes() -> None:
    with (CATALOGUES / "fr/LC_MESSAGES/sentences.po").open("rb") as file:
        sentences = [one for one in read_po(file, locale="fr") if one.id]
    assert len(sentences) > 300
    for one in sentences:
        assert one.string, one.id
        assert set(HOLE.findall(str(one.string))) <= set(HOLE.findall(str(one.id))), one.id


def test_parts_of_a_sentence_are_translated_too_and_numbers_rewritten() -> None:
    text = "too low: none; too high: 4, 6 (of 9 grades)"
    assert translated(text, "fr") == "trop bas : aucune ; trop haut : 4, 6 (sur 9 notes)"
    text = "0.899 [0.889, -0.909], judged by its lower bound; 36,241 rows, 849 defaults"
    assert translated(text, "fr") == (
        "0,899 [0,889 ; −0,909], jugé par sa borne basse ; 36\u202f241 lignes, 849 défauts"
    )


def test_the_sentence_that_says_most_is_the_one_that_is_meant() -> None:
    text = "largest change of a feature's missing share, train to test: 82.3%"
    told = translated(text, "fr")
    assert told is not None
    assert told.endswith("de l'apprentissage au test : 82,3\u00a0%")


@pytest.mark.parametrize("text", ["2026.1", "2025-06-30", "be2c8ab89b13…", "3.11.7", "B0000001"])
def test_what_only_looks_like_a_number_is_left_alone(text: str) -> None:
    assert said(text, "fr").replace(",", ".") == text


def test_people_are_told_in_plain_english_too() -> None:
    text = "Input should be a valid number, unable to parse string as a number"
    assert translated(text, "en") == "write a number, like 1000 or 2.5"
    assert said("AUC 0.906 [0.889, -0.922], 36,241 rows", "en").startswith("AUC 0.906 [0.889, ")


def test_a_person_is_told_in_french_and_a_machine_in_english(desk: Any, visitor: Any) -> None:
    visitor.sign_in("alice", "correct horse battery")
    headers = {"Accept": "application/json", "Accept-Language": "fr"}
    refused = visitor.get("/buyers/B0000001?terms=999", headers=headers)
    [error] = json.loads(refused.text)["errors"]
    assert error == {"field": "Délai, jours", "value": "999", "remedy": "donnez 365 au plus"}


def test_a_machine_is_told_in_english(client: Any) -> None:
    headers = {"Accept-Language": "fr"}
    refused = client.get("/buyers/B0000001?terms=999", headers=headers)
    [error] = json.loads(refused.text)["errors"]
    assert error["field"] == "terms_days"
    assert "less than or equal to 365" in error["remedy"]


def test_a_problem_page_has_no_word_of_english(visitor: Any) -> None:
    visitor.sign_in("alice", "correct horse battery")
    for path in ("/buyers/NOBODY", "/buyers/ODD-PERSON", "/buyers/B0000001?as_of=2099-01-01"):
        page = visitor.get(path, headers={"Accept": "text/html", "Accept-Language": "fr"}).text
        assert 'lang="en"' not in page.split("<main")[1], path
