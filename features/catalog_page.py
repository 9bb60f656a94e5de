"""The catalogue for people: on the screen, one by one, as a page."""

from difflib import get_close_matches

from rich.markup import escape
from rich.table import Table

from features.catalog import CATALOG, NAMES
from features.feature import TOPICS

SIGNS = {1: "raises the risk", -1: "lowers the risk", 0: "no sign imposed"}


def catalog_listing(topic: str | None = None) -> Table:
    """The catalogue for the screen, all topics or one; ValueError where there is no such topic."""
    if topic not in (None, *TOPICS):
        raise ValueError(f"no topic {topic!r}; one of {', '.join(TOPICS)}")
    listing = Table("feature", "meaning", "unit", "formula", "source", "sign", "topic")
    for feature in CATALOG:
        if topic in (None, feature.topic):
            sign = {1: "+", -1: "-", 0: ""}[feature.monotone]
            words = (feature.name, feature.en, feature.unit, feature.formula, feature.source)
            listing.add_row(*map(escape, words), sign, feature.topic)
    return listing


def feature_card(name: str) -> Table:
    """All the catalogue says of one feature; ValueError gives the nearest name of one it lacks."""
    found = next((feature for feature in CATALOG if feature.name == name), None)
    if found is None:
        near = get_close_matches(name, NAMES, 3)
        remedy = f"did you mean {' or '.join(near)}?" if near else "`encours features` lists them"
        raise ValueError(f"no feature {name!r}; {remedy}")
    card = Table(show_header=False, title=found.name, title_justify="left")
    for what, words in {
        "topic": " / ".join(TOPICS[found.topic]),
        "in English": found.en,
        "in French": found.fr,
        "unit": found.unit,
        "formula": found.formula,
        "source": found.source,
        "known": found.known,
        "sign": f"{SIGNS[found.monotone]}: {found.why}",
        "read by": f"{found.role}{', the buyer can change it' if found.actionable else ''}",
    }.items():
        card.add_row(what, escape(words))
    return card


def catalog_page() -> str:
    """The catalogue as a Markdown page: a section for each topic, its features in a table."""
    written = [_section(topic, label) for topic, (label, _) in TOPICS.items()]
    return "\n".join(["# Features", "", f"{len(CATALOG)} features, by topic.", "", *written])


def _section(topic: str, label: str) -> str:
    head = "| feature | meaning | unit | formula | source | known | sign | read by |"
    rows = [
        f"| `{f.name}` | {f.en}<br>{f.fr} | {f.unit} | {_cell(f.formula)} | {f.source} | {f.known} "
        f"| {SIGNS[f.monotone]}: {f.why} | {f.role}{' (actionable)' if f.actionable else ''} |"
        for f in CATALOG
        if f.topic == topic
    ]
    return "\n".join([f"## {label}", "", head, "|---" * 8 + "|", *rows, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
