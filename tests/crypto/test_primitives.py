import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from crypto import faults, primitives


def test_hpke_opens_what_was_sealed_for_this_key_and_info_only():
    private, public = primitives.hpke_generate()
    stranger, _ = primitives.hpke_generate()
    sealed = primitives.hpke_seal(primitives.hpke_public(public), b"key", info=b"here")
    assert len(sealed) == 3 + primitives.HPKE_OVERHEAD
    key = primitives.hpke_private(private)
    assert primitives.hpke_open(key, sealed, info=b"here") == b"key"
    for other, value, info in (
        (key, sealed, b"there"),
        (key, sealed[:-1], b"here"),
        (key, b"", b"here"),
        (primitives.hpke_private(stranger), sealed, b"here"),
    ):
        with pytest.raises(faults.CannotOpen):
            primitives.hpke_open(other, value, info=info)


def test_hpke_without_info_is_refused_because_it_binds_nothing():
    _, public = primitives.hpke_generate()
    with pytest.raises(ValueError, match="info"):
        primitives.hpke_seal(primitives.hpke_public(public), b"key", info=b"")


@pytest.mark.parametrize("size", [0, 31, 1183, 1215, 1217])
def test_a_malformed_public_key_is_refused(size: int):
    with pytest.raises(faults.KeyRefused):
        primitives.hpke_public(bytes(size))
    with pytest.raises(faults.KeyRefused):
        primitives.verifying_key(bytes(size if size != 32 else 33)[:31])


def test_a_malformed_private_key_opens_nothing():
    with pytest.raises(faults.CannotOpen):
        primitives.hpke_private(bytes(95))
    with pytest.raises(faults.CannotOpen):
        primitives.signing_key(bytes(31))


def test_aead_takes_whole_keys_and_nonces_only():
    with pytest.raises(ValueError, match="32 bytes"):
        primitives.Aead(bytes(16))
    aead = primitives.Aead(bytes(32))
    with pytest.raises(ValueError, match="12 bytes"):
        aead.seal(bytes(8), b"", b"")
    with pytest.raises(faults.CannotOpen):
        aead.open(bytes(8), bytes(16), b"")


def test_the_same_text_is_never_sealed_to_the_same_bytes():
    one, two = (primitives.aead_seal(bytes(32), b"text", aad=b"") for _ in range(2))
    assert one != two
    assert primitives.aead_open(bytes(32), two, aad=b"") == b"text"
    with pytest.raises(faults.CannotOpen):
        primitives.aead_open(bytes(32), two, aad=b"elsewhere")


def test_a_signature_holds_for_its_bytes_only():
    private, public = primitives.sign_generate()
    signature = primitives.sign(primitives.signing_key(private), b"said")
    key = primitives.verifying_key(public)
    primitives.verify(key, signature, b"said")
    with pytest.raises(faults.CannotOpen):
        primitives.verify(key, signature, b"not said")


def test_a_password_is_hashed_with_its_costs_and_verified():
    phc = primitives.password_hash("blue kettle")
    assert phc.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert primitives.password_verify("blue kettle", phc)
    assert not primitives.password_verify("blue kettel", phc)
    assert primitives.password_hash("blue kettle") != phc


def test_a_password_is_the_same_composed_or_decomposed():
    assert primitives.password_verify("cafe\u0301", primitives.password_hash("caf\u00e9"))


@pytest.mark.parametrize(
    "phc",
    [
        None,
        "",
        "$argon2id$v=19$m=4194304,t=2,p=1$MDAwMDAwMDAwMDAwMDAwMA$AAAA",
        "$argon2id$v=19$m=19456,t=2,p=1$MDAw$YWFh",
        "$argon2id$v=19$m=19456,t=2,p=1$$",
    ],
)
def test_a_missing_or_foreign_hash_matches_no_password(phc: str | None):
    assert not primitives.password_verify("", phc)


def test_a_hash_of_other_costs_is_refused_even_where_it_would_match():
    cheap = Argon2id(salt=bytes(16), length=32, iterations=1, lanes=1, memory_cost=64)
    phc = cheap.derive_phc_encoded(b"blue kettle")
    Argon2id.verify_phc_encoded(b"blue kettle", phc)
    assert not primitives.password_verify("blue kettle", phc)
