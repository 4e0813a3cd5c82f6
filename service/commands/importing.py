"""Commands that bring in what a network has before it goes live, from tables."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from service.actions.import_organizations import Plan
    from service.domain.spreadsheet import Fault


@click.group("import")
def bring_in() -> None:
    """Bring in what is there before the network goes live, from CSV tables."""


@bring_in.command()
@click.argument("kind", type=click.Choice(["organizations"]))
@reported
def template(*, kind: str) -> None:
    r"""Print an empty table of KIND with one line as an example.

    \b
    loopkeeper import template organizations > organizations.csv
    """
    from service.actions import import_organizations

    assert kind == "organizations"
    click.echo(",".join(import_organizations.COLUMNS.all))
    click.echo(import_organizations.EXAMPLE)


@bring_in.command("organizations")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", "dry", is_flag=True, help="Say what would come of it, change nothing.")
@click.option("--skip-faulty", "skip", is_flag=True, help="Take the lines that have no fault.")
@reported
def organizations(*, source: Path, dry: bool, skip: bool) -> None:
    r"""Bring in the organizations of SOURCE, a CSV file with named columns in UTF-8.

    Everything is read first. Where a line has a fault nothing is taken, unless --skip-faulty
    says so. The same file again makes nothing twice: `id` is what your list calls each. An empty
    cell leaves what is there. Exit 2 where something could not be taken.

    \b
    loopkeeper import organizations organizations.csv --dry-run
    """
    asyncio.run(_organizations(source.read_bytes(), dry=dry, skip=skip))


async def _organizations(content: bytes, *, dry: bool, skip: bool) -> None:
    from service.actions import import_organizations as action
    from service.commands import opening
    from service.domain import spreadsheet

    lines, wrong = spreadsheet.read(content, action.COLUMNS)
    async with opening.office(current()) as office:
        with click.progressbar(lines, label="Reading", file=sys.stderr) as each_of:
            plans, found = await action.look(office, each_of)
        wrong = sorted([*wrong, *found], key=lambda each: each.line)
        takes = not dry and (skip or not wrong)
        if takes:
            with click.progressbar(plans, label="Bringing in", file=sys.stderr) as each_plan:
                for plan in each_plan:
                    await action.bring(office, plan)
    _tell(plans, wrong, dry=dry, took=takes)


def _tell(plans: "list[Plan]", wrong: "list[Fault]", *, dry: bool, took: bool) -> None:
    if dry:
        for plan in plans:
            click.echo(f"line {plan.line:>5}  {plan.word:<8} {plan.wish.name}")
    counts = [
        f"{sum(plan.word == word for plan in plans)} {said}"
        for word, said in (("new", "new"), ("changed", "changed"), ("same", "already there"))
    ]
    faulty = len({each.line for each in wrong})
    head = "Would take" if dry else "Took" if took else "Took nothing of"
    click.echo(f"{head}: {', '.join(counts)}; {faulty} faulty.")
    for each in wrong:
        place = f"line {each.line}" if each.line else "the file"
        click.echo(f"{place}{each.column and f', {each.column}'}: {each.detail}", err=True)
    if wrong:
        raise SystemExit(2)
