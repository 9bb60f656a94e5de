"""The loaded tables: facts in memory, found by buyer_id or by name."""

from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from hashlib import file_digest, sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.facts import NEVER, Facts, Keys
from features.tables import TABLES, read_tables

NEIGHBOURS = 12


@dataclass(frozen=True)
class Portfolio:
    """Facts of all buyers, as read from one folder of raw tables.

    `version` is a digest of the files, `searchable` the folded id and name of each buyer, and
    `last_known_day` the last day on which anything became known.
    """

    facts: Facts
    version: str
    searchable: pa.Array
    last_known_day: date

    @classmethod
    def load(cls, folder: Path, currency: str) -> "Portfolio":
        """Read the tables in `folder`; amounts will be told in `currency`."""
        facts = Facts.of(read_tables(folder), currency)
        return cls(facts, _digest(folder), _searchable(facts), _last_known_day(facts))

    def __len__(self) -> int:
        return len(self.facts.buyer_ids)

    def text(self, column: str, code: int) -> str:
        """A text or code of the table of buyers, "" where not known."""
        buyers = self.facts["buyers"]
        label = buyers[column][buyers.start[code]]
        return "" if label < 0 else str(buyers.labels[column][label])

    def search(self, query: str) -> NDArray[np.int64]:
        """Codes of the buyers whose id or name contains `query`, whatever its case or accents."""
        if not query.strip():
            return np.arange(len(self))
        folded = _fold(pa.array([query.strip()]))[0].as_py()
        return np.flatnonzero(pc.match_substring(self.searchable, folded))

    def near(self, buyer_id: str, most: int = 3) -> list[str]:
        """Ids close to one that is unknown, among its neighbours in the order of ids."""
        ids = self.facts.buyer_ids
        place = int(np.searchsorted(ids, buyer_id))
        neighbours = ids[max(place - NEIGHBOURS, 0) : place + NEIGHBOURS].tolist()
        return get_close_matches(buyer_id, neighbours, most)


def everyone(folder: Path, currency: str, as_of_date: date) -> tuple[Facts, Keys]:
    """The facts of a folder of raw tables, and a key for each of its buyers on one day."""
    facts = Facts.of(read_tables(folder), currency)
    buyers = len(facts.buyers)
    day = np.datetime64(as_of_date, "D").astype(np.int32)
    return facts, Keys(np.arange(buyers), np.full(buyers, day))


def _fold(text: pa.Array) -> pa.Array:
    """Lower case, without accents."""
    apart = pc.utf8_normalize(pc.utf8_lower(text), form="NFKD")
    return pc.replace_substring_regex(apart, r"\p{Mn}", "")


def _searchable(facts: Facts) -> pa.Array:
    buyers = facts["buyers"]
    codes = buyers["name"][buyers.start[:-1]]
    names = pa.array(buyers.labels["name"]).take(pa.array(codes, mask=codes < 0))
    return _fold(
        pc.binary_join_element_wise(pa.array(facts.buyer_ids), names, "\n", null_handling="replace")
    )


def _last_known_day(facts: Facts) -> date:
    known = [facts[name].known for name, table in TABLES.items() if table.known_on]
    return np.datetime64(
        max((int(days[days < NEVER].max()) for days in known if len(days)), default=0), "D"
    ).item()


def _digest(folder: Path) -> str:
    """Digest of the files' contents: two portfolios of one version give the same answers."""
    digest = sha256()
    for name in TABLES:
        path = folder / f"{name}.parquet"
        if path.is_file():
            with path.open("rb") as file:
                digest.update(name.encode() + file_digest(file, sha256).digest())
    return digest.hexdigest()[:12]
