from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from earthcode_processes import folders, store
from earthcode_processes.alive import kill_group

from tests.platform_processes.platform_server import PlatformServer


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformServer]:
    """One server for the tests that leave it whole."""
    server = PlatformServer(tmp_path_factory.mktemp("platform"), "--parallel-jobs", "3").start()
    yield server
    end(server)


@pytest.fixture(scope="session")
def narrow_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformServer]:
    """One job at a time, and three that may wait."""
    options = ("--parallel-jobs", "1", "--waiting-jobs", "3")
    server = PlatformServer(tmp_path_factory.mktemp("narrow"), *options).start()
    yield server
    end(server)


@pytest.fixture
def make_platform(tmp_path: Path) -> Iterator[Callable[..., PlatformServer]]:
    """Servers of its own for a test that kills or stops them."""
    servers: list[PlatformServer] = []

    def make(*options: str, data_dir: Path = tmp_path / "platform") -> PlatformServer:
        servers.append(PlatformServer(data_dir, *options))
        return servers[-1].start()

    yield make
    for server in servers:
        end(server)


def end(server: PlatformServer) -> None:
    if server.process is not None and server.process.poll() is None:
        server.kill_all()
    for job in store.running(folders.database(server.data_dir)):
        kill_group(job.pid, job.birth)
