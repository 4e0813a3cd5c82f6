import base64
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import faults, root, token

KEY = bytes(range(32))
LINK = UUID(int=7)
SESSION = b"session digest"


def test_a_link_secret_is_the_same_each_time_and_differs_by_delivery():
    secret = token.link_secret(KEY, LINK)
    assert secret == token.link_secret(KEY, LINK)
    assert len(secret) == 43
    assert secret != token.link_secret(KEY, UUID(int=8))
    assert secret != token.link_secret(bytes(32), LINK)


@given(st.uuids())
def test_a_return_token_names_its_delivery_in_either_case_and_fits_an_address(delivery_id: UUID):
    text = token.return_token(KEY, delivery_id)
    assert len(text) == 52
    assert token.open_return_token(KEY, text) == delivery_id
    assert token.open_return_token(KEY, text.upper()) == delivery_id
    assert token.open_return_token(bytes(32), text) is None


def test_a_return_token_with_any_letter_changed_is_none_of_ours():
    text = token.return_token(KEY, LINK)
    # The last letter ends in bits that nobody reads.
    for place in range(len(text) - 1):
        other = "b" if text[place] == "a" else "a"
        assert token.open_return_token(KEY, text[:place] + other + text[place + 1 :]) is None


@given(st.text())
def test_no_other_text_is_a_return_token(text: str):
    assert token.open_return_token(KEY, text) is None


@given(st.uuids(), st.uuids(), st.uuids())
def test_a_reminders_secret_names_its_reader_under_our_key(org_id: UUID, to_id: UUID, about: UUID):
    text = token.reminders_secret(KEY, org_id, to_id, about)
    assert token.open_reminders_secret(KEY, text) == (org_id, to_id, about)
    assert token.open_reminders_secret(bytes(32), text) is None
    assert token.open_reminders_secret(KEY, text[:-1] + "!") is None


@given(st.text())
def test_no_other_text_is_a_reminders_secret(text: str):
    assert token.open_reminders_secret(KEY, text) is None


@given(st.text())
def test_any_text_has_a_digest_so_that_a_malformed_link_costs_the_same(text: str):
    assert len(token.secret_hash(text)) == 32


def test_a_lone_surrogate_has_a_digest_and_is_no_code():
    assert len(token.secret_hash("\ud800")) == 32
    assert not token.check_link_code(KEY, LINK, "\ud800", at=0)


def test_a_code_holds_for_its_window_and_the_next():
    code = token.link_code(KEY, LINK, at=6000.0)
    assert token.tidy_code(code) == code
    for at, holds in ((6000, True), (6599.9, True), (7199, True), (7200, False), (5999, False)):
        assert token.check_link_code(KEY, LINK, code, at=at) is holds
    assert not token.check_link_code(KEY, UUID(int=8), code, at=6000)


def test_codes_of_many_windows_spread_over_all_digits():
    codes = [token.link_code(KEY, LINK, at=600 * i) for i in range(500)]
    assert len(set(codes)) == 500
    assert {code[0] for code in codes} == set("0123456789")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12345678", "12345678"),
        (" 1234 5678\n", "12345678"),
        ("1234-5678", "12345678"),
        ("1234567", None),
        ("123456789", None),
        ("1234567a", None),
        ("١٢٣٤٥٦٧٨", None),
        ("", None),
    ],
)
def test_a_pasted_code_is_tidied_and_a_malformed_one_is_none(typed: str, code: str | None):
    assert token.tidy_code(typed) == code


def test_secrets_are_new_each_time_and_kept_as_digests():
    one, two = token.new_secret("lk_"), token.new_secret("lk_")
    assert one.text != two.text
    assert one.text.startswith("lk_")
    assert token.secret_hash(one.text) == one.digest
    assert one.text not in repr(one)


class Position(msgspec.Struct, frozen=True, array_like=True):
    due: int
    row_id: UUID


def test_a_cursor_comes_back_and_belongs_to_its_list():
    place = Position(5, LINK)
    cursor = token.seal_cursor(KEY, place, scope="inbox")
    assert token.open_cursor(KEY, cursor, scope="inbox", kind=Position) == place
    for key, scope, kind in (
        (bytes(32), "inbox", Position),
        (KEY, "overdue", Position),
        (KEY, "inbox", str),
    ):
        with pytest.raises(faults.CannotOpen):
            token.open_cursor(key, cursor, scope=scope, kind=kind)


def test_no_cursor_with_one_character_changed_opens():
    cursor = token.seal_cursor(KEY, Position(5, LINK), scope="inbox")
    for index, old in enumerate(cursor):
        for new in "A_z9":
            if new != old:
                changed = cursor[:index] + new + cursor[index + 1 :]
                with pytest.raises(faults.CannotOpen):
                    token.open_cursor(KEY, changed, scope="inbox", kind=Position)


@given(st.text(max_size=60))
def test_any_other_text_is_no_cursor(text: str):
    with pytest.raises(faults.CannotOpen):
        token.open_cursor(KEY, text, scope="inbox", kind=Position)
    assert not token.check_form_nonce(KEY, text, session=SESSION, form="card", at=0)


def test_an_endless_cursor_is_refused_unread():
    with pytest.raises(faults.CannotOpen):
        token.open_cursor(KEY, "A" * 100_000, scope="inbox", kind=Position)
    signed = token.seal_cursor(KEY, "x" * 2000, scope="inbox")
    with pytest.raises(faults.CannotOpen):
        token.open_cursor(KEY, signed, scope="inbox", kind=str)


def test_a_secret_has_one_spelling_only():
    cursor = token.seal_cursor(KEY, 1, scope="x")  # 17 bytes: the last character has spare bits
    raw = base64.urlsafe_b64decode(cursor + "=")
    twin = next(
        c
        for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        if c != cursor[-1] and base64.urlsafe_b64decode(cursor[:-1] + c + "=") == raw
    )
    for spelling in (cursor[:-1] + twin, cursor + "=", cursor + "\n"):
        with pytest.raises(faults.CannotOpen):
            token.open_cursor(KEY, spelling, scope="x", kind=int)


def test_a_form_nonce_holds_for_its_session_form_and_hour():
    nonce = token.form_nonce(KEY, session=SESSION, form="card", at=1000.5)
    assert nonce != token.form_nonce(KEY, session=SESSION, form="card", at=1000.5)
    check = token.check_form_nonce
    assert check(KEY, nonce, session=SESSION, form="card", at=1000)
    assert check(KEY, nonce, session=SESSION, form="card", at=4600)
    assert not check(KEY, nonce, session=SESSION, form="card", at=4601)
    assert not check(KEY, nonce, session=SESSION, form="card", at=999)
    assert not check(KEY, nonce, session=b"another", form="card", at=1000)
    assert not check(KEY, nonce, session=SESSION, form="enrol", at=1000)
    assert not check(bytes(32), nonce, session=SESSION, form="card", at=1000)


def test_an_idempotency_digest_tells_bodies_routes_and_keys_apart():
    digest = token.idempotency_digest(KEY, route="POST /x", body=b"{}")
    assert digest == token.idempotency_digest(KEY, route="POST /x", body=b"{}")
    assert digest != token.idempotency_digest(KEY, route="POST /y", body=b"{}")
    assert digest != token.idempotency_digest(KEY, route="POST /x", body=b"[]")
    assert digest != token.idempotency_digest(bytes(32), route="POST /x", body=b"{}")


def test_database_roles_have_passwords_of_their_own():
    key = root.RootKey(KEY)
    assert token.database_password(key, "web") == token.database_password(key, "web")
    assert token.database_password(key, "web") != token.database_password(key, "worker")
