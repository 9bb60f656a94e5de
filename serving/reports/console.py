"""A decision as a person reads it in a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from models.explanation import thousands
from models.limits.loss import USUAL_PREMIUM

DRIVERS_SHOWN = 8
BAR_WIDTH = 8


def money(amount: float | None, currency: str = "") -> str:
    """An amount with thin thousands.

    >>> money(1250000.4, "EUR")
    '1 250 000 EUR'
    """
    return "—" if amount is None else f"{thousands(amount)} {currency}".rstrip()


def signed_money(amount: float) -> str:
    """An effect on the limit, its sign always shown."""
    whole = round(amount) + 0  # no signed zero
    return ("+" if whole > 0 else "") + thousands(whole)


def titled(title: str, *headings: str) -> Table:
    """A table of figures by row, its first column the rows' names."""
    table = Table(title=escape(title), title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for heading in headings:
        table.add_column(heading.replace("_", " "), justify="right")
    return table


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
    text.append(_cover(answer))
    if answer["flags"]:
        text.append("flags: " + ", ".join(answer["flags"]) + "\n", style="yellow")
    for reason in answer["reasons"]:
        text.append(f"· {reason['text']}\n")
    text.append(
        f"model {answer['model_version']} · policy {answer['policy_version']} "
        f"({answer['policy_digest'][:12]})",
        style="dim",
    )
    return text


def _cover(answer: Mapping[str, Any]) -> str:
    """What is in force, the group, overlays, a top-up, and what the limit costs and earns."""
    currency, stands, costs = answer["currency"], answer["in_force"], answer["money"]
    lines = [
        f"in force so far: {money(stands['limit'], currency)}, now {stands['change']}; "
        f"owed {money(stands['outstanding'], currency)}, "
        f"of it covered {money(stands['covered_outstanding'], currency)}"
    ]
    if top_up := answer["top_up"]:
        lines.append(
            f"temporary top-up: {money(top_up['granted'], currency)} until {top_up['valid_until']}"
        )
    if group := answer["group"]:
        lines.append(
            f"group {group['group_id']}: others use {money(group['used_by_others'], currency)} "
            f"of its cap of {money(group['cap'], currency)}"
        )
    for overlay in answer["overlays"]:
        aim = overlay["sector"] or overlay["country"]
        lines.append(
            f"overlay on {aim}: × {overlay['factor']:g} until {overlay['expires']}, "
            f"{overlay['reason']} ({overlay['owner']})"
        )
    rate, earned = costs["technical_premium_rate"], costs["return_on_capital"]
    premium = "not known" if rate is None else f"{rate:.2%} of sales, {_usual(costs)}"
    lines.append(
        f"insurer's part of the loss {money(costs['insurer_expected_loss'], currency)} · "
        f"indicative premium {premium} · "
        f"return on capital {'—' if earned is None else f'{earned:.0%}'} · "
        f"a default costs the margin on {money(costs['sales_to_recover'], currency)} of sales"
    )
    return "".join(f"{line}\n" for line in lines)


def _usual(costs: Mapping[str, Any]) -> str:
    low, high = USUAL_PREMIUM
    return f"{costs['premium_position']} the usual {100 * low:g} to {100 * high:g} %"


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
    """Amounts in the answer's currency; capacity is what we would risk, whatever is needed."""
    amounts = f"limit {answer['currency']}", "capacity"
    table = _table("What moves it", "Topic", "log-odds", "probability", *amounts, "")
    largest = max((abs(topic["log_odds"]) for topic in answer["topics"]), default=0.0)
    table.add_row(
        "the average buyer",
        f"{answer['base_log_odds']:+.2f}",
        f"{100 * answer['base_probability']:.2f} %",
        money(answer["base_limit"]),
        money(answer["base_capacity"]),
    )
    for topic in answer["topics"]:
        table.add_row(
            topic["label"],
            f"{topic['log_odds']:+.2f}",
            f"{100 * topic['probability_effect']:+.2f} pt",
            signed_money(topic["limit_effect"]),
            signed_money(topic["capacity_effect"]),
            _bar(topic["log_odds"], largest),
        )
    table.add_row("rounded down", "", "", signed_money(answer["limit_rounding"]))
    table.add_row(
        "this buyer",
        f"{answer['log_odds']:+.2f}",
        f"{100 * answer['default_probability']:.2f} %",
        money(answer["limit"]),
        money(answer["capacity"]),
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
