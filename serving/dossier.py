"""What is known of the buyer that a question is about: its facts, and what people said of it."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from features.facts import Facts, Keys
from features.standing import GroupUse, group_use
from features.tables import TABLES, Tables
from serving.contracts import Lookup, ScoreRequest
from serving.declarations.apply import Override
from serving.declarations.incidents import with_declared
from serving.declarations.known import Known
from serving.intake import facts_of
from serving.matching import Match, Matcher, unambiguous
from serving.portfolio import Portfolio
from serving.problems import FieldError, Problem, field_problem
from serving.snapshot import own_tables, pack, pack_own, shared_tables
from serving.store.archive import digest_of

# Past this the loaded tables say nothing: payment data is stale after a quarter.
FURTHEST = timedelta(days=92)
MOST_CANDIDATES = 10  # told where more than one buyer may be meant
MOST_REMEMBERED = 200_000  # digests, some 30 MB


@dataclass(frozen=True)
class Dossier:
    """Facts of one buyer and a day to look at them from; overrides that are in force on it; what
    its group uses, where the others of the group are not among the facts.

    `revision` is that of the declarations it holds. `facts_digest` names the buyer's rows in the
    archive ("" where the request holds them), `shared_digest` the tables that all buyers share;
    `contents` are those of the two that the archive may lack.
    """

    facts: Facts
    keys: Keys
    overrides: Sequence[Override]
    group: GroupUse | None
    revision: int
    facts_digest: str
    shared_digest: str
    contents: Mapping[str, bytes]


class Dossiers:
    """Dossiers of the buyers of `portfolio`, with what is declared of them."""

    def __init__(self, portfolio: Portfolio, known: Known) -> None:
        self._portfolio = portfolio
        self._known = known
        shared = pack(shared_tables(portfolio.facts))
        self._shared = (digest_of(shared), shared)
        self._digests: dict[Hashable, str] = {}
        self._archived: set[str] = set()

    def of(self, request: ScoreRequest) -> Dossier:
        """The dossier that `request` asks about. Raises Problem where there is none for the day."""
        revision = self._known.revision  # before what it stands for
        facts, code, digest, contents = self._own(request)
        day = np.array([request.as_of_date], "datetime64[D]").astype(np.int32)
        overrides = self._known.overrides(str(facts.buyers[code]), str(request.as_of_date))
        shared = self._shared[0]
        contents = {**contents, **self.lacking(*self._shared)}
        keys, loaded = Keys(np.array([code]), day), self._portfolio.facts
        group = None if facts is loaded else group_use(facts, keys, within=loaded)
        return Dossier(facts, keys, overrides, group, revision, digest, shared, contents)

    def lacking(self, digest: str, content: bytes) -> Mapping[str, bytes]:
        """The content, as long as the archive may lack it."""
        return {} if digest in self._archived else {digest: content}

    def archived(self, contents: Mapping[str, bytes]) -> None:
        """The archive has these contents: there is no need to send them again."""
        if len(self._digests) > MOST_REMEMBERED:
            self._digests.clear()
            self._archived.clear()
        self._archived.update(contents)

    def _own(self, request: ScoreRequest) -> tuple[Facts, int, str, Mapping[str, bytes]]:
        """The buyer's facts, its code in them, their digest and, if need be, their content."""
        facts = self._portfolio.facts
        if request.facts is not None:
            return facts_of(request.facts, facts), 0, "", {}
        code = self._code(request)
        events = self._known.events(str(facts.buyers[code]))
        digest = self._digests.get((code, events), "")
        if digest in self._archived and not events:
            return facts, code, digest, {}
        if events:
            tables = with_declared(own_tables(facts, code), {str(facts.buyers[code]): events})
            own, place, content = of_one(tables, facts), 0, pack(tables)
        else:
            own, place, content = facts, code, pack_own(facts, code)
        digest = self._digests[code, events] = digest_of(content)
        return own, place, digest, {digest: content}

    def _code(self, request: ScoreRequest) -> int:
        """The code of the buyer asked about, where the loaded tables can answer for that day."""
        if request.lookup is not None:
            code = self._meant(request.lookup)
        else:
            code = self._portfolio.facts.code_of(request.buyer_id or "")
        if code < 0:
            raise unknown_buyer(self._portfolio, request.buyer_id or "")
        last = self._portfolio.last_known_day + FURTHEST
        if request.as_of_date > last:
            remedy = f"ask for {last} or earlier, or load newer tables: these end 92 days before"
            raise field_problem("as_of_date", str(request.as_of_date), remedy)
        return code

    def _meant(self, lookup: Lookup) -> int:
        """The code of the one buyer that fits; no other is ever taken for it."""
        matches = find(self._portfolio.matcher, lookup)
        if unambiguous(matches):
            return matches[0].code
        if not matches:
            remedy = "nobody of that name or identifier; send its buyer_id, or its facts"
            raise Problem("unknown-buyer", f"lookup: {remedy}", [FieldError("lookup", "", remedy)])
        raise Problem(
            "ambiguous-buyer",
            "ask again with the buyer_id of the one that is meant",
            candidates=[self._portfolio.candidate(match) for match in matches[:MOST_CANDIDATES]],
        )


def find(matcher: Matcher, lookup: Lookup) -> list[Match]:
    """The buyers that may be meant, likest first."""
    if lookup.identifier is not None:
        return matcher.identified(lookup.identifier)
    return matcher.named(lookup.name or "", lookup.country)


def of_one(tables: Tables, context: Facts) -> Facts:
    """Facts of the one buyer in `tables`, with the shared tables of `context`."""
    own = Facts.of(tables, context.currency)
    shared = {name: context[name] for name, table in TABLES.items() if not table.of_buyer}
    return Facts(own.buyers, {**own.tables, **shared}, context.currency)


def unknown_buyer(portfolio: Portfolio, buyer_id: str) -> Problem:
    """The problem that names the near ones."""
    near = " or ".join(portfolio.near(buyer_id)) or "none is near"
    remedy = f"use the id of a buyer of the loaded tables ({near}), or send its facts"
    return Problem(
        "unknown-buyer",
        f"no buyer {buyer_id!r}: {remedy}",
        [FieldError("buyer_id", buyer_id, remedy)],
    )
