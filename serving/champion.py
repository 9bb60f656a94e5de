"""The bundle in force: loaded once, looked at every second, swapped whole when it changes."""

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.credit_model import CreditModel
from serving.bundles import pack_bundle
from serving.store.archive import digest_of

log = logging.getLogger("encours.champion")


@dataclass(frozen=True)
class InForce:
    """A credit model and since when it answers; one immutable reference, swapped whole.

    `content` is its bundle as the archive keeps it, under `digest`.
    """

    model: CreditModel
    since: str  # UTC, ISO 8601
    stamp: tuple[int, int]
    content: bytes
    digest: str


class Champion:
    """The credit model in `folder`. `now` is what answers; a request reads it once.

    A bundle that is half-written, altered or of another currency is refused and logged, and the
    one in force goes on.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._refused: tuple[int, int] | None = None
        self.now = self._load(_stamp(folder))
        self._stop = threading.Event()

    def watch(self, seconds: float = 1.0) -> None:
        """Look for a new bundle every so often, in a thread that ends with `close`."""
        threading.Thread(target=self._watch, args=(seconds,), name="champion", daemon=True).start()

    def close(self) -> None:
        """Stop watching."""
        self._stop.set()

    def look(self) -> bool:
        """Whether a new bundle was taken into force."""
        try:
            stamp = _stamp(self._folder)
        except OSError:
            return False  # between two renames of a promotion
        if stamp in (self.now.stamp, self._refused):
            return False
        try:
            new = self._load(stamp)
            old_currency, currency = self.now.model.policy.currency, new.model.policy.currency
            if currency != old_currency:
                raise ValueError(
                    f"its policy is in {currency}, the loaded tables in {old_currency}; restart"
                )
        except Exception:  # whatever is wrong with it, the one in force must go on
            log.exception("bundle in %s refused; %s goes on", self._folder, self.now.model.version)
            self._refused = stamp
            return False
        self.now = new
        log.info("bundle in force: %s", new.model.version)
        return True

    def _load(self, stamp: tuple[int, int]) -> InForce:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        model = CreditModel.load(self._folder)
        content = pack_bundle(self._folder, model)
        return InForce(model, since, stamp, content, digest_of(content))

    def _watch(self, seconds: float) -> None:
        while not self._stop.wait(seconds):
            self.look()


def _stamp(folder: Path) -> tuple[int, int]:
    """Changes with the bundle: its metadata seals every other file, and is written last."""
    status = (folder / "metadata.json").stat()
    return status.st_ino, status.st_mtime_ns
