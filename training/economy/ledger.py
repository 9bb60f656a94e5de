"""Trade of the generated economy: invoices, part payments, credit notes.

An invoice is paid

    habit of country and buyer + SLOWNESS exp(-DELAY liquidity) Gamma(50, 1/50) + noise

days beyond terms, liquidity being that of the month it falls due: firms pay later as liquidity
drains, long before they stop. In arrears and in protracted default nothing is paid; what fell due
is paid once the firm resumes, or never. Nobody delivers after a default.
"""

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.facts import NEVER
from training.economy.chain import PROTRACTED, SOLVENT, Lives
from training.economy.firms import PUBLIC_BODY, Firms
from training.economy.world import COUNTRIES, EUROS, Calendar

SUPPLIERS = 12
SLOWNESS, DELAY = 9.0, 0.6  # days late at mean liquidity; its growth per deviation lost
NOISE_DAYS, HABIT_DAYS = 1.2, 0.5
DISPUTED, CREDITED, PART_PAID = 0.015, 0.02, 0.03  # shares of invoices; the last at mean liquidity
TRADE_IN_ARREARS = 0.5  # suppliers who go on delivering
KEY_ACCOUNTS = 0.03  # share of buyers who buy six times as often
BILLED_IN_EUROS = 0.3  # of the buyers whose own currency is another


@dataclass(frozen=True)
class Terms:
    """What holds for all trade with a buyer."""

    rate: NDArray[np.float64]  # invoices a month
    size: NDArray[np.float64]  # median amount, in the currency of the trade
    days: NDArray[np.int32]  # of credit
    habit: NDArray[np.float64]  # days late in good times
    suppliers: NDArray[np.int64]  # (firms, 2): the main one and a second
    second: NDArray[np.float64]  # share of the second
    currency: NDArray[np.str_]


@dataclass(frozen=True)
class Ledger:
    """Every invoice and credit note, sorted by firm and issue; dates to come are NEVER."""

    firm: NDArray[np.int64]
    supplier: NDArray[np.int64]
    issued: NDArray[np.int32]
    due: NDArray[np.int32]
    paid: NDArray[np.int32]
    amount: NDArray[np.float64]
    disputed: NDArray[np.int32]
    part_on: NDArray[np.int32]
    part: NDArray[np.float64]  # paid on part_on

    def take(self, rows: NDArray) -> "Ledger":
        """The ledger of some rows."""
        return Ledger(*(column[rows] for column in self.columns()))

    def join(self, other: "Ledger") -> "Ledger":
        """Both ledgers, sorted."""
        pairs = zip(self.columns(), other.columns(), strict=True)
        both = Ledger(*(np.concatenate(pair) for pair in pairs))
        return both.take(np.lexsort((both.issued, both.firm)))

    def columns(self) -> list[NDArray]:
        """The columns, in order."""
        return [getattr(self, field.name) for field in fields(self)]


def trade(
    firms: Firms, calendar: Calendar, lives: Lives, terms: Terms, rng: np.random.Generator
) -> Ledger:
    """All trade of some firms until the end of the window."""
    ledger = _invoiced(firms, calendar, lives, terms, rng)
    ledger = ledger.join(_credit_notes(ledger, calendar, lives, rng))
    return ledger.take(ledger.issued <= calendar.end)


def ledger_tables(firms: Firms, ledger: Ledger, terms: Terms, end: int) -> dict[str, pa.Table]:
    """Tables `invoices` and `payments`, as known at `end`."""
    ids = _invoice_ids(firms, ledger)
    return {
        "invoices": _invoices(firms, ledger, ids, terms, end),
        "payments": _payments(firms, ledger, ids, end),
    }


