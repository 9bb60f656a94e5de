"""Delivered over real sockets: HTTP, signed, retried; and mail, through a server in a thread."""

import hmac
import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from serving.store.store import Store
from serving.store.surveillance import now
from serving.surveillance import alerts, delivery, digest, outbox, webhooks
from serving.surveillance.outbox import Message, counts


class Receiver(ThreadingHTTPServer):
    """Answers `answers` in turn, then 200; keeps what it got."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/in"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("ENCOURS_WEBHOOK_SECRET", "a secret of the tests")
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def content(number: int) -> dict[str, Any]:
    told = {"alert_id": f"a{number}", "run_id": "run", "buyer_id": "B", "kind": "overdue"}
    return {**told, "rules": ["overdue"]}


def test_every_alert_arrives_signed(store: Store, receiver: Receiver) -> None:
    _, secret = webhooks.add(store, receiver.url)
    alerts.raise_alerts(store, [content(n) for n in range(30)])
    assert delivery.deliver_due(store) == 30
    assert counts(store) == {"delivered": 30}
    assert {json.loads(body)["alert_id"] for _, body in receiver.got} == {
        f"a{n}" for n in range(30)
    }
    assert len({headers["Encours-Message"] for headers, _ in receiver.got}) == 30
    for headers, body in receiver.got:
        stamp, signed = (part.split("=")[1] for part in headers["Encours-Signature"].split(","))
        expected = hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()
        assert hmac.compare_digest(signed, expected)


def test_a_failed_message_comes_again_with_the_same_id_and_body(
    store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "FIRST_WAIT", timedelta(milliseconds=1))
    monkeypatch.setattr(delivery, "A_MOMENT", 0.01)
    webhooks.add(store, receiver.url)
    receiver.answers = [500, 302, 429]
    alerts.raise_alerts(store, [content(1)])
    stop = threading.Event()
    worker = threading.Thread(target=delivery.deliver, args=(store, stop))
    worker.start()
    while counts(store) != {"delivered": 1}:
        assert worker.is_alive()
    stop.set()
    worker.join()
    assert len(receiver.got) == 4
    assert len({(headers["Encours-Message"], body) for headers, body in receiver.got}) == 1


def test_a_receiver_that_takes_nothing_holds_up_neither_the_others_nor_the_caller(
    store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its messages are due again at once, and still the call ends."""
    monkeypatch.setattr(outbox, "FIRST_WAIT", timedelta(0))
    webhooks.add(store, "http://127.0.0.1:9/nobody")
    webhooks.add(store, receiver.url)
    alerts.raise_alerts(store, [content(n) for n in range(60)])
    delivery.deliver_due(store)
    assert counts(store) == {"delivered": 60, "waiting": 60}
    assert len(receiver.got) == 60


def test_nobody_there_is_a_failure_that_is_noted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCOURS_WEBHOOK_SECRET", "a secret of the tests")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    webhooks.add(store, url)
    alerts.raise_alerts(store, [content(1)])
    assert delivery.deliver_due(store) == 1
    assert counts(store) == {"waiting": 1}


def test_without_the_secret_nothing_is_sent(
    store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhooks.add(store, receiver.url)
    alerts.raise_alerts(store, [content(1)])
    monkeypatch.delenv("ENCOURS_WEBHOOK_SECRET")
    delivery.deliver_due(store)
    assert counts(store) == {"waiting": 1}
    assert not receiver.got


class MailServer(threading.Thread):
    """As much of SMTP as a client needs; `letters` are what it took."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.letters: list[str] = []

    def run(self) -> None:
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rw", newline="\r\n") as talk:

            def say(text: str) -> None:
                talk.write(f"{text}\r\n")
                talk.flush()

            say("220 here")
            while line := talk.readline():
                verb = line[:4].upper()
                if verb == "DATA":
                    say("354 go on")
                    lines = iter(talk.readline, ".\r\n")
                    self.letters.append("".join(lines))
                say("221 bye" if verb == "QUIT" else "250 ok")
                if verb == "QUIT":
                    return


def test_a_digest_arrives(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    server = MailServer()
    server.start()
    monkeypatch.setenv("ENCOURS_SMTP", f"smtp://127.0.0.1:{server.port}")
    letter = Message("id-1", "email", "credit@example.org", "3 alerts on 2025-12-31\n\né".encode())
    with store.writing() as connection:
        outbox.post(connection, [letter], now())
    assert delivery.deliver_due(store) == 1
    assert counts(store) == {"delivered": 1}
    server.join(5)
    server.listener.close()
    (text,) = server.letters
    assert "To: credit@example.org" in text
    assert "Subject: encours: 3 alerts on 2025-12-31" in text
    assert "Message-ID: <id-1@encours>" in text


def test_a_password_is_sent_to_no_distant_server_in_clear(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = MailServer()  # it offers no STARTTLS
    server.start()
    monkeypatch.setattr(digest, "is_loopback", lambda _: False)
    monkeypatch.setenv("ENCOURS_SMTP", f"smtp://ana:hush@127.0.0.1:{server.port}")
    error = digest.send(Message("id", "email", "a@example.org", b"1 alert"))
    assert error is not None and "STARTTLS" in error
    server.join(5)
    server.listener.close()
    assert server.letters == []


@pytest.mark.parametrize("server", ["", "mail.example", "smtp://127.0.0.1:1"])
def test_a_digest_that_cannot_be_sent_waits(
    store: Store, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    monkeypatch.setenv("ENCOURS_SMTP", server)
    with store.writing() as connection:
        outbox.post(connection, [Message("id", "email", "a@example.org", b"1 alert")], now())
    delivery.deliver_due(store)
    assert counts(store) == {"waiting": 1}
