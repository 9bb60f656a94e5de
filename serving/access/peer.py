"""Whether the one at the other end of the wire is this very machine."""

from ipaddress import ip_address

from starlette.requests import HTTPConnection

FORWARDED = {b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via"}


def from_loopback(connection: HTTPConnection) -> bool:
    """Whether the peer is this machine, and speaks for nobody else (a proxy would say so)."""
    forwarded = any(name in FORWARDED for name, _ in connection.headers.raw)
    return not forwarded and connection.client is not None and is_loopback(connection.client.host)


def is_loopback(host: str) -> bool:
    """Whether an address, or the name localhost, is of this machine.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "10.0.0.1")]
    [True, True, True, False, False]
    """
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
