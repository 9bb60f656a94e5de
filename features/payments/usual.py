"""Usual lateness: how much later a buyer pays than its country and sector do.

Habits differ by country, and a whole sector pays later in a bad year. What is usual is a table of
its own (`features.payments.usual_table` makes one of a portfolio), so that one buyer's row needs no
other buyer's. An invoice is set against what was usual when it fell due,

    all + (country - all) + (sector - all),

of the publication that covers its due date, else of the latest one known.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.arithmetic import to_cents
from features.as_of import latest, pick
from features.context import PUBLISHED, owner
from features.facts import Facts, Keys
from features.feature import Feature
from features.parallel import over_slices
from features.payments.payment_sums import HALF, TWO_YEARS, YEAR
from features.payments.receivables import Receivables, due_day
from features.tables import ALL_PAYERS

MONTHS = {6: HALF, 12: YEAR, 24: TWO_YEARS}
WINDOWS = np.array(list(MONTHS.values()))
MOST_DAYS = 60  # late; beyond, the invoice tells of a default or a dispute, not of a habit
SAYS_NOTHING = 15  # days: an open invoice that is no later may yet be paid as usual
SETTLING = 30  # days from an invoice's due date until a publication covers it
KEYS_WORTH_A_THREAD = 512

TABLE = "usual_lateness"
SECTOR, COUNTRY = len(MONTHS), len(MONTHS) + 2  # columns built, each before that of its change


class Usual(NamedTuple):
    """What was usual from each day `on` which something was published: the level of all, (days,),
    and how far payers are `apart` from it, by code, (payers + 1, days), NaN where not known, as for
    nobody, whom code -1 reaches. That of all was published at the places `published` of `on`."""

    on: NDArray[np.int64]
    level: NDArray[np.float64]
    apart: NDArray[np.float64]
    published: NDArray[np.int64]


later = partial(
    Feature,
    topic="payment_behaviour",
    unit="days",
    source="invoices, payments, usual_lateness",
    known="invoices issued by as_of; paid_on, disputed_on and part payments only up to as_of; "
    "what is usual as published by as_of",
    monotone=1,
    why="lateness tells of the buyer what the habit of its country and its sector's year do not",
    actionable=True,
)
surroundings = partial(Feature, topic="context", unit="days", source=TABLE, known=PUBLISHED)

FEATURES: tuple[Feature, ...] = (
    *(
        later(
            name=f"days_later_than_usual_{m}m",
            formula="mean of days late, 60 at most, less the days usual in country and sector when "
            "the invoice fell due; invoices due in the last "
            f"{m} months, undisputed, settled or more than 15 days late",
            en=f"days later than usual in country and sector over {m} months",
            fr=f"jours de retard au-delà de l'usage du pays et du secteur sur {m} mois",
        )
        for m in MONTHS
    ),
    surroundings(
        name="sector_days_late",
        formula="days late usual in the buyer's NACE section less those of all",
        monotone=1,
        why="a sector that pays late is short of cash",
        en="usual lateness of the sector against all",
        fr="retard usuel du secteur par rapport à l'ensemble",
    ),
    surroundings(
        name="sector_days_late_change_1y",
        formula="sector_days_late less the one published a year earlier",
        monotone=1,
        why="the cycle of the trade turns down",
        en="change of the sector's usual lateness over 1 year",
        fr="évolution du retard usuel du secteur sur 1 an",
    ),
    surroundings(
        name="country_days_late",
        formula="days late usual in the buyer's country less those of all",
        monotone=0,
        why="a habit of paying late does no harm by itself",
        en="usual lateness of the country against all",
        fr="retard usuel du pays par rapport à l'ensemble",
    ),
    surroundings(
        name="country_days_late_change_1y",
        formula="country_days_late less the one published a year earlier",
        monotone=1,
        why="habits are slow: a change is of the economy",
        en="change of the country's usual lateness over 1 year",
        fr="évolution du retard usuel du pays sur 1 an",
    ),
)


def build(facts: Facts, keys: Keys) -> NDArray[np.float64]:
    """Features against what is usual, shape (len(keys), len(FEATURES)); missing where nothing was
    published in two years or, for a buyer's own, where no invoice tells."""
    out = np.full((len(keys), len(FEATURES)), np.nan)
    book, usual = facts.receivables, facts.once(_usual)
    country, sector = (owner(facts, keys, column, TABLE) for column in ("country", "sector"))

    def fill(part: slice) -> None:
        payers = country[part], sector[part]
        _fill(book, usual, payers, keys.buyer[part], keys.as_of[part], out[part])

    if len(usual.published):
        over_slices(fill, len(keys), KEYS_WORTH_A_THREAD)
    return out


