"""The `earthcode` command. Each subcommand's module is imported when it is used."""

from importlib import import_module

import click

COMMANDS = {
    "up": ("earthcode_local.up:up", "Start the whole federation on this machine."),
    "status": ("earthcode_local.status:status", "Show what runs, and how it is."),
    "token": ("earthcode_local.token:token", "Print an access token of a demonstration person."),
    "demo": ("earthcode_local.demo:demo", "Walk through the federation with real data."),
    "dead": ("earthcode_local.dead:dead", "List and replay events that could not be handled."),
    "osc": ("earthcode_local.osc:osc", "Check, import and export an Open Science Catalog."),
}


class LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def earthcode() -> None:
    """EarthCODE Federation on this machine.

    EARTHCODE_URL and EARTHCODE_DATA_DIR tell which deployment is meant, when there are several.
    """


def main() -> None:
    earthcode(prog_name="earthcode")
