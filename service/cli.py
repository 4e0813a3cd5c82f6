"""The command line: the same commands for people, containers, CI and checks.

Only click is imported to answer ``--help``; a command imports what it needs when it runs.
"""

import click

from service import fence
from service.commands import (
    assigning,
    backup,
    clocking,
    directory,
    exchanging,
    health,
    importing,
    insight,
    keys,
    mending,
    operating,
    record,
    restore,
    serving,
    storing,
    texts,
)
from service.commands.run import run

_EPILOG = """\b
Begin with `loopkeeper run`: it brings its own servers and a demo network.
In production: `loopkeeper migrate`, then `loopkeeper serve`, and one
`loopkeeper work` each for relay, courier, receipts, clockwork and sealer.
`loopkeeper doctor` says what is missing.
"""


@click.group(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="loopkeeper", prog_name="loopkeeper")
def main() -> None:
    """Route encrypted referrals between care organizations until every loop is closed."""
    fence.check()


main.add_command(run)
for _command in (
    serving.serve,
    serving.work,
    storing.migrate,
    storing.demo,
    storing.check,
    insight.rules,
    insight.config,
    health.doctor,
    health.healthcheck,
    directory.org,
    directory.member,
    exchanging.directory,
    importing.bring_in,
    assigning.assign,
    clocking.terms,
    keys.keys,
    record.audit,
    operating.link,
    operating.clock,
    texts.sms,
    mending.outbox,
    backup.backup,
    restore.restore,
):
    main.add_command(_command)

if __name__ == "__main__":
    main()
