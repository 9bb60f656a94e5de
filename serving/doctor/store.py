"""The store: reached, of this code's revision, its chain whole at the end, and who may come in."""

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from serving.access.first_start import DEMO
from serving.access.peer import is_loopback
from serving.access.sessions import SHORTEST
from serving.doctor.finding import Finding
from serving.environment import setting
from serving.store import changes
from serving.store.access import KEYS, PEOPLE
from serving.store.database import engine_of
from serving.store.record import DECISIONS, GENESIS, HEAD, record_of
from serving.store.schema import HEAD_REVISION
from serving.surveillance import webhooks

LATEST_APART = 60  # seconds between a decision's time and ours
UNREACHED = "start the database, or mend ENCOURS_STORE"


def check_store(address: str, host: str) -> list[Finding]:
    """All that concerns the store at `address`; nothing in it is changed."""
    path = address.removeprefix("sqlite:///")
    if path != address and not Path(path).exists():  # to connect would make it
        says = f"{path} is not there yet: the first start makes it"
        return [Finding("store", "ok", says), _secret(), _nobody(host)]
    try:
        engine = engine_of(address)
        with engine.connect() as connection:
            found = _examine(connection, host)
        engine.dispose()
        return [*found, _secret()]
    except (SQLAlchemyError, ValueError, OSError) as error:
        said = str(getattr(error, "orig", None) or error).splitlines()[0]
        return [Finding("store", "error", said, UNREACHED), _secret()]


def _examine(connection: sa.Connection, host: str) -> list[Finding]:
    if not sa.inspect(connection).has_table(HEAD.name):
        says = f"{connection.engine.url!r} is empty: the first start makes its tables"
        return [Finding("store", "ok", says), _nobody(host)]
    revision = _revision(connection)
    if revision.level != "ok":
        return [revision]  # the tables are not those that the other checks read
    found = [revision, _chain(connection), _clock(connection), _people(connection, host)]
    return [*found, *_webhooks(connection)]


def _revision(connection: sa.Connection) -> Finding:
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    says = f"{connection.engine.url!r} at revision {found}"
    if found == HEAD_REVISION:
        return Finding("store", "ok", says)
    if str(found) > HEAD_REVISION:
        remedy = "run the version that made it, or a newer one"
        return Finding("store", "error", f"{says}, newer than this version's", remedy)
    remedy = f"the next start brings it to {HEAD_REVISION}; back it up before"
    return Finding("store", "warning", says, remedy)


def _chain(connection: sa.Connection) -> Finding:
    """The last link, which a restored or half-copied store would break."""
    head = connection.execute(sa.select(HEAD.c.sequence, HEAD.c.hash)).one()
    last = sa.select(DECISIONS).order_by(DECISIONS.c.sequence.desc()).limit(2)
    rows = connection.execute(last).all()
    before = rows[1].hash if len(rows) > 1 else GENESIS
    told = record_of(rows[0]).hash_after(before, rows[0].sequence) if rows else GENESIS
    noted, changed = changes.head(connection), changes.last(connection)
    whole = (head.sequence, head.hash) == (rows[0].sequence if rows else 0, told)
    if whole and noted == changed:
        says = f"{head.sequence:,} decisions, {noted.sequence:,} changes, the last links hold"
        return Finding("chain", "ok", says)
    remedy = "`encours audit-log verify` names the first decision, or change, that was altered"
    which = "decisions" if not whole else "changes"
    return Finding("chain", "error", f"the chain of {which} does not end where it should", remedy)


def _clock(connection: sa.Connection) -> Finding:
    """Our clock beside the database's and the last decision's."""
    now = datetime.now(UTC)
    if connection.dialect.name == "postgresql":
        theirs = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        apart = abs((now - theirs).total_seconds())
        if apart > LATEST_APART:
            says = f"{apart:.0f} s from the database's"
            return Finding("clock", "error", says, "set the time of both machines (NTP)")
    last = sa.select(DECISIONS.c.decided_at).order_by(DECISIONS.c.sequence.desc()).limit(1)
    decided = connection.execute(last).scalar()
    if decided and (ahead := (datetime.fromisoformat(decided) - now).total_seconds()) > 0:
        says = f"the last decision is {ahead:.0f} s in the future"
        remedy = "set the time of this machine (NTP)"
        return Finding("clock", "error" if ahead > LATEST_APART else "warning", says, remedy)
    return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC, after the last decision")


def _secret() -> Finding:
    given = setting("ENCOURS_SECRET")
    if 0 < len(given) < SHORTEST:
        says = f"ENCOURS_SECRET is shorter than {SHORTEST} characters"
        return Finding("secret", "error", says, "`openssl rand -hex 32` makes one")
    where = "ENCOURS_SECRET" if given else "the store, which all workers share"
    return Finding("secret", "ok", f"sessions are signed by one kept in {where}")


def _webhooks(connection: sa.Connection) -> list[Finding]:
    """Whether what is to be sent can be signed; nothing is told where nothing is sent."""
    targets = webhooks.active(connection)
    if not targets:
        return []
    says = f"alerts go to {len(targets)} endpoints"
    try:
        webhooks.secret(targets[0])
    except ValueError as error:
        return [Finding("webhooks", "error", f"{says}, but none is signed", str(error))]
    return [Finding("webhooks", "ok", f"{says}, signed")]


def _people(connection: sa.Connection, host: str) -> Finding:
    """Whether somebody could come in, and nobody by the demo's credentials from elsewhere."""
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    running = sa.func.coalesce(KEYS.c.expires_at, "9999") > now
    keys = sa.select(KEYS.c.name, KEYS.c.loopback_only).where(KEYS.c.revoked_at.is_(None), running)
    people = sa.select(PEOPLE.c.name, PEOPLE.c.loopback_only).where(PEOPLE.c.disabled_at.is_(None))
    has_keys, has_people = (connection.execute(query).all() for query in (keys, people))
    useful = [row for row in (*has_keys, *has_people) if is_loopback(host) or not row.loopback_only]
    says = f"{len(has_keys)} keys in force, {len(has_people)} accounts"
    if not useful and not setting("ENCOURS_OIDC_ISSUER"):
        return _nobody(host)
    if not is_loopback(host) and any(row.name.startswith(DEMO) for row in (*has_keys, *has_people)):
        remedy = "`encours key revoke demo`, `encours user disable demo-admin`"
        return Finding("access", "warning", f"{says}, the demo's among them", remedy)
    return Finding("access", "ok", says)


def _nobody(host: str) -> Finding:
    if is_loopback(host):
        return Finding("access", "ok", "none yet: `encours serve` makes a key and an account")
    remedy = "`encours key create NAME --role engine`, `encours user add NAME --role risk-admin`"
    return Finding("access", "error", f"nobody could use the service at {host}", remedy)
