"""Commands that bring in what a network has before it goes live, from tables."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from service.actions.import_organizations import Plan
    from service.actions.import_tables import Plan as LinePlan
    from service.actions.import_tables import Table
    from service.actions.office import Office
    from service.domain.spreadsheet import Fault


@click.group("import")
def bring_in() -> None:
    """Bring in what is there before the network goes live, from CSV tables."""


@bring_in.command()
@click.argument("kind", type=click.Choice(["organizations", "members", "patients", "referrals"]))
@reported
def template(*, kind: str) -> None:
    r"""Print an empty table of KIND with one line as an example.

    \b
    loopkeeper import template organizations > organizations.csv
    """
    from service.actions import (
        import_members,
        import_organizations,
        import_patients,
        import_referrals,
    )

    columns, example = {
        "organizations": (import_organizations.COLUMNS, import_organizations.EXAMPLE),
        "members": (import_members.Members.columns, import_members.Members.example),
        "patients": (import_patients.Patients.columns, import_patients.Patients.example),
        "referrals": (import_referrals.Referrals.columns, import_referrals.Referrals.example),
    }[kind]
    click.echo(",".join(columns.all))
    click.echo(example)


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
    rows = [(plan.line, plan.word, plan.wish.name) for plan in plans]
    _report(rows, wrong, dry=dry, took=took)


def _say(plans: "list[LinePlan]", wrong: "list[Fault]", *, dry: bool, took: bool) -> None:
    rows = [(plan.line, plan.word, plan.name) for plan in plans]
    _report(rows, wrong, dry=dry, took=took)


def _report(
    rows: list[tuple[int, str, str]], wrong: "list[Fault]", *, dry: bool, took: bool
) -> None:
    if dry:
        for line, word, name in rows:
            click.echo(f"line {line:>5}  {word:<8} {name}")
    counts = [
        f"{sum(each == word for _, each, _ in rows)} {said}"
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


_SOURCE = click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_DRY = click.option("--dry-run", "dry", is_flag=True, help="Say what would come of it only.")
_SKIP = click.option("--skip-faulty", "skip", is_flag=True, help="Take lines without a fault.")
_BY = click.option("--by", "address", required=True, help="E-mail of the member who answers.")
_ORG = click.option("--org", "org_id", type=click.UUID, help="Which of that member's, if several.")
_SYSTEM = click.option("--system", default="import", help="What gave the numbers in `id`.")


@bring_in.command("members")
@_SOURCE
@_DRY
@_SKIP
@reported
def members(*, source: Path, dry: bool, skip: bool) -> None:
    r"""Bring in the people of SOURCE; each new one is sent a mail that invites.

    `organization` is the id that `import organizations` was given. Who is there already stays.

    \b
    loopkeeper import members members.csv --dry-run
    """
    from service.actions.import_members import Members

    async def table(_office: "Office") -> "Table":
        return Members()

    asyncio.run(_table(source.read_bytes(), table, dry=dry, skip=skip))


@bring_in.command("patients")
@_SOURCE
@_BY
@_ORG
@_SYSTEM
@_DRY
@_SKIP
@reported
def patients(
    *, source: Path, address: str, org_id: "UUID | None", system: str, dry: bool, skip: bool
) -> None:
    r"""Bring in the patients of one organization from SOURCE.

    `id` is their number in your list; it is kept sealed, and makes nobody twice.

    \b
    loopkeeper import patients patients.csv --by ana@northside.example --dry-run
    """
    from service.actions import import_acting
    from service.actions.import_patients import Patients

    async def table(office: "Office") -> "Table":
        acting = await import_acting.acting(office, address, org_id=org_id)
        return Patients(acting.actor, system=system)

    asyncio.run(_table(source.read_bytes(), table, dry=dry, skip=skip))


@bring_in.command("referrals")
@_SOURCE
@_BY
@_ORG
@_SYSTEM
@_DRY
@_SKIP
@reported
def open_referrals(
    *, source: Path, address: str, org_id: "UUID | None", system: str, dry: bool, skip: bool
) -> None:
    r"""Bring in the open referrals of one organization, with the days they had been sent.

    Bring in organizations, the directory and patients first. Recipients are told as of any other
    referral; clocks begin with the import, so that nothing old is reminded of at once.

    \b
    loopkeeper import referrals referrals.csv --by ana@northside.example --dry-run
    """
    from service.actions import import_acting
    from service.actions.import_referrals import Referrals

    async def table(office: "Office") -> "Table":
        acting = await import_acting.acting(office, address, org_id=org_id)
        return Referrals(acting.actor, zone=acting.zone, system=system)

    asyncio.run(_table(source.read_bytes(), table, dry=dry, skip=skip))


async def _table(
    content: bytes,
    table_of: "Callable[[Office], Awaitable[Table]]",
    *,
    dry: bool,
    skip: bool,
) -> None:
    from service.actions import import_tables
    from service.commands import opening
    from service.domain import spreadsheet

    async with opening.office(current()) as office:
        table = await table_of(office)
        lines, wrong = spreadsheet.read(content, table.columns)
        with click.progressbar(lines, label="Reading", file=sys.stderr) as each_of:
            plans, found = await import_tables.look(office, table, each_of)
        wrong = sorted([*wrong, *found], key=lambda each: each.line)
        takes = not dry and (skip or not wrong)
        if takes:
            with click.progressbar(plans, label="Bringing in", file=sys.stderr) as each_plan:
                for plan in each_plan:
                    wrong += await import_tables.bring(office, table, plan)
    _say(plans, wrong, dry=dry, took=takes)
