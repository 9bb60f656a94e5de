"""Which buyer is meant: by an identifier, exactly; by a name, by how alike the names are.

Names are compared without accents, case, punctuation and legal forms. Of a million names, those
that share many groups of three letters with the one asked are found first (an index of the groups,
built when first needed); `rapidfuzz` then says how alike they are.
"""

from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from features.facts import Facts
from serving.names import plain, plain_names

IDENTIFIERS = ("buyer_id", "vat_number", "registration_number")
MOST_SCORED = 300  # names that are compared letter by letter
LEAST = 0.60  # confidence below which nobody is meant
DOUBTFUL = 0.90  # a second one this alike makes the first one doubtful
BUCKETS = 1 << 16
NOT_A_SIGN = r"[^\p{L}\p{N}]+"
SIREN, SIRET = 9, 14  # digits
FRENCH_VAT = 13  # FR, a key of two, the SIREN


@dataclass(frozen=True)
class Match:
    """A buyer that may be meant; `confidence` 1 means the same identifier or the same name."""

    code: int
    confidence: float
    matched_on: Literal["identifier", "name"]


class Matcher:
    """Finds the buyers of `facts` that may be meant."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._building = Lock()

    def identified(self, identifier: str) -> list[Match]:
        """The buyers with this identifier; a SIREN is found in a SIRET and a French VAT number."""
        wanted = pa.array(sorted(_forms(_signs(identifier))))
        found = np.zeros(len(self._facts.buyers), bool)
        for column in self._identifiers:
            found |= pc.is_in(column, wanted).to_numpy(zero_copy_only=False)
        return [Match(int(code), 1.0, "identifier") for code in np.flatnonzero(found)]

    def named(self, name: str, country: str | None = None) -> list[Match]:
        """The buyers with a name like this one, likest first; of `country`, where it is given."""
        wanted = plain(name)
        codes = self._sharing(wanted, country) if wanted else np.zeros(0, np.int64)
        names = self._names.take(pa.array(codes)).to_pylist()
        alike = process.cdist([wanted], names, scorer=fuzz.token_sort_ratio)[0] / 100
        return [
            Match(int(codes[i]), round(float(alike[i]), 4), "name")
            for i in np.lexsort((codes, -alike))
            if alike[i] >= LEAST
        ]

    def _sharing(self, wanted: str, country: str | None) -> NDArray[np.int64]:
        """Codes of the names that share most groups of letters with the one wanted."""
        with self._building:
            starts, postings = self._index
        groups = np.unique(_groups(np.frombuffer(f"  {wanted}  ".encode(), np.uint8)))
        lists = [postings[starts[group] : starts[group + 1]] for group in groups]
        shared = np.bincount(np.concatenate(lists), minlength=len(self._facts.buyers))
        if country is not None:
            shared[~self._of(country)] = 0
        some = np.flatnonzero(shared >= max(int(shared.max(initial=0)) // 3, 1))
        # Against the groups of both names: a long name shares much with any.
        likeness = shared[some] / (len(groups) + self._lengths[some] + 2)
        return some[np.argsort(-likeness, kind="stable")[:MOST_SCORED]]

    def _of(self, country: str) -> NDArray[np.bool_]:
        countries = self._facts["buyers"].arrow["country"]
        return pc.equal(countries, country).fill_null(False).to_numpy(zero_copy_only=False)

    @cached_property
    def _identifiers(self) -> list[pa.Array]:
        arrow = self._facts["buyers"].arrow
        return [
            pc.replace_substring_regex(pc.utf8_upper(arrow[name]), NOT_A_SIGN, "")
            for name in IDENTIFIERS
        ]

    @cached_property
    def _names(self) -> pa.Array:
        return plain_names(self._facts["buyers"].arrow["name"].fill_null(""))

    @cached_property
    def _lengths(self) -> NDArray[np.int32]:
        return pc.binary_length(self._names).to_numpy()

    @cached_property
    def _index(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """(starts, postings): the names with group g are postings[starts[g]:starts[g + 1]]."""
        padded = pc.binary_join_element_wise("  ", self._names, "  ", "").cast(pa.large_binary())
        lengths = self._lengths.astype(np.int64) + 4
        groups = _groups(np.frombuffer(padded.buffers()[2], np.uint8, lengths.sum()))
        # Two groups at the end of each name reach into the next.
        within = np.ones(len(groups) + 2, bool)
        ends = np.cumsum(lengths)
        within[ends - 1] = within[ends - 2] = False
        owner = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)[within]
        groups = groups[within[: len(groups)]]
        order = np.argsort(groups, kind="stable")  # sixteen bits: by radix
        return np.searchsorted(groups[order], np.arange(BUCKETS + 1)), owner[order]


def unambiguous(matches: list[Match]) -> bool:
    """Whether one buyer alone is meant: the same identifier or name, and no other near it."""
    return (
        bool(matches)
        and matches[0].confidence == 1
        and all(other.confidence < DOUBTFUL for other in matches[1:])
    )


def _groups(letters: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """A bucket for each three letters on end."""
    one, two, three = (letters[i : len(letters) - 2 + i].astype(np.uint32) for i in range(3))
    return ((one * 961 + two * 31 + three) * 40503 >> 4).astype(np.uint16)


def _signs(identifier: str) -> str:
    return "".join(sign for sign in identifier.upper() if sign.isalnum())


def _forms(identifier: str) -> set[str]:
    """The ways in which an identifier may be written in the tables."""
    forms = {identifier}
    if identifier.isdecimal() and len(identifier) in (SIREN, SIRET):
        siren = identifier[:SIREN]
        forms |= {siren, f"FR{siren}", french_vat(siren)}
    if identifier.startswith("FR") and len(identifier) == FRENCH_VAT:
        forms |= {identifier[-SIREN:]}
    return forms


def french_vat(siren: str) -> str:
    """The VAT number of a SIREN.

    >>> french_vat("404833048")
    'FR83404833048'
    """
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02}{siren}"