def terms_of_trade(firms: Firms, rng: np.random.Generator) -> Terms:
    """Draw the terms of each firm."""
    count = len(firms)
    staff = firms.employees / 14
    home = np.array([c.currency for c in COUNTRIES])[firms.country]
    currency = np.where(rng.random(count) < BILLED_IN_EUROS, "EUR", home)
    euros = np.array([EUROS.get(code, 1.0) for code in currency])
    rate = rng.lognormal(np.log(0.36), 0.3, count) * staff**0.05
    rate *= np.where(rng.random(count) < KEY_ACCOUNTS, rng.lognormal(np.log(6), 0.5, count), 1.0)
    main = rng.integers(SUPPLIERS, size=count)
    other = (main + rng.integers(1, SUPPLIERS, count)) % SUPPLIERS
    habit = np.array([c.habit for c in COUNTRIES])[firms.country]
    usual = np.array([c.terms for c in COUNTRIES])[firms.country]
    return Terms(
        rate=np.clip(rate, 0.1, 8.0),
        size=4000 * staff**0.5 * rng.lognormal(0, 0.5, count) / euros,
        days=np.where(rng.random(count) < 0.7, usual, rng.choice([30, 45, 60], count)).astype(
            np.int32
        ),
        habit=habit + rng.normal(0, HABIT_DAYS, count) + 15 * (firms.entity == PUBLIC_BODY),
        suppliers=np.stack([main, other], axis=1),
        second=np.where(rng.random(count) < 0.5, rng.uniform(0.1, 0.5, count), 0.0),
        currency=currency,
    )


def _invoiced(
    firms: Firms, calendar: Calendar, lives: Lives, terms: Terms, rng: np.random.Generator
) -> Ledger:
    """Every invoice, and how it was paid."""
    firm, month = _deliveries(firms, calendar, lives, terms, rng)
    rows = len(firm)
    issued = _friday_at_latest(calendar.day(month, rng.random(rows)), calendar.starts[month])
    order = np.lexsort((issued, firm))
    issued = issued[order]  # firm is sorted already
    due = issued + terms.days[firm]
    disputed = rng.random(rows) < DISPUTED
    liquidity = lives.liquidity[firm, calendar.month_of(due)]
    late = terms.habit[firm] + rng.normal(0, NOISE_DAYS, rows)
    late += SLOWNESS * np.exp(-DELAY * liquidity) * rng.gamma(50, 1 / 50, rows)
    late = np.minimum(late, 150) + disputed * rng.uniform(20, 80, rows)
    amount = (terms.size[firm] * rng.lognormal(0, 0.4, rows)).round(2)
    paid = _paid(firm, np.maximum(due + late, issued + 1), calendar, lives, rng)
    part_on = (due + np.maximum(0.4 * late, 1)).astype(np.int32)
    in_part = rng.random(rows) < np.minimum(PART_PAID * np.exp(-0.6 * liquidity), 0.3)
    in_part &= (part_on < paid) & (lives.status[firm, calendar.month_of(part_on)] == SOLVENT)
    return Ledger(
        firm=firm,
        supplier=terms.suppliers[firm, (rng.random(rows) < terms.second[firm]).astype(int)],
        issued=issued,
        due=due,
        paid=paid,
        amount=amount,
        disputed=np.where(disputed, issued + rng.integers(5, 25, rows), NEVER).astype(np.int32),
        part_on=np.where(in_part, part_on, NEVER),
        part=np.where(in_part, (amount * rng.uniform(0.2, 0.7, rows)).round(2), 0.0),
    )


