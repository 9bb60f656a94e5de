"""What is usual in a buyer's trade: the median of every feature over its peers on a day.

Peers share the NACE division (C25); where those are few, the section (C); where those are few too,
every buyer is a peer. Of many, some thousand evenly spread ones speak for all.
"""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.build import feature_matrix
from features.context import SECTION
from features.facts import Facts, Keys

FEWEST = 30
MOST = 1000  # the median of a thousand is within two percentiles of that of all
KEPT = 64  # groups and days
DIVISION = 3  # letters of a sector code


@dataclass(frozen=True)
class Usual:
    """Medians of the catalogue's features over `peers` buyers of a `sector`, "" for all of them."""

    sector: str
    peers: int
    medians: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Peers:
    """The medians around each buyer of `facts`, computed once for a group and day. Entities of the
    kinds `left_out` are nobody's peers."""

    facts: Facts
    left_out: Collection[str] = ()
    _kept: OrderedDict[tuple[str, int], Usual] = field(default_factory=OrderedDict, repr=False)

    def usual(self, buyer: int, day: int) -> Usual:
        """What is usual around the buyer of that code on a day since 1970-01-01."""
        sector = str(self._sectors[self._sector[buyer]])
        group = next(
            (
                sector[:letters]
                for letters in (DIVISION, SECTION)
                if sector[:letters] and self._members(sector[:letters]).sum() >= FEWEST
            ),
            "",
        )
        if (group, day) not in self._kept:
            self._kept[group, day] = self._median(group, day)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[group, day]

    def _median(self, group: str, day: int) -> Usual:
        codes = np.flatnonzero(self._members(group))
        spread = codes[np.linspace(0, len(codes) - 1, min(len(codes), MOST)).astype(np.int64)]
        matrix = feature_matrix(self.facts, Keys(spread, np.full(len(spread), day, np.int32)))
        known = ~np.isnan(matrix).all(axis=0)
        medians = np.full(matrix.shape[1], np.nan)
        medians[known] = np.nanmedian(matrix[:, known], axis=0)
        return Usual(group, len(spread), medians)

    def _members(self, group: str) -> NDArray[np.bool_]:
        of_group = np.char.startswith(self._sectors, group)
        members: NDArray[np.bool_] = of_group[self._sector] & self._counts
        return members

    @cached_property
    def _sectors(self) -> NDArray[np.str_]:
        return np.append(self.facts["buyers"].labels["sector"], "")  # code -1 finds the last

    @cached_property
    def _sector(self) -> NDArray[np.int32]:
        """The sector's code of each buyer."""
        buyers = self.facts["buyers"]
        codes: NDArray[np.int32] = buyers["sector"][buyers.start[:-1]]
        return codes

    @cached_property
    def _counts(self) -> NDArray[np.bool_]:
        """Whether each buyer may be a peer."""
        buyers = self.facts["buyers"]
        kinds = np.append(buyers.labels["entity_type"], "")
        counts: NDArray[np.bool_] = ~np.isin(kinds, list(self.left_out))[
            buyers["entity_type"][buyers.start[:-1]]
        ]
        return counts
