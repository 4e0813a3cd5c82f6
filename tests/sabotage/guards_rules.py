"""Guards of the rules and of the keys: who may, who may be told, and what opens."""

from tests.sabotage.guard import Guard

_POLICY = "tests/domain/test_policy.py"
_ENVELOPE = "tests/crypto/test_envelope.py"

RULES = (
    Guard(
        name="whose record it is",
        file="service/domain/policy.py",
        text="    (DenyReason.NOT_YOURS, _related),\n",
        test=f"{_POLICY}::test_a_stranger_with_every_role_is_told_nothing_but_not_yours",
        quick=True,
    ),
    Guard(
        name="which role it takes",
        file="service/domain/policy.py",
        text="    (DenyReason.ROLE, _right_role),\n",
        test=f"{_POLICY}::test_what_a_role_may_do_in_a_referral_of_its_own",
    ),
    Guard(
        name="no key of a class, no content of it",
        file="service/domain/policy.py",
        text=(
            "    if row.action in _KEYED and content not in question.resource.classes:\n"
            "        return False\n"
        ),
        test=f"{_POLICY}::test_protected_content_is_for_who_treats_it_and_holds_its_key",
    ),
    Guard(
        name="identity only after the step-up",
        file="service/domain/policy.py",
        text="    (DenyReason.STEP_UP, _stepped_up),\n",
        test=f"{_POLICY}::test_a_link_opens_its_card_and_after_step_up_its_identity",
    ),
    Guard(
        name="a link never opens protected content",
        file="service/domain/access.py",
        text="        classes=ORDINARY,\n",
        instead="        classes=CLASSES,\n",
        test=f"{_POLICY}::test_a_link_never_opens_protected_content",
        quick=True,
    ),
    Guard(
        name="stage only of what has no key",
        file="service/domain/policy.py",
        text="        return frozenset({Obligation.STAGE_ONLY})\n",
        instead="        return frozenset()\n",
        test=f"{_POLICY}"
        "::test_a_coordinator_of_the_cco_sees_stage_and_age_of_protected_care_and_no_more",
    ),
    Guard(
        name="a withdrawn consent is none",
        file="service/domain/consent.py",
        text="    if consent.withdrawn_at is not None and consent.withdrawn_at <= now:",
        instead="    if False:",
        test="tests/domain/test_consent.py"
        "::test_a_consent_that_lacks_something_is_refused_with_what_it_lacks",
    ),
    Guard(
        name="protected content never by link",
        file="service/domain/consent.py",
        text="    if sensitivity in _PROTECTED and recipient.channel in _BY_LINK_OR_PAPER:",
        instead="    if False:",
        test="tests/domain/test_consent.py::test_no_consent_at_all_sends_protected_content_by_link",
    ),
    Guard(
        name="a file is what its first bytes say",
        file="service/domain/file_forms.py",
        text="    if not file_kinds.agrees(kind, name=name, declared=declared):",
        instead="    if False:",
        test="tests/domain/test_file_forms.py::test_no_kind_passes_for_another",
        quick=True,
    ),
    Guard(
        name="an archive that unpacks to too much",
        file="service/domain/file_forms.py",
        text="_RATIO = 120\n",
        instead="_RATIO = 120_000_000\n",
        test="tests/domain/test_file_forms.py"
        "::test_a_bomb_in_an_archive_is_refused_before_anything_is_unpacked",
    ),
)

KEYS = (
    Guard(
        name="the commitment to a key",
        file="crypto/envelope.py",
        text="    if not primitives.same(commitment, parts.header.commitment):",
        instead="    if False:",
        test="tests/crypto/test_salamander.py"
        "::test_the_commitment_is_compared_before_anything_else_is_looked_at",
        quick=True,
    ),
    Guard(
        name="the commitment of a file's key",
        file="crypto/stream.py",
        text="    if not primitives.same(commitment, head.header.commitment):",
        instead="    if False:",
        test="tests/crypto/test_salamander.py"
        "::test_a_file_made_for_two_keys_opens_under_the_committed_one_only",
    ),
    Guard(
        name="the sender's signature",
        file="crypto/envelope.py",
        text="    primitives.verify(sender, parts.signature, signed_bytes(hh, parts.chunks))\n",
        test=f"{_ENVELOPE}::test_an_envelope_does_not_open_under_another_key_or_sender",
    ),
    Guard(
        name="the signature of a file",
        file="crypto/stream.py",
        text="    primitives.verify(sender, head.signature,"
        " envelope.signed_digest(hh, chunks.digest))\n",
        test="tests/crypto/test_stream.py"
        "::test_a_chunk_of_a_key_holder_without_the_signature_is_refused",
    ),
    Guard(
        name="a sealed value is bound to its row",
        file="crypto/sealed.py",
        text="            self.row_id.bytes,\n",
        test="tests/crypto/test_sealed.py::test_a_value_does_not_open_at_any_other_place",
        quick=True,
    ),
    Guard(
        name="a sealed value is bound to its organization",
        file="crypto/sealed.py",
        text="            layout.org_bytes(self.org_id),\n",
        test="tests/crypto/test_sealed.py::test_a_value_does_not_open_at_any_other_place",
    ),
    Guard(
        name="a public key is attested",
        file="crypto/keys.py",
        text="    if not primitives.same(tag, _attestation(attest_key, row, raw)):",
        instead="    if False:",
        test="tests/crypto/test_keyring.py"
        "::test_a_public_key_put_in_an_organizations_place_gets_no_seal",
        quick=True,
    ),
    Guard(
        name="a public key is of the organization asked for",
        file="crypto/chest.py",
        text='        if row.org_id != org_id or row.purpose != "osk":',
        instead="        if False:",
        test="tests/crypto/test_keyring.py"
        "::test_a_row_answered_under_another_organizations_name_gets_no_seal",
    ),
    Guard(
        name="a seal says which epoch it is of",
        file="crypto/seals.py",
        text="    if not primitives.same(inner, rek + _digest(rek) + encoded):",
        instead="    if False:",
        test="tests/crypto/test_keyring.py"
        "::test_the_embedded_epoch_is_compared_even_where_the_info_was_confused",
    ),
    Guard(
        name="lengths are padded",
        file="crypto/padding.py",
        text="    return (length + mask) & ~mask\n",
        instead="    return length\n",
        test="tests/crypto/test_padding.py::test_the_low_bits_of_a_length_are_hidden",
    ),
    Guard(
        name="short texts look alike",
        file="crypto/padding.py",
        text="        return FLOOR\n",
        instead="        return length\n",
        test=f"{_ENVELOPE}::test_lengths_of_short_texts_cannot_be_told_apart",
    ),
    Guard(
        name="secrets are compared in constant time",
        file="crypto/primitives.py",
        text="    return hmac.compare_digest(one, other)\n",
        instead="    return one == other\n",
        test="tests/crypto/test_room.py::test_secrets_are_compared_in_constant_time",
        quick=True,
    ),
    Guard(
        name="a form's nonce is the session's own",
        file="crypto/token.py",
        text="    if not primitives.same(raw[_NONCE_BODY:], _nonce_mac(key, body, session, form)):",
        instead="    if False:",
        test="tests/crypto/test_token.py::test_a_form_nonce_holds_for_its_session_form_and_hour",
    ),
    Guard(
        name="a cursor is signed",
        file="crypto/token.py",
        text="    if not primitives.same(tag, _cursor_mac(key, scope, body)):",
        instead="    if False:",
        test="tests/crypto/test_token.py::test_no_cursor_with_one_character_changed_opens",
    ),
)
