"""Commands that take in another directory and give ours out, in the form of HSDS 3.0."""

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.commands.surroundings import current, reported

if TYPE_CHECKING:
    from service.actions.exchange_directory import Taken, Terms
    from service.actions.office import Office
    from service.domain.hsds import Entry, Fault

_KINDS = ("primary_care", "specialty", "behavioral_health", "social_service")


@click.group()
def directory() -> None:
    """Exchange the directory of services with others, as HSDS 3.0: JSON or tables."""


@directory.command("import")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", "dry", is_flag=True, help="Say what would come of it, change nothing.")
@click.option("--kind", type=click.Choice(_KINDS), default="social_service", show_default=True)
@click.option("--zone", help="Time zone of new organizations; else that of the coordinators.")
@click.option("--by-name", is_flag=True, help="Take an organization of the same name as the same.")
@click.option(
    "--category",
    "named",
    multiple=True,
    metavar="TERM=CATEGORY",
    help="A taxonomy term's name or code, and our category for it. May be given again.",
)
@reported
def take_in(
    *, source: Path, dry: bool, kind: str, zone: str | None, by_name: bool, named: tuple[str, ...]
) -> None:
    r"""Take in SOURCE: a JSON file, or a folder of CSV tables.

    Each organization comes in whole or not at all, and is not on line until somebody attests an
    address. The same file again changes only what differs. A term that is one of our categories,
    or is given with --category, becomes the category; others become "other". Exit 2 where
    something in the file could not be taken; the rest is taken all the same.

    \b
    loopkeeper directory import services.json --dry-run
    loopkeeper directory import tables/ --category "Food Pantries=food_pantry"
    """
    asyncio.run(_take_in(source, dry=dry, kind=kind, zone=zone, by_name=by_name, named=named))


async def _take_in(
    source: Path, *, dry: bool, kind: str, zone: str | None, by_name: bool, named: tuple[str, ...]
) -> None:
    from service.actions import exchange_directory as exchange
    from service.actions import keep_assignment
    from service.commands import opening
    from service.domain.people import OrganizationKind

    async with opening.office(current()) as office:
        ours = {word: word for word in await exchange.categories(office)}
        entries, wrong = _read(source, ours | dict(map(_pair, named)))
        terms = exchange.Terms(
            kind=OrganizationKind(kind),
            zone=zone or await keep_assignment.zone(office),
            by_name=by_name,
            dry=dry,
        )
        taken = await _all(office, entries, terms, wrong)
    _tell(taken, wrong, dry=dry)


async def _all(
    office: "Office", entries: "list[Entry]", terms: "Terms", wrong: "list[Fault]"
) -> "list[Taken]":
    from service import faults
    from service.actions import exchange_directory as exchange
    from service.domain.hsds import Fault

    taken: list[Taken] = []
    with click.progressbar(entries, label="Organizations", file=sys.stderr) as each_of:
        for entry in each_of:
            try:
                taken.append(await exchange.take(office, entry, terms))
            except (faults.Invalid, exchange.SameName) as fault:
                says = "; ".join(
                    f"{each['field']}: {each['detail']}" for each in fault.extra.get("errors", ())
                )
                wrong.append(Fault(where=f"organization {entry.id}", detail=says or fault.detail))
    return taken


def _pair(text: str) -> tuple[str, str]:
    term, equals, category = text.partition("=")
    if not (term.strip() and equals and category.strip()):
        raise click.BadParameter(f"{text!r} is not TERM=CATEGORY.", param_hint="--category")
    return term.strip().lower(), category.strip()


def _read(source: Path, categories: dict[str, str]) -> "tuple[list[Entry], list[Fault]]":
    from service.domain import hsds

    found = _tables(source) if source.is_dir() else _document(source)
    services, wrong = hsds.read(found)
    return hsds.entries(services, categories=categories), wrong


def _document(source: Path) -> list[tuple[str, Any]]:
    from service.domain import hsds

    try:
        said = json.loads(source.read_bytes())
    except (ValueError, RecursionError) as reason:
        raise click.ClickException(f"{source.name} is not JSON: {reason}") from None
    return list(hsds.services_in(said, source.name))


def _tables(source: Path) -> list[tuple[str, Any]]:
    import csv

    from service.domain import hsds_tables

    tables = {}
    for path in sorted(source.glob("*.csv")):
        try:
            tables[path.stem] = hsds_tables.rows(path.read_text(encoding="utf-8-sig"))
        except (csv.Error, UnicodeDecodeError) as reason:
            raise click.ClickException(f"{path.name} is not a table: {reason}") from None
    missing = [name for name in hsds_tables.NEEDED if name not in tables]
    if missing:
        raise click.ClickException(f"{source} has no {missing[0]}.csv.")
    return hsds_tables.together(tables)


def _tell(taken: "list[Taken]", wrong: "list[Fault]", *, dry: bool) -> None:
    new = sum(each.new_organization for each in taken)
    counts = {
        name: sum(getattr(each, name) for each in taken) for name in ("new", "changed", "same")
    }
    click.echo(
        f"{'Would take' if dry else 'Took'} {len(taken)} organizations, {new} of them new;"
        f" services: {counts['new']} new, {counts['changed']} changed, {counts['same']} the same."
    )
    for each in wrong:
        click.echo(f"{each.where}: {each.detail}", err=True)
    if wrong:
        raise SystemExit(2)


@directory.command("export")
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--form",
    type=click.Choice(("json", "csv")),
    default="json",
    show_default=True,
    help="One file, or a folder of tables.",
)
@reported
def give_out(*, target: Path, form: str) -> None:
    r"""Write the directory to TARGET: public names, phones, services, capacity and its day.

    \b
    loopkeeper directory export directory.json
    loopkeeper directory export tables/ --form csv
    """
    from service.domain import hsds_export

    rows = asyncio.run(_listed())
    if form == "csv":
        target.mkdir(parents=True, exist_ok=True)
        for name, text in hsds_export.tables(rows).items():
            (target / name).write_text(text, encoding="utf-8", newline="")
    else:
        said = json.dumps(hsds_export.page(rows), indent=2, ensure_ascii=False)
        target.write_text(said + "\n", encoding="utf-8")
    click.echo(f"Wrote {len(rows)} services to {target}.")


async def _listed() -> Any:
    from service.actions import exchange_directory as exchange
    from service.commands import opening

    async with opening.office(current()) as office:
        return await exchange.listed(office)
