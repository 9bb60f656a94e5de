"""The loaded tables: facts in memory, found by buyer_id or by name."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.facts import NEVER, Facts, Keys
from features.mapped import layout, open_arrow, open_mapped, write_mapped
from features.tables import TABLES, read_tables
from models.policy import Policy
from serving.file_lock import file_lock
from serving.matching import Match, Matcher
from serving.names import fold

NEIGHBOURS = 12
SEARCHED = "searchable"
ROOT = Path(__file__).parents[1]


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
        return cls(facts, tables_version(folder), _searchable(facts), _last_known_day(facts))

    @classmethod
    def map(cls, folder: Path, currency: str, cache: Path) -> "Portfolio":
        """The same from files in `cache` that all workers share; who comes first has them written.

        What is there of other tables is deleted: whoever still maps it keeps it.
        """
        version = tables_version(folder)
        mapped = cache / f"{version}-{currency}-{layout()}"
        cache.mkdir(parents=True, exist_ok=True)
        with file_lock(cache / ".lock"):
            if not mapped.is_dir():
                _write_apart(folder, currency, mapped)
            for other in cache.iterdir():
                if other.is_dir() and other != mapped:
                    shutil.rmtree(other)
            facts = open_mapped(mapped)
            searched = open_arrow(mapped / f"{SEARCHED}.arrow")[SEARCHED]
        return cls(facts, version, searched, _last_known_day(facts))

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
        return np.flatnonzero(pc.match_substring(self.searchable, folded(query)))

    @cached_property
    def matcher(self) -> Matcher:
        """Finds buyers by name or identifier."""
        return Matcher(self.facts)

    def candidate(self, match: Match) -> dict[str, Any]:
        """A buyer that may be meant, in the words of the API."""
        code = match.code
        return {
            "buyer_id": str(self.facts.buyer_ids[code]),
            "name": self.text("name", code),
            "country": self.text("country", code),
            "confidence": match.confidence,
            "matched_on": match.matched_on,
        }

    def near(self, buyer_id: str, most: int = 3) -> list[str]:
        """Ids close to one that is unknown, among its neighbours in the order of ids."""
        ids = self.facts.buyer_ids
        place = int(np.searchsorted(ids, buyer_id))
        neighbours = ids[max(place - NEIGHBOURS, 0) : place + NEIGHBOURS].tolist()
        return get_close_matches(buyer_id, neighbours, most)


def everyone(folder: Path, policy: Policy, as_of_date: date) -> tuple[Facts, Keys]:
    """The facts of a folder of raw tables, and a key for each legal entity on one day."""
    facts = Facts.of(read_tables(folder), policy.currency)
    return facts, legal_entities(policy, facts, as_of_date)


def legal_entities(policy: Policy, facts: Facts, as_of_date: date) -> Keys:
    """All but natural persons and sole traders, who are not scored (AI Act, Annex III 5(b))."""
    buyers = facts["buyers"]
    labels = np.append(buyers.labels["entity_type"], "")
    entity = labels[buyers["entity_type"][buyers.start[:-1]]]
    kept = np.flatnonzero(~np.isin(entity, policy.refused_entities))
    day = np.datetime64(as_of_date, "D").astype(np.int32)
    return Keys(kept, np.full(len(kept), day))


def _write_apart(folder: Path, currency: str, mapped: Path) -> None:
    """In a process of its own, whose memory goes with it. Raises ValueError with what it says."""
    command = [sys.executable, "-m", "serving.portfolio", *map(str, (folder, currency, mapped))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or [f"status {done.returncode}"]
        raise ValueError(f"the tables in {folder} cannot be read: {said[0]}")


def folded(text: str) -> str:
    """What is looked for, as `fold` leaves what is searched."""
    return str(fold(pa.array([text.strip()]))[0].as_py())


def searchable(ids: pa.Array, names: pa.Array) -> pa.Array:
    """Ids and names in one text each, folded."""
    return fold(pc.binary_join_element_wise(ids, names, "\n", null_handling="replace"))


def _searchable(facts: Facts) -> pa.Array:
    buyers = facts["buyers"]
    names = buyers.arrow["name"].take(pa.array(buyers.start[:-1]))
    return searchable(facts.buyers, names)


def _last_known_day(facts: Facts) -> date:
    known = [facts[name].known for name, table in TABLES.items() if table.known_on]
    return np.datetime64(
        max((int(days[days < NEVER].max()) for days in known if len(days)), default=0), "D"
    ).item()


def tables_version(folder: Path) -> str:
    """Digest of the files' contents: two portfolios of one version give the same answers."""
    digest = sha256()
    for name in TABLES:
        path = folder / f"{name}.parquet"
        if path.is_file():
            with path.open("rb") as file:
                digest.update(name.encode() + file_digest(file, sha256).digest())
    return digest.hexdigest()[:12]


def main(folder: str, currency: str, mapped: str) -> None:
    """Write what `Portfolio.map` maps."""
    facts = Facts.of(read_tables(Path(folder)), currency)
    write_mapped(facts, Path(mapped), {SEARCHED: _searchable(facts)})


if __name__ == "__main__":
    main(*sys.argv[1:])
