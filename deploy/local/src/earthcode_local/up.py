"""`earthcode up`: the whole federation on this machine, until Ctrl-C."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from select import select
from socket import socket

import click
from earthcode_common.streams import SERVICES, permissions
from rich.console import Console

from earthcode_local.launch import folder, ports
from earthcode_local.launch.child import Child, Job
from earthcode_local.launch.config import CLI_CLIENT, GATEWAY_CLIENT, PLATFORM_CLIENT, Layout
from earthcode_local.launch.display import Progress, show_addresses
from earthcode_local.launch.supervisor import Program, Supervisor
from earthcode_local.launch.table import PORTS, programs
from earthcode_local.servers import ServerError
from earthcode_local.servers.processes import birth
from earthcode_local.state import (
    DEFAULT_PORT,
    Deployment,
    ProcessState,
    default_data_dir,
    register,
    write_state,
)

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port of the gateway on 127.0.0.1; 0 takes a free one.",
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Where everything is kept  [default: EARTHCODE_DATA_DIR or ~/.local/share/earthcode]",
)
def up(port: int, data_dir: Path | None) -> None:
    """Start the whole federation on this machine.

    PostgreSQL, NATS, a development OpenID provider, a processing platform, the services and their
    workers, and the gateway, each in a process of its own, watched and started again when it dies.
    Ctrl-C stops them; the data stays. DATABASE_URL and NATS_URL in the environment name servers to
    use instead of the embedded ones.
    """
    chosen = data_dir.expanduser().absolute() if data_dir else default_data_dir()
    with ExitStack() as held:
        try:
            layout = take(chosen, port, PORTS, held)
            may = {service: permissions(service) for service in SERVICES}
            ok = keep(layout, programs(layout, may))
        except (folder.InUse, folder.Unusable, ports.PortTaken, ServerError, OSError) as error:
            click.echo(f"earthcode up: {error}", err=True)
            ok = False
    sys.exit(0 if ok else 1)


def take(data_dir: Path, port: int, names: Sequence[str], held: ExitStack) -> Layout:
    """Make the folder and the ports ours, after ending what a killed supervisor left there."""
    folder.prepare(data_dir)
    held.enter_context(folder.lock(data_dir))
    for name in folder.end_leftovers(data_dir):
        click.echo(f"ended {name}, left over from an earlier start", err=True)
    number, holder = asked_port(port)
    assigned, holders = ports.assign(names, data_dir / "ports.json")
    for reserved in (holder, *holders):
        held.enter_context(reserved)
    servers = [os.environ.get(name) or None for name in ("DATABASE_URL", "NATS_URL")]
    return Layout(data_dir, number, assigned, *servers)


def asked_port(port: int) -> tuple[int, socket]:
    try:
        return ports.reserve(port)
    except ports.PortTaken as error:
        raise ports.PortTaken(f"{error}. Choose another with --port (0 takes any).") from error


def keep(layout: Layout, table: Sequence[Program]) -> bool:
    """Until a signal; True when everything had come up. All is stopped in order at the end."""
    console = Console(highlight=False)
    asked_to_stop = stop_signals()
    supervisor = Supervisor(table)
    try:
        with Progress(console) as progress:
            supervisor.start()
            came_up = watch(layout, supervisor, progress, asked_to_stop)
    finally:
        say("Stopping ...")
        supervisor.stop()
        write_state(describe(layout, supervisor))
    say("Stopped.")
    return came_up


def say(text: str) -> None:
    with suppress(OSError):  # the terminal may be gone: no reason not to stop in order
        click.echo(text)


def stop_signals() -> Callable[[float], bool]:
    """`asked(seconds)` waits that long for a signal to stop, and stays true after the first.

    Through a pipe: a handler may run while its thread holds the lock that it would need.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)

    def noticed(*_: object) -> None:
        for number in STOPPING:  # a second one ends us at once, and the processes with us
            signal.signal(number, signal.SIG_DFL)

    for number in STOPPING:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
            signal.signal(number, noticed)
    return lambda seconds: bool(select([reader], [], [], seconds)[0])


def watch(
    layout: Layout,
    supervisor: Supervisor,
    progress: Progress,
    asked_to_stop: Callable[[float], bool],
) -> bool:
    """Write down and show every change, until asked to stop or something never comes up."""
    began, announced, known = time.monotonic(), False, None
    while not asked_to_stop(0.5 if announced else 0.1):
        if (now := describe(layout, supervisor)) != known:
            write_state(now)
            known = now
        progress.show(supervisor.standing)
        if supervisor.failed:
            progress.settle()
            explain(layout, supervisor, supervisor.failed)
            return False
        if supervisor.up and not announced:
            progress.settle()
            register(now)
            show_addresses(progress.console, layout, time.monotonic() - began)
            announced = True
    return announced


def explain(layout: Layout, supervisor: Supervisor, name: str) -> None:
    problem = supervisor.standing[name].problem
    click.echo(f"\n{name} does not come up: {problem}\n\nIts log: {layout.log(name)}", err=True)


def describe(layout: Layout, supervisor: Supervisor) -> Deployment:
    return Deployment(
        url=layout.url,
        data_dir=str(layout.data_dir),
        pid=os.getpid(),
        born=birth(os.getpid()),
        issuer=layout.issuer,
        clients={"gateway": GATEWAY_CLIENT, "command": CLI_CLIENT, "platform": PLATFORM_CLIENT},
        processes=tuple(process_states(supervisor)),
    )


def process_states(supervisor: Supervisor) -> Iterator[ProcessState]:
    for name, program in supervisor.programs.items():
        if isinstance(program.server, Job):
            continue
        state, pid = supervisor.standing[name].state, supervisor.pid(name)
        born = birth(pid) if pid else None
        probe = program.server.ready_url if isinstance(program.server, Child) else None
        yield ProcessState(name, pid, program.url, state, born, probe)
