"""A decision as a person reads it in a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

DRIVERS_SHOWN = 8
BAR_WIDTH = 12


def money(amount: float | None, currency: str) -> str:
    """An amount with thin thousands.

    >>> money(1250000.4, "EUR")
    '1 250 000 EUR'
    """
    return "—" if amount is None else f"{amount:,.0f} {currency}".replace(",", " ")


def signed_money(amount: float, currency: str) -> str:
    """An effect on the limit, its sign always shown."""
    whole = round(amount) + 0  # no signed zero
    return ("+" if whole > 0 else "") + money(whole, currency)


def decision_panel(answer: Mapping[str, Any], name: str = "") -> RenderableType:
    """The whole answer of `POST /score` as one panel."""
    title = Text(f" {name or answer['buyer_id']} on {answer['as_of_date']} ", style="bold")
    parts: list[RenderableType] = [
        _headline(answer),
        "",
        _candidates(answer),
        "",
        _topics(answer),
        "",
        _drivers(answer),
    ]
    if answer["conditions"]:
        parts += ["", _conditions(answer["conditions"])]
    return Panel(Group(*parts), title=title, padding=(1, 2), width=100)


def _headline(answer: Mapping[str, Any]) -> Text:
    text = Text()
    text.append(f" {answer['grade']} ", style="bold reverse")
    text.append(f"  {100 * answer['default_probability']:.2f} % default within 12 months")
    text.append("   limit ")
    text.append(money(answer["limit"], answer["currency"]), style="bold")
    text.append(f"  ({answer['decision']})\n", style="bold")
    requested = answer["requested_amount"]
    if requested is not None:
        text.append(f"requested {money(requested, answer['currency'])} · ")
    text.append(
        f"binding constraint: {answer['binding_constraint']} · "
        f"expected loss {money(answer['expected_loss'], answer['currency'])} · "
        f"valid until {answer['valid_until']}\n"
    )
    if answer["flags"]:
        text.append("flags: " + ", ".join(answer["flags"]) + "\n", style="yellow")
    for reason in answer["reasons"]:
        text.append(f"· {reason['text']}\n")
    text.append(f"model {answer['model_version']} · policy {answer['policy_version']}", style="dim")
    return text


def _bar(value: float, largest: float) -> Text:
    width = round(BAR_WIDTH * abs(value) / largest) if largest else 0
    return Text("█" * width, style="red" if value > 0 else "green")


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, expand=True)
    for heading in headings:
        table.add_column(heading, justify="right" if heading[:1].islower() else "left")
    return table


def _candidates(answer: Mapping[str, Any]) -> Table:
    table = _table("How the limit came about: the least of", "Constraint", "amount", "")
    for name, amount in answer["candidates"].items():
        if amount is not None:
            mark = "◄ binds" if name == answer["binding_constraint"] else ""
            table.add_row(name.replace("_", " "), money(amount, answer["currency"]), mark)
    return table


def _topics(answer: Mapping[str, Any]) -> Table:
    table = _table("What moves it", "Topic", "log-odds", "probability", "limit", "")
    currency = answer["currency"]
    largest = max((abs(topic["log_odds"]) for topic in answer["topics"]), default=0.0)
    table.add_row(
        "the average buyer",
        f"{answer['base_log_odds']:+.2f}",
        f"{100 * answer['base_probability']:.2f} %",
        money(answer["base_limit"], currency),
    )
    for topic in answer["topics"]:
        table.add_row(
            topic["label"],
            f"{topic['log_odds']:+.2f}",
            f"{100 * topic['probability_effect']:+.2f} pt",
            signed_money(topic["limit_effect"], currency),
            _bar(topic["log_odds"], largest),
        )
    table.add_row("rounded down", "", "", signed_money(answer["limit_rounding"], currency))
    table.add_row(
        "this buyer",
        f"{answer['log_odds']:+.2f}",
        f"{100 * answer['default_probability']:.2f} %",
        money(answer["limit"], currency),
        style="bold",
    )
    return table


def _drivers(answer: Mapping[str, Any]) -> Table:
    table = _table("Strongest drivers", "Driver", "log-odds", "")
    shown = answer["drivers"][:DRIVERS_SHOWN]
    largest = max((abs(driver["contribution"]) for driver in shown), default=0.0)
    for driver in shown:
        table.add_row(
            driver["wording"],
            f"{driver['contribution']:+.2f}",
            _bar(driver["contribution"], largest),
        )
    return table


def _conditions(conditions: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("Conditions that would help", "Condition")
    for condition in conditions:
        table.add_row(condition["text"])
    return table
