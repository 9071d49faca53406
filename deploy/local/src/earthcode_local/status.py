"""`earthcode status`: every supervised process, the servers included."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import click
from rich.console import Console
from rich.text import Text

from earthcode_local.launch.child import answers
from earthcode_local.launch.display import COLOURS
from earthcode_local.state import Deployment, NotRunning, ProcessState, find

PUBLIC = ("name", "pid", "url", "state")


@click.command()
@click.option(
    "--json", "as_json", is_flag=True, help='{"processes": [{"name", "pid", "url", "state"}]}'
)
def status(as_json: bool) -> None:
    """Show what runs, and how it is.

    States: ready, starting, restarting, not-ready (runs, but says it cannot work now), stopped.
    """
    try:
        deployment = find()
    except NotRunning as error:
        if as_json:
            click.echo(json.dumps({"processes": []}))
        click.echo(str(error), err=True)
        sys.exit(1)
    processes = look(deployment)
    if as_json:
        rows = [{name: getattr(process, name) for name in PUBLIC} for process in processes]
        click.echo(json.dumps({"processes": rows}, indent=1))
    else:
        show(deployment, processes)


def look(deployment: Deployment) -> list[ProcessState]:
    with ThreadPoolExecutor(len(deployment.processes) or 1) as pool:
        return list(pool.map(judged, deployment.processes))


def judged(process: ProcessState) -> ProcessState:
    """What the supervisor wrote down, checked against the process itself."""
    if process.state != "ready":
        return process
    if not process.alive:
        return replace(process, pid=None, state="stopped")
    if process.probe and not answers(process.probe):
        return replace(process, state="not-ready")
    return process


def show(deployment: Deployment, processes: list[ProcessState]) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]{deployment.url}[/]  {deployment.data_dir}", soft_wrap=True)
    for process in processes:
        text = Text(f"{process.name:<20} ")
        text.append(f"{process.state:<11}", style=COLOURS.get(process.state, "red"))
        text.append(f" {process.pid or '':>7}  {process.url}")
        console.print(text, soft_wrap=True)
