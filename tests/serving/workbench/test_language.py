"""Every word of the workbench is in its catalogues, and pages speak their reader's language."""

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment

from serving.problems import KINDS
from serving.workbench.frame import HERE
from serving.workbench.language import CATALOGUES

TEMPLATES = sorted((HERE / "templates").rglob("*.html"))
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-tip")
NAMES = {"encours", "OpenAPI", "Ctrl", "UTC"}  # the same in every language


def said() -> set[Any]:
    """Every message of templates, code and problems: a text, or a singular and its plural."""
    found = extract_from_dir(HERE, METHODS, options_map={"templates/**.html": {"trim_blocks": "1"}})
    problems = {text for kind in KINDS.values() for text in (kind.title, kind.meaning)}
    return {message for _, _, message, _, _ in found} | problems


def test_every_message_has_a_french_text_with_the_same_fields() -> None:
    with (CATALOGUES / "fr" / "LC_MESSAGES" / "workbench.po").open("rb") as file:
        words = read_po(file, locale="fr")
    missing = [m for m in said() if not words.get(m) or not words[m].string or words[m].fuzzy]
    assert missing == [], "run `make words`, then translate these"
    field = re.compile(r"%\((\w+)\)s")
    for message in words:
        for text in (message.string,) if isinstance(message.string, str) else message.string:
            first = message.id if isinstance(message.id, str) else message.id[0]
            assert set(field.findall(text)) == set(field.findall(first)), message.id
    assert {m.id for m in words if m.id} == said(), "run `make words`: some are not said any more"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_text_of_a_template_escapes_translation(path: Path) -> None:
    tokens = Environment(extensions=["jinja2.ext.i18n"]).lex(path.read_text())
    data = "".join(text if kind == "data" else "\0" for _, kind, text in tokens)
    for name, text in re.findall(r'([\w-]+)="([^"]*)"', data):
        assert name not in SPOKEN or not words_of(text) - NAMES, (name, text)
    shown = re.sub(r"<pre\b.*?</pre>|<[^>]*>", " ", data, flags=re.S)
    assert not words_of(shown) - NAMES


def words_of(text: str) -> set[str]:
    """The words in a text, without entities, addresses and what follows them."""
    bare = re.sub(r"&\w+;|\bhttp\S+|/[\w./-]+|\([^)]*\d[^)]*\)", " ", text)
    return set(re.findall(r"[^\W\d_]{2,}", bare))
