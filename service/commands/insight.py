"""Commands that only tell: the rules, who may do what, and the settings in force."""

from pathlib import Path

import click

from service.commands.surroundings import current, reported

_COLUMNS = ("action", "who", "relation", "class", "purpose", "condition", "obligations")


# click keeps the lines of a paragraph that begins with this character as they are.
_RULES_EPILOG = """\b
loopkeeper rules             both tables
loopkeeper rules --diagram   the states, for a Mermaid viewer
loopkeeper rules --access    roles x records x classes
"""


@click.command(epilog=_RULES_EPILOG)
@click.option("--diagram", is_flag=True, help="Draw the states as Mermaid instead of tables.")
@click.option("--access", is_flag=True, help="Print who may do what: roles, relations, classes.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "mermaid"]),
    default="table",
    help="What to print; mermaid is the same as --diagram.",
)
@click.option("--machine", type=click.Choice(["referral", "leg"]), help="Only one of the two.")
@click.option(
    "--write",
    "folder",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Write the generated pages of a docs folder instead of printing.",
)
@reported
def rules(
    *, diagram: bool, access: bool, style: str, machine: str | None, folder: Path | None
) -> None:
    """Print the rules every referral and leg lives by, as they are in the code."""
    from service.domain import diagram as drawn
    from service.domain.rules import Machine

    machines = [Machine(machine)] if machine else list(Machine)
    if folder is not None:
        for name, page in drawn.PAGES.items():
            (folder / name).write_text(page(), encoding="utf-8")
            click.echo(f"{folder / name} is written.")
    elif access:
        click.echo(_access())
    elif diagram or style == "mermaid":
        click.echo("\n".join(drawn.mermaid(each) for each in machines))
    else:
        click.echo("\n".join(f"{each}\n\n{drawn.table(each)}" for each in machines))


def _access() -> str:
    from service.domain import policy

    lines = [_COLUMNS, ("---",) * len(_COLUMNS)]
    lines += [tuple(row[name] for name in _COLUMNS) for row in policy.access_rows()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@click.command()
@reported
def config() -> None:
    """Print the settings in force by the names of their variables; secrets are masked."""
    from service.settings import printing

    settings = current()
    for field in settings.__struct_fields__:
        value = printing.printed(getattr(settings, field))
        click.echo(f"{printing.variable(field)}={value}")
