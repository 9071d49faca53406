"""Ports of 127.0.0.1 for the inner services: the same at every start when possible.

They lie below the range from which Linux takes ports for outgoing connections, and the supervisor
keeps each one bound, without listening, so that nobody else gets it while a service restarts.
"""

import hashlib
import socket
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from earthcode_local.files import read_json, write_json

FIRST, LAST = 20000, 32000
HOST = "127.0.0.1"


class PortTaken(RuntimeError):
    """Something else listens on the port that was asked for."""


def reserve(port: int) -> tuple[int, socket.socket]:
    """Hold a port that is free for us to listen on (0: any); raises PortTaken."""
    with _socket(reuse=True) as probe:
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError as error:
            raise PortTaken(f"port {port}: {error.strerror}") from error
        number: int = probe.getsockname()[1]
    return number, _hold(number)


def assign(names: Iterable[str], path: Path) -> tuple[dict[str, int], list[socket.socket]]:
    """A port for each name, remembered in `path`, and what holds them."""
    earlier: Mapping[str, int] = read_json(path) or {}
    found: dict[str, int] = {}
    held: list[socket.socket] = []
    for name in names:
        found[name] = _earlier_or_fresh(earlier.get(name), path, set(found.values()), held)
    write_json(path, found)
    return found, held


def _earlier_or_fresh(
    earlier: int | None, path: Path, used: set[int], held: list[socket.socket]
) -> int:
    try:
        if earlier is not None and earlier not in used:
            held.append(reserve(earlier)[1])
            return earlier
    except PortTaken:
        pass  # it went to somebody else while we were away
    start = int(hashlib.sha256(str(path).encode()).hexdigest(), 16)
    for step in range(LAST - FIRST):
        port = FIRST + (start + step) % (LAST - FIRST)
        if port not in used and _is_free(port):
            held.append(_hold(port))
            return port
    raise PortTaken(f"no port between {FIRST} and {LAST} is free")


def _is_free(port: int) -> bool:
    """Neither listened on, nor held by another deployment."""
    with _socket(reuse=False) as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _hold(port: int) -> socket.socket:
    holder = _socket(reuse=True)
    if sys.platform == "linux":  # elsewhere a bound port could not be listened on by another
        holder.bind((HOST, port))
    return holder


def _socket(reuse: bool) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if reuse:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return made
