"""The compose file and the image run commands that exist, with no power they do not need."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import click
import pytest
import yaml

from service.settings import Settings
from tests.shape.sources import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: body for name, body in SERVICES.items() if "build" in body}
VALUES = {
    "POSTGRES_PASSWORD": "letters1",
    "LOOPKEEPER_PUBLIC_URL": "https://referrals.example.org",
    "LOOPKEEPER_SMTP_URL": "smtp://mail.example.org",
    "LOOPKEEPER_MAIL_FROM": "referrals@example.org",
}


def _commands() -> Iterator[list[str]]:
    for body in OURS.values():
        yield body["command"]
    for line in re.findall(r"CMD (\[.+\])$", DOCKERFILE, re.MULTILINE):
        yield json.loads(line)


def _resolve(words: list[str]) -> click.Command:
    from service import cli

    command: click.Command = cli.main
    context = click.Context(command)
    for word in words[1:]:
        if isinstance(command, click.Group):
            found = command.get_command(context, word)
            assert found, f"{' '.join(words)}: there is no {word}"
            command = found
        else:
            kinds = [each.type for each in command.params if isinstance(each, click.Argument)]
            assert kinds, f"{' '.join(words)}: it takes no argument"
            kinds[0].convert(word, None, context)
    return command


@pytest.mark.parametrize("words", list(_commands()), ids=" ".join)
def test_every_command_exists(words: list[str]) -> None:
    assert words[0] == "loopkeeper"
    assert not isinstance(_resolve(words), click.Group)


def test_every_part_of_the_service_is_there() -> None:
    parts = {"web", "relay", "courier", "receipts", "clockwork", "sealer", "scanner"}
    parts |= {"migrate", "postgres", "redis"}
    assert parts <= set(SERVICES)
    assert SERVICES["mail"]["profiles"] == ["mail"]
    assert "version" not in COMPOSE


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_part_has_no_power_it_does_not_need(name: str) -> None:
    body = OURS[name]
    assert body["read_only"] is True
    assert body["cap_drop"] == ["ALL"]
    assert body["user"] == "10001:10001"
    assert "no-new-privileges:true" in body["security_opt"]
    assert "privileged" not in body


def test_only_loopback_sees_a_port() -> None:
    ports = [port for body in SERVICES.values() for port in body.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", sorted(OURS))
def test_its_environment_is_one_the_service_takes(name: str) -> None:
    def value(text: str) -> str:
        def put(found: re.Match[str]) -> str:
            return VALUES.get(found[1], (found[2] or "").removeprefix(":-"))

        return re.sub(r"\$\{(\w+)(:[-?][^}]*)?\}", put, text)

    Settings.read({key: value(text) for key, text in OURS[name]["environment"].items()})


def test_the_image_runs_as_nobody_in_particular() -> None:
    assert "USER 10001:10001" in DOCKERFILE
    assert not re.search(r"^(CMD|ENTRYPOINT) [^\[]", DOCKERFILE, re.MULTILINE)
    assert not re.search(r"^FROM \S+:latest", DOCKERFILE, re.MULTILINE)


def test_the_image_can_back_up_the_database_beside_it() -> None:
    [server] = re.findall(r"^postgres:(\d+)\b", SERVICES["postgres"]["image"])
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    # An older pg_dump refuses a newer server, and Debian's stable one names its version.
    assert f"apt-get install --yes --no-install-recommends postgresql-client-{server} " in final
    assert final.index("apt-get install") < final.index("\nUSER ")
    backup = SERVICES["backup"]
    assert backup["profiles"] == ["backup"]
    assert any(volume.endswith(f":{backup['command'][3]}") for volume in backup["volumes"])
    url = backup["environment"]["DATABASE_URL"]
    # The first user of the server's image is its superuser: row security hides nothing from a dump.
    assert f"://{SERVICES['postgres']['environment']['POSTGRES_USER']}:" in url


def test_the_client_of_docker_takes_the_file() -> None:
    docker = shutil.which("docker")
    version = [docker or "false", "compose", "version"]
    if not docker or subprocess.run(version, capture_output=True, check=False).returncode:
        pytest.skip("There is no docker client with compose here.")
    environment = VALUES | {"PATH": "/usr/bin:/bin:/usr/local/bin"}
    done = subprocess.run(
        [docker, "compose", "config", "--quiet"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
