"""Which buyer is meant: by an identifier, exactly; by a name, by how alike the names are.

Names are compared without accents, case, punctuation and legal forms. Of a million names, those
that share many groups of three letters with the one asked are found first (an index of the groups,
built when first needed); `rapidfuzz` then says how alike they are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from features.facts import Facts

IDENTIFIERS = ("buyer_id", "vat_number", "registration_number")
# As written without accents, dots and case: the commonest of the countries whose firms we name.
LEGAL_FORMS = (
    "sarl sas sasu sa eurl snc sca scop ei eirl sci gmbh ag kg ohg ug ek ev mbh co srl spa snc sapa "
    "sl sau slu sll ltd limited plc llp lp llc inc incorporated corp corporation company bv nv vof "
    "sprl scrl asbl sp zoo z oo jdg lda unipessoal ab hb publ oy oyj as asa aps di eni"
).split()
MOST_SCORED = 300  # names that are compared letter by letter
MOST_CANDIDATES = 100
LEAST = 0.60  # confidence below which nobody is meant
ALIKE = 0.90  # a second one this near makes the first one doubtful
BUCKETS = 1 << 16
NOT_WORD = r"[^\p{L}\p{N}]+"
FORMS = r"\b(?:" + "|".join(LEGAL_FORMS) + r")\b"


@dataclass(frozen=True)
class Match:
    """A buyer that may be meant; `confidence` 1 means the same identifier or the same name."""

    code: int
    confidence: float
    matched_on: Literal["identifier", "name"]


class Matcher:
    """Finds buyers of `facts`."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def identified(self, identifier: str) -> list[Match]:
        """The buyers with this identifier; a SIREN is found in a SIRET or a French VAT number."""
        wanted = _bare(identifier)
        keys = {wanted, *_sirens(wanted)} - {""}
        found = np.zeros(len(self._facts.buyers), bool)
        for column in self._identifiers.values():
            found |= pc.is_in(column, pa.array(keys)).to_numpy(zero_copy_only=False)
        return [Match(int(code), 1.0, "identifier") for code in np.flatnonzero(found)]

    def named(self, name: str, country: str | None = None) -> list[Match]:
        """The buyers with a name like this one, likest first; of `country`, where it is given."""
        wanted = plain(name)
        if not wanted:
            return []
        codes = self._sharing(wanted, country)
        names = self._names.take(pa.array(codes)).to_pylist()
        alike = process.cdist([wanted], names, scorer=fuzz.token_sort_ratio)[0] / 100
        order = np.lexsort((codes, -alike))
        return [
            Match(int(codes[i]), round(float(alike[i]), 4), "name")
            for i in order[:MOST_CANDIDATES]
            if alike[i] >= LEAST
        ]

    def _sharing(self, wanted: str, country: str | None) -> NDArray[np.int64]:
        """Codes of the names that share most groups of letters with the one wanted."""
        starts, postings = self._index
        buckets = np.unique(_buckets(wanted))
        parts = [postings[starts[bucket] : starts[bucket + 1]] for bucket in buckets]
        shared = np.bincount(np.concatenate(parts), minlength=len(self._facts.buyers))
        if country is not None:
            shared[~self._of_country(country)] = 0
        # Against the groups of both names: a long name shares much with any.
        likeness = shared / (len(buckets) + self._groups)
        best = np.argpartition(-likeness, min(MOST_SCORED, len(likeness) - 1))[:MOST_SCORED]
        return best[shared[best] > 0]

    def _of_country(self, country: str) -> NDArray[np.bool_]:
        countries = self._facts["buyers"].arrow["country"]
        return pc.equal(countries, country).fill_null(False).to_numpy(zero_copy_only=False)

    @cached_property
    def _identifiers(self) -> dict[str, pa.Array]:
        arrow = self._facts["buyers"].arrow
        return {
            name: pc.replace_substring_regex(pc.utf8_upper(arrow[name]), NOT_WORD, "")
            for name in IDENTIFIERS
            if name in arrow
        }

    @cached_property
    def _names(self) -> pa.Array:
        return pc.fill_null(_plain(self._facts["buyers"].arrow["name"]), "")

    @cached_property
    def _index(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Names by their groups of three letters: those of bucket b are postings[start[b]:…]."""
        padded = pc.binary_join_element_wise("  ", self._names, "  ", "")
        lengths = pc.binary_length(padded).to_numpy().astype(np.int64)
        letters = np.frombuffer(padded.cast(pa.binary()).buffers()[2], np.uint8)
        first = padded.offset
        assert first == 0
        letters = letters[: lengths.sum()]
        groups = _groups(letters)
        owner = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)[: len(groups)]
        ends = np.cumsum(lengths)
        within = np.ones(len(groups), bool)  # no group runs from one name into the next
        for back in (1, 2):
            within[ends[ends - back < len(groups)] - back] = False
        groups, owner = groups[within], owner[within]
        order = np.argsort(groups, kind="stable")  # by radix: sixteen bits
        starts = np.searchsorted(groups[order], np.arange(BUCKETS + 1))
        return starts, owner[order]

    @cached_property
    def _groups(self) -> NDArray[np.int64]:
        """How many groups of letters each name has."""
        return pc.binary_length(self._names).to_numpy().astype(np.int64) + 2


def plain(name: str) -> str:
    """A name as names are compared.

    >>> plain("Société Générale d'Électricité, S.A.R.L.")
    'societe generale d electricite'
    >>> plain("S.A.")
    's a'
    """
    return str(_plain(pa.array([name]))[0].as_py())


def _plain(names: pa.Array) -> pa.Array:
    folded = fold(names)
    undotted = pc.replace_substring_regex(folded, r"\b(\p{L})\.(?=\p{L}\b)", r"\1")
    words = pc.utf8_trim_whitespace(pc.replace_substring_regex(undotted, NOT_WORD, " "))
    bare = pc.replace_substring_regex(words, FORMS, " ")
    bare = pc.utf8_trim_whitespace(pc.replace_substring_regex(bare, r"\s+", " "))
    return pc.if_else(pc.equal(bare, ""), words, bare)
