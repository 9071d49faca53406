"""What the person who typed `earthcode up` sees: a line per process, then where to go."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from earthcode_local.launch.config import PLATFORM_CLIENT, PLATFORM_SECRET, Layout
from earthcode_local.launch.supervisor import Standing
from earthcode_local.oidc.people import PASSWORD, PEOPLE
from earthcode_local.state import DEFAULT_PORT

COLOURS = {
    "ready": "green",
    "done": "green",
    "starting": "yellow",
    "restarting": "yellow",
    "failed": "red",
    "stopped": "dim",
}


class Progress:
    """A live table on a terminal; plain lines, one per news, anywhere else."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._seen: dict[str, Standing] = {}
        self._live: Live | None = None

    def __enter__(self) -> "Progress":
        if self.console.is_terminal:
            self._live = Live(console=self.console, refresh_per_second=8, transient=False)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.settle()

    def settle(self) -> None:
        """From now on only news."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def show(self, standings: Mapping[str, Standing]) -> None:
        news = {n: s for n, s in standings.items() if s != self._seen.get(n)}
        self._seen |= news
        if self._live is not None:
            self._live.update(as_table(standings))
            return
        for name, standing in news.items():
            if standing.state not in ("waiting", "starting", "stopping"):
                self.console.print(line(name, standing), soft_wrap=True)


def as_table(standings: Mapping[str, Standing]) -> Table:
    grid = Table.grid(padding=(0, 2))
    for name, standing in standings.items():
        busy = standing.state in ("starting", "restarting", "stopping")
        mark = Spinner("dots", style="yellow") if busy else Text(" ")
        grid.add_row(mark, name, styled(standing), Text(detail(standing), style="dim"))
    return grid


def line(name: str, standing: Standing) -> Text:
    text = Text(f"{name:<20} ")
    text.append_text(styled(standing))
    text.append(f"  {detail(standing)}", style="dim")
    return text


def styled(standing: Standing) -> Text:
    return Text(f"{standing.state:<10}", style=COLOURS.get(standing.state, ""))


def detail(standing: Standing) -> str:
    if standing.state in ("ready", "done"):
        return f"{standing.seconds:.1f} s"
    lines = standing.problem.strip().splitlines()
    return " ".join(dict.fromkeys((lines[0], lines[-1])))[:160] if lines else ""


def show_addresses(console: Console, layout: Layout, seconds: float) -> None:
    with console:  # all at once: who waits for the first line may read the others
        console.print()
        console.print(
            Text(f"EarthCODE is ready at {layout.url} ({seconds:.1f} s)", style="bold green")
        )
        console.print(_addresses(layout))
        console.print(
            f"[bold]People[/] (password [bold]{PASSWORD}[/]), log in at {layout.url}/auth/login"
        )
        console.print(_people())
        console.print(
            f"[bold]Platform[/] client [bold]{PLATFORM_CLIENT}[/], "
            f"secret [bold]{PLATFORM_SECRET}[/], tokens from {layout.issuer}/token",
            soft_wrap=True,
        )
        console.print("\n[bold]Try[/]")
        for command in suggestions(layout):
            console.print(f"  {command}", soft_wrap=True, highlight=False, markup=False)
        console.print(
            f"\nData and logs are in {layout.data_dir}. Ctrl-C stops everything.", soft_wrap=True
        )


def _addresses(layout: Layout) -> Table:
    grid = Table.grid(padding=(0, 2))
    for title, path in (
        ("STAC catalogue", "/stac"),
        ("Workflows and experiments", "/records"),
        ("Submissions", "/publish/submissions"),
        ("Reproduction", "/reproduce/platforms"),
    ):
        grid.add_row(f"  {title}", f"{layout.url}{path}")
    grid.add_row("  Who you are (OpenID)", layout.issuer)
    return grid


def _people() -> Table:
    grid = Table.grid(padding=(0, 2))
    for person in PEOPLE.values():
        grid.add_row(f"  {person.username}", person.name, person.title.lower())
    return grid


def suggestions(layout: Layout) -> list[str]:
    named = "" if layout.port == DEFAULT_PORT else f"EARTHCODE_URL={layout.url} "
    command = f"{named}{own_command()}"
    return [
        f"{command} demo",
        f"curl {layout.url}/stac/collections",
        f'curl -H "Authorization: Bearer $({command} token --as steward)" '
        f"{layout.url}/publish/submissions",
        f"{command} status",
    ]


def own_command() -> str:
    """As it can be typed here: the environment it is in need not be activated."""
    if shutil.which("earthcode"):
        return "earthcode"
    return os.path.relpath(Path(sys.executable).with_name("earthcode"))
