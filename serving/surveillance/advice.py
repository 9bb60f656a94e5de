"""What fired in words, and what to do about it: one sentence each, in English and French."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from features.incidents import KINDS
from models.explanation import LANGUAGES, Language, thousands
from serving.surveillance.change import Row, Texts
from serving.surveillance.columns import EVENT_COLUMNS
from serving.surveillance.rules import Rules

# rule -> English, French; the values are those of `_values`
SAID: Final[Mapping[str, tuple[str, str]]] = {
    "incident": ("newly known: {events}", "nouvel événement : {events}"),
    "overdue": (
        "{late} {currency} overdue by {days} days or more",
        "{late} {currency} échus depuis {days} jours ou plus",
    ),
    "grade_drop": ("grade worse: {grade}", "note dégradée : {grade}"),
    "probability_ratio": (
        "default probability up to {probability} %",
        "probabilité de défaut portée à {probability} %",
    ),
    "limit_use": (
        "{owed} {currency} owed for a limit of {limit} {currency}",
        "{owed} {currency} dus pour une limite de {limit} {currency}",
    ),
    "limit_cut": ("limit cut to {limit} {currency}", "limite réduite à {limit} {currency}"),
    "stale_accounts": (
        "last accounts are {age} months old",
        "les derniers comptes ont {age} mois",
    ),
    "limit_raise": (
        "a limit of {proposed} {currency} instead of {limit} {currency} is possible",
        "une limite de {proposed} {currency} au lieu de {limit} {currency} est possible",
    ),
    "stale_tables": (
        "nothing in the tables is newer than {newest}, {days} days before",
        "rien dans les tables n'est postérieur au {newest}, {days} jours avant",
    ),
}

# action -> English, French
ACTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "stop_deliveries": (
        "Stop deliveries, file the claim with the administrator and use retention of title",
        "Arrêter les livraisons, déclarer la créance et faire jouer la réserve de propriété",
    ),
    "collect": (
        "Remind the buyer, hold further deliveries and declare the overdue in time",
        "Relancer l'acheteur, suspendre les livraisons et déclarer l'impayé dans les délais",
    ),
    "deliver_within_limit": (
        "Deliver only within {limit} {currency}; what was delivered before stays covered",
        "Ne livrer que jusqu'à {limit} {currency} ; les livraisons passées restent garanties",
    ),
    "no_credit": (
        "Deliver against payment only; what was delivered before stays covered",
        "Ne livrer que contre paiement ; les livraisons passées restent garanties",
    ),
    "review": (
        "Review terms and securities before the next order",
        "Revoir les délais et les garanties avant la prochaine commande",
    ),
    "ask_payment": (
        "Ask for a payment before the next delivery, or for a higher limit",
        "Demander un règlement avant la prochaine livraison, ou une limite plus élevée",
    ),
    "confirm_raise": (
        "Confirm the raise to {proposed} {currency}, or leave the limit as it is",
        "Confirmer la hausse à {proposed} {currency}, ou laisser la limite en l'état",
    ),
    "ask_accounts": (
        "Ask the buyer for its latest accounts",
        "Demander à l'acheteur ses derniers comptes",
    ),
    "load_tables": ("Load the latest tables", "Charger les tables les plus récentes"),
}

_ACTION = {
    "overdue": "collect",
    "grade_drop": "review",
    "probability_ratio": "review",
    "limit_use": "ask_payment",
    "stale_accounts": "ask_accounts",
    "limit_raise": "confirm_raise",
}
_COURT = ("insolvency_opened",)


def said(fired: Sequence[str], before: Row, after: Row, rules: Rules) -> Texts:
    """Every rule that fired, in one sentence."""
    sentences: Texts = {}
    for place, language in enumerate(LANGUAGES):
        values = _values(language, before, after, rules)
        text = "; ".join(SAID[rule][place].format(**values) for rule in fired)
        sentences[language] = text[0].upper() + text[1:]
    return sentences


def action_for(fired: Sequence[str], before: Row, after: Row) -> str:
    """What to do, a key of ACTIONS: the gravest rule decides."""
    if fired[0] == "incident":
        return "stop_deliveries" if _new_events(before, after, _COURT) else "collect"
    if fired[0] in ("grade_drop", "probability_ratio", "limit_cut") and "limit_cut" in fired:
        return "deliver_within_limit" if after["limit_in_force"] > 0 else "no_credit"
    if fired[0] == "limit_use" and "limit_raise" in fired:
        return "confirm_raise"
    return _ACTION[fired[0]]


def say_action(action: str, after: Row) -> dict[str, str]:
    """An action with its code and words."""
    values = _limits(after)
    words = dict(zip(LANGUAGES, ACTIONS[action], strict=True))
    return {"code": action, **{name: text.format(**values) for name, text in words.items()}}


def _values(language: Language, before: Row, after: Row, rules: Rules) -> dict[str, Any]:
    events = [KINDS[kind][LANGUAGES.index(language)] for kind in _new_events(before, after, KINDS)]
    probability = f"{100 * after['default_probability']:.2f}"
    age = after["accounts_age_months"]
    return {
        "events": ", ".join(events),
        "late": thousands(after["overdue_late"] or 0.0),
        "days": rules.overdue.days,
        "grade": f"{before['grade']} → {after['grade']}",
        "probability": probability.replace(".", ",") if language == "fr" else probability,
        "owed": thousands(max(after["open_amount"] or 0.0, 0.0)),
        "age": f"{age:.0f}",
        **_limits(after),
    }


def _limits(after: Row) -> dict[str, str]:
    amounts = {
        "limit": thousands(after["limit_in_force"]),
        "proposed": thousands(after["limit_proposed"]),
    }
    return {**amounts, "currency": after["currency"]}


def _new_events(before: Row, after: Row, kinds: Sequence[str] | Mapping[str, Any]) -> list[str]:
    columns = {kind: EVENT_COLUMNS[kind] for kind in kinds}
    return [kind for kind, column in columns.items() if after[column] > before[column]]
