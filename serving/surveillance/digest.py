"""The digest: one e-mail a run, with its alerts by rule and the gravest in words.

ENCOURS_SMTP        smtp://user:password@host:587 (STARTTLS where offered), or smtps://…
ENCOURS_DIGEST_TO   addresses, separated by commas; none: no digest
ENCOURS_DIGEST_FROM the sender, encours@localhost by default
"""

import smtplib
import ssl
from collections import Counter
from collections.abc import Sequence
from email.message import EmailMessage
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import NAMESPACE_URL, uuid5

from serving.access.peer import is_loopback
from serving.environment import setting
from serving.surveillance.outbox import Message
from serving.surveillance.rules import RULES, STALE_TABLES
from serving.surveillance.runs import Run

TOLD: Final = 20  # alerts in words
TIMEOUT: Final = 20.0  # seconds
_ORDER = (STALE_TABLES, *RULES)


def messages(run: Run, alerts: Sequence[dict[str, Any]], total: int) -> list[Message]:
    """What tells the addresses of the `total` alerts of a run, the gravest first in `alerts`."""
    addresses = [text for part in setting("ENCOURS_DIGEST_TO").split(",") if (text := part.strip())]
    if not alerts or not addresses:
        return []
    content = _content(run, alerts, total)
    return [
        Message(
            str(uuid5(NAMESPACE_URL, f"encours:digest:{run.run_id}:{to}")), "email", to, content
        )
        for to in addresses
    ]


def gravity(alert: dict[str, Any]) -> tuple[int, float, str]:
    """Sorts alerts: gravest rule first, then the largest expected loss."""
    loss = (alert["after"] or {}).get("expected_loss") or 0.0
    return _ORDER.index(alert["kind"]), -loss, alert["alert_id"]


def _content(run: Run, alerts: Sequence[dict[str, Any]], total: int) -> bytes:
    by_kind = Counter(run.summary.get("alerts", {}))
    lines = [f"{total:,} alerts on {run.as_of_date}", ""]
    lines += [f"{by_kind[kind]:>8,}  {kind.replace('_', ' ')}" for kind in _ORDER if by_kind[kind]]
    for alert in alerts[:TOLD]:
        who = (
            " · ".join(text for text in (alert["buyer_id"], alert["name"]) if text) or "the tables"
        )
        lines += ["", who, f"  {alert['text']['en']}", f"  → {alert['action']['en']}"]
    if total > TOLD:
        lines += ["", f"and {total - TOLD:,} more: GET /v1/alerts"]
    return "\n".join(lines).encode()


def server_at(address: str) -> SplitResult:
    """The server in ENCOURS_SMTP. Raises ValueError."""
    server = urlsplit(address)
    if server.scheme not in ("smtp", "smtps") or not server.hostname:
        raise ValueError("ENCOURS_SMTP names no server, like smtp://mail.example:25")
    return server


def send(posted: Message) -> str | None:
    """Deliver a digest; None, or what went wrong. ValueError where no server is named."""
    server = server_at(setting("ENCOURS_SMTP"))
    letter = EmailMessage()
    letter["From"] = setting("ENCOURS_DIGEST_FROM")
    letter["To"] = posted.target
    letter["Subject"] = "encours: " + posted.content.decode().splitlines()[0]
    letter["Message-ID"] = f"<{posted.message_id}@encours>"
    letter.set_content(posted.content.decode())
    try:
        _submit(server, letter)
    except (OSError, smtplib.SMTPException) as error:
        return f"{type(error).__name__}: {error}"
    return None


def _submit(server: SplitResult, letter: EmailMessage) -> None:
    secure = ssl.create_default_context()
    if server.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.hostname or "", server.port or 465, timeout=TIMEOUT, context=secure
        )
    else:
        connection = smtplib.SMTP(server.hostname or "", server.port or 25, timeout=TIMEOUT)
    with connection:
        connection.ehlo()
        if server.scheme == "smtp" and connection.has_extn("starttls"):
            connection.starttls(context=secure)
        elif server.scheme == "smtp" and server.username and not is_loopback(server.hostname or ""):
            raise smtplib.SMTPNotSupportedError("no STARTTLS: a password would be sent in clear")
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(letter)