def _usual(facts: Facts) -> Usual:
    rows = facts[TABLE]
    on = np.unique(rows.known)
    payers = np.append(np.arange(len(rows.start) - 1), -1)
    newest = latest(rows, "published_on", np.repeat(payers, len(on)), np.tile(on, len(payers)))
    levels = pick(rows["days"], newest).reshape(len(payers), len(on))
    everyone = rows.code("payers", ALL_PAYERS)
    of_all = slice(*rows.start[everyone : everyone + 2]) if everyone >= 0 else slice(0)
    published = np.searchsorted(on, np.unique(rows.known[of_all]))
    return Usual(on.astype(np.int64), levels[everyone], levels - levels[everyone], published)


@njit(cache=True, nogil=True)
def _fill(
    book: Receivables,
    usual: Usual,
    payers: tuple[NDArray, NDArray],
    buyer: NDArray,
    as_of: NDArray,
    out: NDArray,
) -> None:
    country, sector = payers
    published = usual.on[usual.published]
    expected = np.empty_like(published)
    invoices = np.empty(len(WINDOWS), np.int64)
    beyond = np.empty_like(invoices)  # hundredths of a day, so that sums are exact
    for key in range(len(buyer)):
        day = int(as_of[key])
        first = np.searchsorted(published, day - TWO_YEARS)
        last = np.searchsorted(published, day, side="right")
        if first == last:
            continue
        for place in range(first, last):
            on = usual.published[place]
            level = usual.level[on]
            for code in (country[key], sector[key]):
                apart = usual.apart[code, on]
                level += 0.0 if np.isnan(apart) else apart
            expected[place] = to_cents(level)
        needed = slice(first, last)
        _add_up(book, buyer[key], day, published[needed], expected[needed], invoices, beyond)
        for window in range(len(WINDOWS)):
            if invoices[window]:
                out[key, window] = beyond[window] / (100.0 * invoices[window])
        for column, code in ((SECTOR, sector[key]), (COUNTRY, country[key])):
            now, before = _apart(usual, code, day), _apart(usual, code, day - YEAR)
            out[key, column], out[key, column + 1] = now, now - before


@njit(cache=True, nogil=True)
def _apart(usual: Usual, payers: int, day: int) -> float:
    """How much later than all some payers usually are, as known on a day; NaN where not known."""
    on = np.searchsorted(usual.on, day, side="right") - 1
    return usual.apart[payers, on] if on >= 0 else np.nan


@njit(cache=True, nogil=True, forceinline=True)
def tells(book: Receivables, row: int, due: int, as_of: int) -> int:
    """Days late, 0 to MOST_DAYS, of an invoice that tells of a habit on as_of; else -1."""
    if book.issued[row] > as_of or due > as_of or not book.amount[row] > 0:
        return -1
    if book.disputed[row] <= as_of:
        return -1
    open_still = book.settled[row] > as_of
    late = (as_of if open_still else int(book.settled[row])) - due
    if open_still and late <= SAYS_NOTHING:
        return -1
    return min(max(late, 0), MOST_DAYS)


@njit(cache=True, nogil=True)
def _add_up(
    book: Receivables,
    buyer: int,
    as_of: int,
    published: NDArray,
    usual: NDArray,
    invoices: NDArray,
    beyond: NDArray,
) -> None:
    """Write invoices that tell, and their hundredths of days beyond what was usual, by window."""
    invoices[:] = 0
    beyond[:] = 0
    for row in range(book.start[buyer], book.start[buyer + 1]):
        due = due_day(book, row)
        age = as_of - due
        if age >= TWO_YEARS:
            continue
        late = tells(book, row, due, as_of)
        if late < 0:
            continue
        place = min(int(np.searchsorted(published, due + SETTLING)), len(published) - 1)
        for window in range(len(WINDOWS)):
            if age < WINDOWS[window]:
                invoices[window] += 1
                beyond[window] += 100 * late - usual[place]
