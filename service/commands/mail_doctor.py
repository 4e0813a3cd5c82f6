"""`loopkeeper doctor mail DOMAIN`: whether our mail may call itself that, and comes back."""

from pathlib import Path

import click

from service.commands.surroundings import reported

_EPILOG = """\b
loopkeeper doctor mail example.org --selector s1
loopkeeper doctor mail example.org --bounces bounces.example.org --records published.txt

A file of records has lines as: example.org TXT "v=spf1 -all", or: example.org MX 10 mx.example.org
"""


@click.command(epilog=_EPILOG)
@click.argument("domain")
@click.option("--bounces", default="", help="LOOPKEEPER_BOUNCE_DOMAIN, where it is another one.")
@click.option("--selector", "selectors", multiple=True, help="The name of a DKIM key; repeatable.")
@click.option(
    "--records",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of records to judge instead of those that are published.",
)
@click.option("--resolver", default="", help="HOST:PORT of the name server to ask.")
@reported
def mail(
    *, domain: str, bounces: str, selectors: tuple[str, ...], file: Path | None, resolver: str
) -> None:
    """Look at SPF, DKIM and DMARC of the domain our mail comes from, and say what to publish.

    Exit 1 when mail of ours would be taken for somebody else's, or could not come back.
    """
    from service.commands import health, mail_records, published

    asked = mail_records.Asked(
        domain=published.named(domain),
        returns=published.named(bounces or domain),
        selectors=tuple(map(published.named, selectors)),
    )
    records = published.from_file(file) if file else published.from_dns(asked, server=resolver)
    health.tell(mail_records.judge(asked, records))
