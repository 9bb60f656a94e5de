import pytest
from starlette.requests import HTTPConnection

from serving.access.peer import from_loopback, is_loopback


@pytest.mark.parametrize(
    ("client", "headers", "near"),
    [
        (("127.0.0.1", 1), [], True),
        (("::1", 1), [], True),
        (("10.0.0.1", 1), [], False),
        (None, [], False),  # a socket file: anybody may stand behind it
        (("127.0.0.1", 1), [(b"x-forwarded-for", b"10.0.0.1")], False),
        (("127.0.0.1", 1), [(b"via", b"1.1 proxy")], False),
    ],
)
def test_a_peer_is_near_when_it_is_this_machine_and_speaks_for_itself(
    client, headers, near
) -> None:
    scope = {"type": "http", "client": client, "headers": headers}
    assert from_loopback(HTTPConnection(scope)) is near


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.org", "localhost.example.org", ""])
def test_other_hosts_are_not_loopback(host: str) -> None:
    assert not is_loopback(host)
