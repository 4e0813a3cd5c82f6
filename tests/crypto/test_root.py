import base64
import os
from pathlib import Path

import pytest

from crypto import faults, root


def test_a_made_key_is_its_owners_alone_and_loads_again(tmp_path: Path):
    path = tmp_path / "root.key"
    made = root.create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    loaded = root.load(path)
    assert loaded.key_id == made.key_id
    assert loaded.derive("x") == made.derive("x")
    assert loaded.unwrap(made.wrap(b"secret", b"aad"), b"aad") == b"secret"


def test_no_key_is_made_over_another(tmp_path: Path):
    path = tmp_path / "root.key"
    root.create(path)
    before = path.read_bytes()
    with pytest.raises(faults.RootKeyRefused, match="cannot be made"):
        root.create(path)
    assert path.read_bytes() == before


def test_no_key_is_made_by_looking_for_one(tmp_path: Path):
    with pytest.raises(faults.RootKeyRefused, match="LOOPKEEPER_ROOT_KEY_FILE"):
        root.load(tmp_path / "root.key")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o620])
def test_a_key_that_others_can_reach_is_refused_with_the_command_that_helps(
    tmp_path: Path, mode: int
):
    path = tmp_path / "root.key"
    root.create(path)
    path.chmod(mode)
    with pytest.raises(faults.RootKeyRefused, match="chmod 600"):
        root.load(path)


@pytest.mark.parametrize("text", [b"", b"short", b"!" * 44, base64.b64encode(bytes(31))])
def test_a_malformed_key_is_refused_without_echo(tmp_path: Path, text: bytes):
    path = tmp_path / "root.key"
    path.write_bytes(text)
    path.chmod(0o600)
    with pytest.raises(faults.RootKeyRefused, match="32 bytes in base64") as refused:
        root.load(path)
    assert not text or text.decode() not in str(refused.value)


def test_a_key_that_is_no_file_is_refused(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(faults.RootKeyRefused, match="regular file"):
            root.load(path)


def test_a_key_has_32_bytes():
    with pytest.raises(faults.RootKeyRefused):
        root.RootKey(bytes(16))