def _deliveries(
    firms: Firms, calendar: Calendar, lives: Lives, terms: Terms, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Firm and month of each invoice, sorted."""
    months = np.arange(calendar.opening, calendar.closing + 1)
    status = lives.status[:, months]
    share = np.where(status == SOLVENT, 1.0, np.where(status < PROTRACTED, TRADE_IN_ARREARS, 0.0))
    share *= months >= firms.entry[:, None]
    cells = np.repeat(np.arange(share.size), rng.poisson(terms.rate[:, None] * share).ravel())
    return cells // len(months), months[cells % len(months)]


def _paid(
    firm: NDArray[np.int64],
    intended: NDArray[np.float64],
    calendar: Calendar,
    lives: Lives,
    rng: np.random.Generator,
) -> NDArray[np.int32]:
    """The day money comes: as intended, or once the firm pays again, or NEVER."""
    day = _monday_at_earliest(intended.astype(np.int32))
    month = calendar.month_of(day)
    months = lives.status.shape[1]
    free = np.where(lives.status == SOLVENT, np.arange(months), months)
    pays = np.minimum.accumulate(free[:, ::-1], axis=1)[:, ::-1][firm, month]
    resumed = calendar.day(np.minimum(pays, months - 1), rng.uniform(0, 0.5, len(firm)))
    later = np.where(pays < months, _monday_at_earliest(resumed), NEVER)
    return np.where(pays == month, day, later)


def _friday_at_latest(day: NDArray[np.int32], first: NDArray[np.int32]) -> NDArray[np.int32]:
    """Weekends go back to Friday, but not before `first`."""
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday, 0 is Monday
    return np.maximum(day - np.maximum(weekday - 4, 0), first)


def _monday_at_earliest(day: NDArray[np.int32]) -> NDArray[np.int32]:
    """Weekends go on to Monday."""
    weekday = (day + 3) % 7
    return day + np.where(weekday > 4, 7 - weekday, 0)


def _credit_notes(
    ledger: Ledger, calendar: Calendar, lives: Lives, rng: np.random.Generator
) -> Ledger:
    """Credit notes on some invoices, set against the invoice when that is paid."""
    draw = rng.random(len(ledger.firm))
    notes = ledger.take(draw < np.where(ledger.disputed < NEVER, 0.3, CREDITED))
    count = len(notes.firm)
    issued = notes.issued + rng.integers(5, 30, count).astype(np.int32)
    never = np.full(count, NEVER)
    amount = -(notes.amount * rng.uniform(0.05, 0.5, count)).round(2)
    paid = np.maximum(notes.paid, issued)
    credits = Ledger(
        notes.firm, notes.supplier, issued, issued, paid, amount, never, never, np.zeros(count)
    )
    trading = lives.status[credits.firm, calendar.month_of(issued)] < PROTRACTED
    return credits.take(trading)


def _invoice_ids(firms: Firms, ledger: Ledger) -> pa.Array:
    """Buyer and running number, like I0000012-0003."""
    start = np.searchsorted(ledger.firm, ledger.firm)
    number = pa.array(np.arange(1, len(start) + 1) - start).cast(pa.string())
    buyer = pc.utf8_slice_codeunits(firms.ids, 1).take(pa.array(ledger.firm))
    prefix = pc.binary_join_element_wise(pa.scalar("I"), buyer, "")
    return pc.binary_join_element_wise(prefix, pc.utf8_lpad(number, 4, "0"), "-")


def _dates(days: NDArray[np.int32], end: int) -> pa.Array:
    """Dates; those after `end` are not known yet."""
    return pa.array(days, pa.date32(), mask=days > end)


def supplier_ids(supplier: NDArray[np.int64]) -> NDArray[np.str_]:
    """Ids like S01."""
    return np.array([f"S{number:02d}" for number in range(1, SUPPLIERS + 1)])[supplier]


def _invoices(firms: Firms, ledger: Ledger, ids: pa.Array, terms: Terms, end: int) -> pa.Table:
    return pa.table(
        {
            "invoice_id": ids,
            "buyer_id": firms.ids.take(pa.array(ledger.firm)),
            "supplier_id": supplier_ids(ledger.supplier),
            "issued_on": _dates(ledger.issued, end),
            "due_on": pa.array(ledger.due, pa.date32()),
            "paid_on": _dates(ledger.paid, end),
            "amount": ledger.amount,
            "currency": terms.currency[ledger.firm],
            "disputed_on": _dates(ledger.disputed, end),
        }
    )


def _payments(firms: Firms, ledger: Ledger, ids: pa.Array, end: int) -> pa.Table:
    """First parts, and the rest of the same invoices."""
    rows = np.flatnonzero(ledger.part_on < NEVER)
    first, rest = ledger.part[rows], (ledger.amount[rows] - ledger.part[rows]).round(2)
    paid_on = np.stack([ledger.part_on[rows], ledger.paid[rows]], axis=1).ravel()
    amount = np.stack([first, rest], axis=1).ravel()
    known = paid_on <= end
    row = np.repeat(rows, 2)[known]
    return pa.table(
        {
            "invoice_id": ids.take(pa.array(row)),
            "buyer_id": firms.ids.take(pa.array(ledger.firm[row])),
            "paid_on": pa.array(paid_on[known], pa.date32()),
            "amount": amount[known],
        }
    )
