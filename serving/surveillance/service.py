"""Surveillance as a process: it runs once, every so often, or when something changed that a run
depends on; delivers meanwhile, stops when asked."""

import logging
import re
import signal
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from threading import Event, Thread
from time import monotonic

from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from models.credit_model import CreditModel
from serving.store.declarations import last_revision
from serving.store.store import Store
from serving.store.surveillance import now
from serving.surveillance.delivery import deliver, deliver_due
from serving.surveillance.newest import newest_day
from serving.surveillance.outbox import counts
from serving.surveillance.page import run_table, write_run_page
from serving.surveillance.rules import DEFAULT_RULES, Rules
from serving.surveillance.surveil import surveil

log = logging.getLogger("encours.surveillance")
LOOK = 5.0  # seconds between looks for a change

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Surveillance:
    """What one `encours surveil` does. `as_of` is a day, `today` or `newest`."""

    def __init__(
        self,
        portfolio: Path,
        model: Path,
        rules: Path | None,
        folder: Path,
        store: str,
        page: Path,
        as_of: str,
        console: Console,
    ) -> None:
        self._portfolio, self._model, self._folder, self._page = portfolio, model, folder, page
        self._rules, self._as_of, self._console = rules or DEFAULT_RULES, as_of, console
        Rules.load(self._rules)  # what is wrong is said at once
        day_of(as_of, portfolio)
        self._store = Store(store)
        self._stop = Event()

    def run(self, every: str | None, on_change: bool) -> None:
        """Run once, or until the process is told to end."""
        interval = parse_every(every) if every else None
        try:
            if interval is None and not on_change:
                self.once()
                deliver_due(self._store)
                if waiting := counts(self._store).get("waiting"):
                    self._console.print(
                        f"{waiting:,} messages wait, as their receiver did not take them; "
                        "`encours webhook deliver` sends those that are due again"
                    )
                return
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self._stop.set())
            courier = Thread(target=deliver, args=(self._store, self._stop), name="courier")
            courier.start()
            stamps = self._stamps()

            def changed() -> bool:
                nonlocal stamps
                if not on_change:
                    return False
                try:
                    before, stamps = stamps, self._stamps()
                except SQLAlchemyError:
                    log.warning("the store is away; looking again", exc_info=True)
                    return False
                return stamps != before

            repeat(self._try, self._stop, interval, changed)
            courier.join()
        finally:
            self._store.close()

    def once(self) -> None:
        """One run, its table on the screen and its page."""
        model = CreditModel.load(self._model)
        rules = Rules.load(self._rules)
        day = day_of(self._as_of, self._portfolio)
        run = surveil(model, rules, self._portfolio, day, self._store, self._folder)
        self._console.print(run_table(run))
        write_run_page(run, model.policy.master_scale, self._page)
        self._console.print(f"page in [bold]{self._page}[/bold]")

    def _try(self) -> None:
        """A run that fails is told of; the next may not."""
        try:
            self.once()
        except Exception:
            log.exception("no run; trying again when the next is due")

    def _stamps(self) -> list[tuple[str, int]]:
        """Changes when anything does that a run depends on: a file, or what was declared."""
        with self._store.reading() as connection:
            declared = last_revision(connection)
        files = [*self._portfolio.glob("*.parquet"), self._model / "metadata.json", self._rules]
        stamps = [(str(file), file.stat().st_mtime_ns) for file in files if file.exists()]
        return [("declared", declared), *stamps]


def day_of(as_of: str, portfolio: Path) -> date:
    """The day meant by `--as-of`. ValueError where it is none."""
    if as_of == "newest":
        return newest_day(portfolio)
    if as_of == "today":
        return now().date()
    try:
        return date.fromisoformat(as_of)
    except ValueError as error:
        raise ValueError(
            f"--as-of {as_of}: give a day like 2025-12-31, today, or newest"
        ) from error


def parse_every(text: str) -> timedelta:
    """An interval. ValueError where it is none.

    >>> parse_every("15m")
    datetime.timedelta(seconds=900)
    """
    found = re.fullmatch(r"([1-9]\d*)([smhd])", text)
    if not found:
        raise ValueError(f"{text!r} is no interval; write 30s, 15m, 6h or 1d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def repeat(
    work: Callable[[], None],
    stop: Event,
    every: timedelta | None,
    changed: Callable[[], bool],
) -> None:
    """Do `work` now, then each time `every` has passed (None: never) or something has `changed`,
    until `stop` is set."""
    while not stop.is_set():
        began = monotonic()
        work()
        while not stop.wait(LOOK if every is None else min(LOOK, every.total_seconds())):
            due = every is not None and monotonic() - began >= every.total_seconds()
            if due or changed():
                break
