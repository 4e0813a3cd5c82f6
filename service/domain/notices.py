"""What goes with content wherever it is shown: the redisclosure notice, and labels for programs."""

from collections.abc import Mapping

import msgspec

from service.domain.people import SensitivityClass

NOTICE = (
    "This record which has been disclosed to you is protected by Federal confidentiality rules (42"
    " CFR part 2). These rules prohibit you from using or disclosing this record, or testimony that"
    " describes the information contained in this record, in any civil, criminal, administrative,"
    " or legislative proceedings by any Federal, State, or local authority, against the patient,"
    " unless authorized by the consent of the patient, except as provided at 42 CFR 2.12(c)(5) or"
    " as authorized by a court in accordance with 42 CFR 2.64 or 2.65. In addition, the Federal"
    " rules prohibit you from making any other use or disclosure of this record unless at least one"
    " of the following applies: (i) Further use or disclosure is expressly permitted by the written"
    " consent of the individual whose information is being disclosed in this record or as otherwise"
    " permitted by 42 CFR part 2. (ii) You are a covered entity or business associate and have"
    " received the record for treatment, payment, or health care operations, or (iii) You have"
    " received the record from a covered entity or business associate as permitted by 45 CFR part"
    " 164, subparts A and E. A general authorization for the release of medical or other"
    " information is NOT sufficient to meet the required elements of written consent to further use"
    " or redisclose the record (see 42 CFR 2.31)."
)
"""Statement 1 of 42 CFR 2.32(a), as of the rule of 2024; shown in its own words and language."""

_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """A security label as FHIR's `meta.security` carries it."""

    system: str
    code: str


def _confidentiality(code: str) -> Label:
    return Label(system=_CONFIDENTIALITY, code=code)


def _act(code: str) -> Label:
    return Label(system=_ACT_CODE, code=code)


_C = SensitivityClass
_NO_REDISCLOSURE = _act("NORDSCLCD")

LABELS: Mapping[SensitivityClass, tuple[Label, ...]] = {
    _C.GENERAL: (_confidentiality("N"),),
    _C.SOCIAL_SENSITIVE: (_confidentiality("R"),),
    _C.BEHAVIORAL: (_confidentiality("R"), _act("BH")),
    _C.PART2: (_confidentiality("R"), _act("ETH"), _act("42CFRPart2"), _NO_REDISCLOSURE),
    _C.PSYCHOTHERAPY: (_confidentiality("V"), _act("PSYTHPN"), _NO_REDISCLOSURE),
}
"""Confidentiality (N normal, R restricted, V very restricted), what kind of information it is, the
law it stands under, and that it is not passed on without consent. Source: HL7 v3 Confidentiality
and ActCode."""
