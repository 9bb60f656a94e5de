"""A generated economy: raw tables of a portfolio, and the true default probability of each buyer.

The structural model, month by month:

    liquidity  w(t) = q + sector cycle(t) + country cycle(t) + SWING x(t)   training.economy.chain
    hazard     logit h(t) = risk(t) - LIQUIDITY w(t)                        training.economy.chain
    risk(t)    BASE + sector + country + entity + size + age(t)             training.economy.firms

q is a firm's lasting solidity, x its fortune: a mean-reverting Markov chain of the firm alone. The
hazard leads into arrears, arrears into insolvency, protracted default or back. All that can be
observed follows from the state of the day, never from the fate to come: payment delays and
judgments from w (training.economy.ledger, training.economy.events), accounts from w and q,
published with a lag that grows with stress and hidden by small firms in bad years
(training.economy.accounts). So the probability that the chain gives is that of the best informed
observer, and no honest model beats it. It is conditional on the path of the cycles: given the
truth, defaults of firms outside groups are independent.

In the spirit of structural models (Black and Cox 1976: default when a firm's means run out), as a
discrete-time hazard (Shumway 2001). About 2.5 % of buyers default in a year.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from features.facts import Facts, Keys
from features.payments.usual_table import lateness_sums, usual_table
from features.progress import watched
from features.tables import TABLES, conform, write_tables
from training.economy.accounts import statements
from training.economy.balances import ageing, exposures
from training.economy.chain import LIQUIDITY, live, truth
from training.economy.events import esg, incidents
from training.economy.firms import Firms
from training.economy.ledger import ledger_tables, terms_of_trade, trade
from training.economy.world import Calendar, World

CHUNK = 5000  # buyers drawn at a time, which bounds memory; part of what a seed means
FAILURE_RATE = 0.017  # yearly, at the risk of the mean sector: the level of table `sector_risk`
END = date(2025, 12, 31)


def generate(buyers: int, years: int, seed: int, out: Path, end: date = END) -> None:
    """Write the raw tables of `buyers` over the `years` before `end` to `out`, and `truth.parquet`.

    Truth has one row per buyer not in default and quarter-end: buyer_id, as_of_date,
    default_probability (that a default begins within 12 months), default_on (the day it did, null
    if it did not; also beyond `end`, which the raw tables never are). Same arguments, same bytes.

    Raises ValueError where `end` does not end a month, or buyers or years are below 1.
    """
    for name, value in (("buyers", buyers), ("years", years)):
        if value < 1:
            raise ValueError(f"{name} is {value}: give 1 or more")
    starts = range(0, buyers, CHUNK)
    streams = np.random.SeedSequence(seed).spawn(1 + len(starts))
    shared, *own = (np.random.default_rng(stream) for stream in streams)
    world = World.draw(Calendar.until(end, years), shared)
    quarters = _quarters(world.calendar)
    lateness: list[pa.Table] = []
    out.mkdir(parents=True, exist_ok=True)
    write_tables(_context(world), out)
    with ExitStack() as stack:
        writers: dict[str, pq.ParquetWriter] = {}
        for start, rng in watched(list(zip(starts, own, strict=True)), "generating buyers"):
            tables = _chunk(start + 1, min(CHUNK, buyers - start), world, rng)
            lateness.append(lateness_sums(Facts.of(tables), quarters))
            for name, table in tables.items():
                if name not in writers:
                    path = out / f"{name}.parquet"
                    writer = pq.ParquetWriter(path, table.schema, compression="zstd")
                    writers[name] = stack.enter_context(writer)
                writers[name].write_table(table)
    write_tables({"usual_lateness": usual_table(lateness)}, out)


def true_probability(folder: Path, facts: Facts, keys: Keys) -> NDArray[np.float64] | None:
    """What `generate` wrote to `folder` of each key, NaN where it told nothing; None where the
    tables were not generated."""
    path = folder / "truth.parquet"
    if not path.is_file():
        return None
    told = pq.read_table(path, columns=["buyer_id", "as_of_date", "default_probability"])
    days = told["as_of_date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    truth = pd.Series(
        told["default_probability"].to_numpy(),
        pd.MultiIndex.from_arrays([told["buyer_id"].to_numpy(zero_copy_only=False), days]),
    )
    asked = [facts.buyer_ids[keys.buyer], keys.as_of.astype(np.int64)]
    return truth.reindex(pd.MultiIndex.from_arrays(asked)).to_numpy()


def _quarters(calendar: Calendar) -> list[date]:
    """The days on which usual lateness is published."""
    days: list[date] = calendar.last_day(calendar.snapshots).astype("datetime64[D]").tolist()
    return days


def _context(world: World) -> dict[str, pa.Table]:
    return {
        "fx": world.fx(),
        "country_risk": world.country_risk(LIQUIDITY),
        "sector_risk": world.sector_risk(LIQUIDITY, FAILURE_RATE),
    }


def _chunk(
    first: int, count: int, world: World, rng: np.random.Generator
) -> Mapping[str, pa.Table]:
    """Every table of a run of buyers, conformed."""
    calendar = world.calendar
    firms = Firms.draw(first, count, world, rng)
    lives = live(firms, world, rng)
    terms = terms_of_trade(firms, rng)
    ledger = trade(firms, calendar, lives, terms, rng)
    tables = {
        "buyers": firms.table(rng),
        "statements": statements(firms, calendar, lives, rng),
        **ledger_tables(firms, ledger, terms, calendar.end),
        "ageing": ageing(firms, ledger, terms, calendar, rng),
        "exposures": exposures(firms, ledger, terms, calendar, lives, rng),
        "incidents": incidents(firms, calendar, lives, rng),
        "esg": esg(firms, calendar, rng),
    }
    conformed = {name: conform(name, tables[name]) for name in TABLES if name in tables}
    return conformed | {"truth": truth(firms, world, lives)}
