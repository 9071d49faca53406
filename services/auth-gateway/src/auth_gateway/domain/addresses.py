"""The client's address, for the audit: what the last proxy that we trust saw."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

Networks = Sequence[IPv4Network | IPv6Network]


def client_address(peer: str, headers: Sequence[tuple[bytes, bytes]], trusted: Networks) -> str:
    """``X-Forwarded-For`` read from the right, as far as trusted proxies wrote it; or ``peer``."""
    given = [value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for"]
    hops = [hop.strip() for hop in ",".join(given).split(",") if hop.strip()]
    found = peer
    while hops and _is_within(found, trusted):
        if not _is_address(hops[-1]):
            break
        found = hops.pop()
    return found


def _is_within(address: str, networks: Networks) -> bool:
    return _is_address(address) and any(ip_address(address) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
