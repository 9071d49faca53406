"""`earthcode osc`: check, import and export trees of the Open Science Catalog."""

import sys
from pathlib import Path

import click

from earthcode_local.api import Api, Refused, console, fail
from earthcode_local.osc.source import opened
from earthcode_local.osc.tree import TreeError


@click.group(help=__doc__)
def osc() -> None:
    pass


@osc.command("check")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--fix", is_flag=True, help="Mend what has a known fix, then check again.")
def check_command(folder: Path, form: str, fix: bool) -> None:
    """Check a tree offline. Exit status 1 when an error is found."""
    from earthcode_local.osc import checking

    try:
        with opened(str(folder)) as (_, entities):
            findings = checking.check(entities)
            if fix:
                mended = checking.mend(entities, findings)
                console.print(f"{mended} fixes applied", style="dim")
                findings = checking.check(entities)
    except TreeError as error:
        fail(str(error), 2)
    if form == "json":
        click.echo(checking.as_json(findings))
    else:
        checking.show(console, findings)
    sys.exit(any(finding.severity == "error" for finding in findings))


@osc.command("import")
@click.argument("source")
@click.option("--range", "commits", metavar="A..B", help="Only what these commits changed (git).")
def import_command(source: str, commits: str | None) -> None:
    """Publish a tree (folder or git repository) as already published entities.

    A legacy import reports findings, it does not refuse; what is unchanged stays as it is.
    """
    from earthcode_local.deployment import api_as
    from earthcode_local.osc.transfer import show, transfer

    try:
        with opened(source, commits) as (_, entities):
            report = transfer(api_as("steward"), entities, source)
    except TreeError as error:
        fail(str(error), 2)
    except Refused as error:
        fail(str(error))
    show(report)
    if report.failed:
        raise SystemExit(1)


@osc.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export_command(folder: Path) -> None:
    """Write all that is published as a tree, documents exactly as they were submitted."""
    from earthcode_local.deployment import public_url
    from earthcode_local.osc.exporting import export

    if folder.exists() and any(folder.iterdir()):
        fail(f"{folder} is not empty; name a new folder", 2)
    try:
        count = export(Api(public_url()), folder)
    except Refused as error:
        fail(str(error))
    console.print(f"{count} entities written to {folder}")
