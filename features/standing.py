"""What stands on a day: the limit in force on a buyer, and what the rest of its group uses.

A limit in force may be drawn any day, so it counts in full; where more is owed, or no limit is
known, what is owed counts. Amounts are summed in whole cents: their order does not matter.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from features.arithmetic import to_cents
from features.currency import conversion
from features.facts import NEVER, Facts, Keys
from features.payments.ageing import UNKNOWN, balances

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NONE = np.int64(-1)  # no limit, no group
READ = ("buyers", "invoices", "payments", "ageing", "exposures", "fx")  # what use is told from
USES = pa.schema([("buyer_id", pa.string()), ("group_id", pa.string()), ("cents", pa.int64())])


@dataclass(frozen=True)
class Granted:
    """The limits in force, (n,): `amount` over all suppliers, in the facts' currency, NaN where
    there is none, and `since`, the day the latest of them began (NEVER where there is none)."""

    amount: Floats
    since: NDArray[np.int32]


@dataclass(frozen=True)
class GroupUse:
    """The group of each key (-1: none known), its other companies, and what these use, (n,)."""

    group: Ints
    others: Ints
    used: Floats


def granted(facts: Facts, keys: Keys) -> Granted:
    """What table `exposures` says is in force; of two limits of one supplier the later counts."""
    cents, since = _granted(facts, keys)
    return Granted(np.where(cents == NONE, np.nan, cents / 100), since)


def group_use(facts: Facts, keys: Keys, within: Facts | None = None) -> GroupUse:
    """What the other companies of each key's group use on its day, 0 outside a group; the others
    stand `within` other facts where these are given."""
    context = facts if within is None else within
    buyers = facts["buyers"]
    group = buyers["group_id"][buyers.start[keys.buyer]].astype(np.int64)
    others, used = np.zeros(len(keys), np.int64), np.zeros(len(keys))
    there, own = (group, keys.buyer) if within is None else _places(facts, keys, group, within)
    if len(inside := np.flatnonzero(there >= 0)):
        pairs, place = np.unique(
            np.stack([there[inside], keys.as_of[inside]]), axis=1, return_inverse=True
        )  # a group on a day, added up once
        pair, company = _members(context, pairs[0])
        use = _use(context, Keys(company, pairs[1][pair].astype(np.int32)))
        total, companies = np.zeros((2, pairs.shape[1]), np.int64)
        np.add.at(total, pair, use)
        np.add.at(companies, pair, 1)
        others[inside], cents = companies[place], total[place]
        mine = inside[own[inside] >= 0]
        others[mine] -= 1
        cents[own[inside] >= 0] -= _use(context, Keys(own[mine], keys.as_of[mine]))
        used[inside] = cents / 100
    return GroupUse(group, others, used)


def _places(facts: Facts, keys: Keys, group: Ints, within: Facts) -> tuple[Ints, Ints]:
    """The code of each key's group, and of its buyer, in other facts; -1 where it is not there."""
    labels = facts["buyers"].labels["group_id"]
    there = within["buyers"]
    groups = [there.code("group_id", str(labels[code])) if code >= 0 else -1 for code in group]
    buyers = [within.code_of(buyer_id) for buyer_id in facts.buyer_ids[keys.buyer].tolist()]
    return np.array(groups, np.int64), np.array(buyers, np.int64)


def used_by_others(parts: Iterable[Facts], as_of_date: date) -> dict[str, float]:
    """`group_use(...).used` on a day of each buyer that belongs to a group, by buyer_id. The
    companies of a group may stand in different parts, each with the tables of READ."""
    found = pa.concat_tables([uses(facts, as_of_date) for facts in parts])
    own = dict(zip(found["buyer_id"].to_pylist(), found["cents"].to_pylist(), strict=True))
    groups, total = found["group_id"].to_pylist(), Counter[str]()
    for group, cents in zip(groups, own.values(), strict=True):
        total[group] += cents
    return {b: (total[g] - own[b]) / 100 for b, g in zip(own, groups, strict=True)}


def uses(facts: Facts, as_of_date: date) -> pa.Table:
    """What each buyer that belongs to a group uses on a day, in USES."""
    buyers = facts["buyers"]
    group = buyers["group_id"][buyers.start[:-1]]
    inside = np.flatnonzero(group >= 0)
    cents = _use(facts, Keys.on(as_of_date, inside))
    names = pa.array(buyers.labels["group_id"][group[inside]].tolist(), pa.string())
    return pa.table([facts.buyers.take(pa.array(inside)), names, cents], schema=USES)


def group_use_told(facts: Facts, keys: Keys, used: Mapping[str, float]) -> GroupUse:
    """`group_use` from what `used_by_others` found where all companies were; it counts none."""
    buyers = facts["buyers"]
    group = buyers["group_id"][buyers.start[keys.buyer]].astype(np.int64)
    found = [used.get(buyer_id, 0.0) for buyer_id in facts.buyer_ids[keys.buyer].tolist()]
    return GroupUse(group, np.zeros(len(keys), np.int64), np.array(found))


def _members(facts: Facts, groups: Ints) -> tuple[Ints, Ints]:
    """Every (place in `groups`, company of that group)."""
    start, members = facts.groups
    sizes = np.diff(start)[groups]
    place = np.repeat(np.arange(len(groups)), sizes)
    first = start[groups] - np.cumsum(sizes) + sizes
    return place, members[first[place] + np.arange(len(place))]


def _use(facts: Facts, keys: Keys) -> Ints:
    """Cents that each key uses: its limit in force, or what it owes where that is more."""
    balance = balances(facts, keys)
    owed = np.where(balance[:, 0] == UNKNOWN, 0, balance.sum(axis=1))
    return np.maximum(np.maximum(_granted(facts, keys)[0], owed), 0)


def _granted(facts: Facts, keys: Keys) -> tuple[Ints, NDArray[np.int32]]:
    rows = facts["exposures"]
    cents, since = np.full(len(keys), NONE), np.full(len(keys), NEVER)
    if len(rows):
        _add_up(
            (rows.start, rows.known, rows["valid_until"], rows["supplier_id"]),
            (rows["limit"], rows["currency"], conversion(facts, "exposures", keys.as_of)),
            keys.buyer,
            keys.as_of,
            cents,
            since,
        )
    return cents, since


@njit(cache=True, nogil=True)
def _add_up(
    rows: tuple[NDArray, NDArray, NDArray, NDArray],
    amounts: tuple[NDArray, NDArray, NDArray],
    buyer: NDArray,
    as_of: NDArray,
    cents: NDArray,
    since: NDArray,
) -> None:
    start, known, until, supplier = rows
    limit, currency, rates = amounts
    for key in range(len(buyer)):
        first, last = start[buyer[key]], start[buyer[key] + 1]
        for row in range(first, last):
            if not known[row] <= as_of[key] <= until[row]:
                continue
            amount = limit[row] * (rates[key, currency[row]] if len(rates) else 1.0)
            if not np.isfinite(amount):
                continue
            replaced = False
            for other in range(first, last):
                if supplier[other] == supplier[row] and known[other] <= as_of[key] <= until[other]:
                    later = known[other] > known[row] or (
                        known[other] == known[row] and other > row
                    )
                    replaced = replaced or (later and np.isfinite(limit[other]))
            if not replaced:
                newest = cents[key] < 0 or known[row] > since[key]
                since[key] = known[row] if newest else since[key]
                cents[key] = max(cents[key], 0) + to_cents(amount)
