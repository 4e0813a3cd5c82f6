"""What may be told to whom: the refusals, one by one, and what no consent can heal."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import msgspec
import pytest

from service.domain import consent
from service.domain.consent import Consent, Discloser, Receiver, Refusal
from service.domain.outcome import ConsentBasis
from service.domain.people import Channel, SensitivityClass

C, B = SensitivityClass, ConsentBasis
NOW = datetime(2026, 10, 26, 10, tzinfo=UTC)
CLINIC = Receiver(channel=Channel.ACCOUNT, covered=True)
AGENCY = Receiver(channel=Channel.ACCOUNT, covered=False)
BY_LINK = Receiver(channel=Channel.LINK, covered=False)
SENDER = Discloser()
FULL = Consent(
    basis=B.SIGNED_FORM,
    classes=frozenset(C),
    names_recipient=True,
    witness=True,
    elements=True,
    override_reason=True,
)


def asked(
    sensitivity: SensitivityClass,
    given: Consent | None,
    *,
    recipient: Receiver = CLINIC,
    sender: Discloser = SENDER,
) -> Refusal | None:
    return consent.refusal(sender, recipient, sensitivity=sensitivity, consent=given, now=NOW)


def full(**changes: object) -> Consent:
    return msgspec.structs.replace(FULL, **changes)


def test_between_covered_entities_treatment_asks_for_nothing():
    assert asked(C.GENERAL, Consent(basis=B.TREATMENT)) is None
    assert asked(C.BEHAVIORAL, Consent(basis=B.TREATMENT)) is None


def test_treatment_is_no_basis_towards_an_agency():
    given = Consent(basis=B.TREATMENT)
    assert asked(C.GENERAL, given, recipient=AGENCY) is Refusal.RECIPIENT_NOT_COVERED
    assert B.TREATMENT not in consent.bases_for(C.GENERAL, covered=False)
    assert B.TREATMENT in consent.bases_for(C.GENERAL, covered=True)


@pytest.mark.parametrize(("basis", "sensitivity"), list(product(B, C)))
def test_only_the_bases_of_a_class_carry_it(basis: ConsentBasis, sensitivity: SensitivityClass):
    found = asked(sensitivity, full(basis=basis))
    carried = basis in consent.BASES[sensitivity]
    assert found is (None if carried else Refusal.BASIS_TOO_WEAK)


def test_a_word_of_mouth_never_carries_part2():
    assert asked(C.PART2, full(basis=B.VERBAL_WITNESSED)) is Refusal.BASIS_TOO_WEAK


@pytest.mark.parametrize("channel", [Channel.LINK, Channel.OFFLINE])
@pytest.mark.parametrize("sensitivity", [C.PART2, C.PSYCHOTHERAPY])
@pytest.mark.parametrize("basis", B)
def test_no_consent_at_all_sends_protected_content_by_link(channel, sensitivity, basis):
    recipient = Receiver(channel=channel, covered=True)
    found = asked(sensitivity, full(basis=basis), recipient=recipient)
    assert found is Refusal.LINK_NEVER_PROTECTED


def test_a_treatment_program_needs_a_public_name_towards_an_agency():
    program = Discloser(part2_program=True)
    assert asked(C.GENERAL, FULL, recipient=BY_LINK, sender=program) is Refusal.PUBLIC_NAME_MISSING
    assert asked(C.GENERAL, FULL, sender=program) is None
    named = Discloser(part2_program=True, public_name="Harbor Health")
    assert asked(C.GENERAL, FULL, recipient=BY_LINK, sender=named) is None


@pytest.mark.parametrize(
    ("sensitivity", "given", "why"),
    [
        (C.GENERAL, None, Refusal.NO_CONSENT),
        (C.GENERAL, full(withdrawn_at=NOW), Refusal.WITHDRAWN),
        (C.GENERAL, full(expires_at=NOW), Refusal.EXPIRED),
        (C.GENERAL, full(basis=B.VERBAL_WITNESSED, witness=False), Refusal.WITNESS_MISSING),
        (C.PART2, full(basis=B.PART2_CONSENT, elements=False), Refusal.ELEMENTS_MISSING),
        (C.GENERAL, full(basis=B.EMERGENCY, override_reason=False), Refusal.OVERRIDE_NOT_RECORDED),
        (C.BEHAVIORAL, full(classes=frozenset({C.GENERAL})), Refusal.CLASS_NOT_COVERED),
        (C.PSYCHOTHERAPY, full(names_recipient=False), Refusal.RECIPIENT_NOT_NAMED),
        (
            C.PART2,
            full(basis=B.PART2_CONSENT, names_recipient=False),
            Refusal.RECIPIENT_NOT_NAMED,
        ),
    ],
)
def test_a_consent_that_lacks_something_is_refused_with_what_it_lacks(sensitivity, given, why):
    assert asked(sensitivity, given) is why


def test_a_consent_holds_until_the_moment_it_ends():
    soon = NOW + timedelta(seconds=1)
    assert asked(C.GENERAL, full(expires_at=soon, withdrawn_at=soon)) is None


def test_an_emergency_carries_part2_to_those_it_names_and_to_medical_personnel_only():
    declared = full(basis=B.EMERGENCY, classes=frozenset({C.PART2}))
    assert asked(C.PART2, declared) is None
    assert asked(C.PART2, declared, recipient=AGENCY) is Refusal.RECIPIENT_NOT_COVERED
    unnamed = full(basis=B.EMERGENCY, names_recipient=False)
    assert asked(C.PART2, unnamed) is Refusal.RECIPIENT_NOT_NAMED
    assert asked(C.GENERAL, declared) is Refusal.CLASS_NOT_COVERED


@pytest.mark.parametrize(
    ("born", "day", "due"),
    [
        # December rolls over; the day of birth is nowhere in what comes out.
        ((2012, 12, 31), (2020, 1, 1), [(14, 2027, 1), (15, 2028, 1), (18, 2031, 1)]),
        ((2012, 1, 1), (2026, 2, 1), [(15, 2027, 2), (18, 2030, 2)]),
        ((2012, 1, 1), (2026, 1, 31), [(14, 2026, 2), (15, 2027, 2), (18, 2030, 2)]),
        ((1980, 5, 5), (2026, 1, 1), []),
    ],
)
def test_an_age_of_consent_is_looked_at_on_the_first_of_the_month_after(born, day, due):
    found = consent.consent_reviews(date(*born), day=date(*day))
    assert [(age, at.year, at.month) for age, at in found] == due
    assert {at.day for _, at in found} <= {1}


@pytest.mark.parametrize(("told", "asked_of"), list(product(C, C)))
def test_a_contact_hears_of_its_own_classes_and_no_class_stands_for_another(told, asked_of):
    assert consent.may_tell([told.value], asked_of) is (told is asked_of)
    assert consent.may_tell([], asked_of) is False


def test_a_renewal_is_asked_for_thirty_days_ahead():
    assert consent.renewal_due(full(expires_at=NOW)) == NOW - timedelta(days=30)
    assert consent.renewal_due(FULL) is None


def test_the_redisclosure_notice_goes_with_part2_told_by_consent():
    assert consent.carries_notice(C.PART2, full(basis=B.PART2_CONSENT))
    assert not consent.carries_notice(C.PART2, full(basis=B.EMERGENCY))
    assert not consent.carries_notice(C.GENERAL, full(basis=B.PART2_CONSENT))
