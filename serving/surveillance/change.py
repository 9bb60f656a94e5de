"""What moved between two runs: the change in log-odds by topic, and the same in words.

model + Σ topics = change of log-odds: `model` is the change of the base, 0 while the model is the
same. Under a new model the topics' changes are the two models' views, and the text says so.
"""

from collections.abc import Mapping
from typing import Any

from features.feature import TOPICS
from models.explanation import LANGUAGES, Language
from serving.surveillance.columns import TOPIC_COLUMNS

Row = Mapping[str, Any]
Texts = dict[Language, str]

TOLD = 3  # topics named in a sentence
LEAST = 0.005  # of log-odds; less is not worth a word

_WORDS: dict[Language, tuple[str, str, str, str]] = {
    "en": ("Default probability {0} → {1}, grade {2} → {3}", "Moved by: ", "others", "new model"),
    "fr": (
        "Probabilité de défaut {0} → {1}, note {2} → {3}",
        "Dû à : ",
        "autres",
        "nouveau modèle",
    ),
}


def change(before: Row, after: Row) -> dict[str, Any]:
    """The change between two rows of one buyer, strongest topic first; all of it adds up."""
    topics = [
        {
            "topic": topic,
            "label": dict(zip(LANGUAGES, TOPICS[topic], strict=True)),
            "log_odds": moved,
        }
        for topic, column in TOPIC_COLUMNS.items()
        if (moved := after[column] - before[column])
    ]
    return {
        "log_odds": after["log_odds"] - before["log_odds"],
        "model": after["base_log_odds"] - before["base_log_odds"],
        "model_changed": after["model_version"] != before["model_version"],
        "topics": sorted(topics, key=lambda topic: -abs(topic["log_odds"])),
    }


def say_change(before: Row, after: Row, moved: Mapping[str, Any]) -> Texts:
    """The change in a sentence or two, whose numbers add up."""
    return {language: _say(language, before, after, moved) for language in LANGUAGES}


def _say(language: Language, before: Row, after: Row, moved: Mapping[str, Any]) -> str:
    told, by, others, new_model = _WORDS[language]
    head = told.format(
        percent(before["default_probability"], language),
        percent(after["default_probability"], language),
        before["grade"],
        after["grade"],
    )
    parts = [(t["label"][language], t["log_odds"]) for t in moved["topics"]]
    if moved["model_changed"]:
        parts.insert(0, (new_model, moved["model"]))
    named = [part for part in parts[:TOLD] if abs(part[1]) >= LEAST]
    rest = moved["log_odds"] - sum(value for _, value in named)
    if abs(rest) >= LEAST:
        named.append((others, rest))
    if not named:
        return f"{head}."
    said = ", ".join(f"{label} {_signed(value, language)}" for label, value in named)
    return f"{head}. {by}{said} (= {_signed(moved['log_odds'], language)} log-odds)."


def percent(probability: float, language: Language) -> str:
    """A probability for a reader.

    >>> percent(0.0331, "fr")
    '3,31 %'
    """
    text = f"{100 * probability:.2f} %"
    return text.replace(".", ",") if language == "fr" else text


def _signed(value: float, language: Language) -> str:
    text = f"{value:+.2f}".replace("-", "−")
    return text.replace(".", ",") if language == "fr" else text
