"""`earthcode dead`: events that could not be handled."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import click
from earthcode_common import dead_letters, messaging
from earthcode_common.settings import ServiceSettings
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from earthcode_local.state import NotRunning, find

Work = Callable[[JetStreamContext], Awaitable[Any]]


@click.group(help=__doc__)
def dead() -> None:
    pass


@dead.command("list")
def list_command() -> None:
    """Show every dead letter: number, consumer, subject, error."""

    async def work(stream: JetStreamContext) -> None:
        none = True
        async for letter in dead_letters.letters(stream):
            click.echo(f"{letter.number}\t{letter.consumer}\t{letter.subject}\t{letter.error}")
            none = False
        if none:
            click.echo("no dead letters", err=True)

    _with_stream(work)


@dead.command("replay")
@click.argument("number", type=int)
def replay_command(number: int) -> None:
    """Tell an event again, after its cause was mended."""
    _with_stream(lambda stream: dead_letters.replay(stream, number))


@dead.command("discard")
@click.argument("number", type=int)
def discard_command(number: int) -> None:
    """Let an event go."""
    _with_stream(lambda stream: dead_letters.discard(stream, number))


def _with_stream(work: Work) -> None:
    try:
        asyncio.run(_run(work))
    except NotFoundError:
        click.echo("There is no such dead letter", err=True)
        sys.exit(1)
    except (NotRunning, OSError) as error:
        click.echo(f"earthcode dead: {error}", err=True)
        sys.exit(1)


async def _run(work: Work) -> None:
    client = await messaging.connect(_settings(), "operator")
    try:
        await work(client.jetstream())
    finally:
        await client.close()


def _settings() -> ServiceSettings:
    """EARTHCODE_NATS_URL and EARTHCODE_NATS_SEED_FILE when set, else the deployment here."""
    given = ServiceSettings()
    if "nats_url" in given.model_fields_set:
        return given
    deployment = find()
    server = next(process for process in deployment.processes if process.name == "nats")
    seed = Path(deployment.data_dir) / "secrets" / "nats-operator.seed"
    return given.model_copy(update={"nats_url": server.url, "nats_seed_file": seed})
