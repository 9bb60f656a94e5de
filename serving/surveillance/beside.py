"""What enters a run beside the tables: declared events, overrides, confirmations, groups."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from features.tables import Tables
from serving.declarations.incidents import with_declared
from serving.declarations.known import Declared, Known
from serving.store.store import Store
from serving.surveillance import alerts
from serving.surveillance.runs import Run


@dataclass(frozen=True)
class Beside:
    """`declared` events and limits that people set (`overridden`), by buyer; `confirmed` raises;
    `groups`: what the others of a buyer's group use. `version` changes with the first three."""

    declared: Mapping[str, Sequence[Declared]] = field(default_factory=dict)
    overridden: Mapping[str, float] = field(default_factory=dict)
    confirmed: Collection[str] = ()
    groups: Mapping[str, float] = field(default_factory=dict)
    version: str = ""

    @classmethod
    def of(cls, store: Store, as_of_date: date, last: Run | None) -> "Beside":
        """What the store knows for a run on a day, after `last`; no groups yet."""
        known = Known(store)
        limits = {
            buyer: override.limit
            for buyer in known.buyers()
            for override in known.overrides(buyer, str(as_of_date))
            if override.limit is not None
        }
        confirmed = sorted(alerts.confirmed(store, last.started_at if last else None))
        declared = {buyer: events for buyer in known.buyers() if (events := known.events(buyer))}
        return cls(declared, limits, confirmed, {}, f"{known.revision} {confirmed}")

    def tables(self, raw: Tables) -> Tables:
        """Raw tables with what was declared of their buyers."""
        if not self.declared:
            return raw
        there = set(self.declared) & set(raw["buyers"]["buyer_id"].to_pylist())
        return with_declared(raw, {buyer: self.declared[buyer] for buyer in sorted(there)})
