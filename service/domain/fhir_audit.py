"""A line of the record as a FHIR R4 AuditEvent: ids and codes, as the line has them, and no names.

Source: HL7 FHIR R4 AuditEvent; IHE BALP for the codes of reading, writing, searching, signing in.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_TERMS = "http://terminology.hl7.org/CodeSystem"
_REST = {"system": f"{_TERMS}/audit-event-type", "code": "rest", "display": "RESTful Operation"}
_INTERACTION = "http://hl7.org/fhir/restful-interaction"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the record, column by column."""

    id: UUID
    org_id: UUID | None
    at: datetime
    actor_kind: str
    actor_org_id: UUID | None
    actor_member_id: UUID | None
    api_key_id: UUID | None
    link_id: UUID | None
    worker_id: UUID | None
    action: str
    outcome: str
    resource_kind: str | None
    resource_id: UUID | None
    referral_id: UUID | None
    sensitivity: str | None
    request_id: str | None
    detail: dict[str, Any]


_VERBS = {
    **dict.fromkeys(("read", "read_card", "read_identity"), ("R", "read")),
    **dict.fromkeys(("list", "search", "found", "candidate"), ("E", "search")),
    **dict.fromkeys(
        ("create", "add", "make", "record", "offer", "keep", "start", "minted", "invite"),
        ("C", "create"),
    ),
    **dict.fromkeys(
        ("edit", "owner", "withdraw", "revoke", "revoked", "frozen", "capacity", "resolve"),
        ("U", "update"),
    ),
    **dict.fromkeys(("set", "confirm", "attest", "close", "deactivate"), ("U", "update")),
    **dict.fromkeys(("remove", "shred", "retract"), ("D", "delete")),
}
"""The last word of an act: what it does, and the interaction it is; others are operations."""

_SECURITY = {
    "session.begin": ("110114", "User Authentication", "110122", "Login"),
    "session.end": ("110114", "User Authentication", "110123", "Logout"),
    "link.verified": ("110114", "User Authentication", "110122", "Login"),
    "audit.read": ("110101", "Audit Log Used", "110101", "Audit Log Used"),
    "audit.prove": ("110101", "Audit Log Used", "110101", "Audit Log Used"),
    "audit.export": ("110106", "Export", "110106", "Export"),
}
"""Acts that DICOM has a code for."""

_OUTCOMES = {"done": "0", "denied": "4", "failed": "8"}

_TYPES = {
    "referral": "ServiceRequest",
    "leg": "Task",
    "human_task": "Task",
    "patient": "Patient",
    "document": "DocumentReference",
    "thread": "Communication",
    "message": "Communication",
    "consent": "Consent",
    "organization": "Organization",
    "service": "HealthcareService",
    "healthcare_service": "HealthcareService",
    "member": "PractitionerRole",
    "person": "Person",
}

_LABELS = {
    "general": [("v3-Confidentiality", "N")],
    "behavioral": [("v3-Confidentiality", "R"), ("v3-ActCode", "BH")],
    "part2": [("v3-Confidentiality", "R"), ("v3-ActCode", "ETH")],
    "psychotherapy": [("v3-Confidentiality", "R"), ("v3-ActCode", "PSYTHPN")],
    "social_sensitive": [("v3-Confidentiality", "R")],
}


def resource_of(line: Line, *, observer: str) -> dict[str, Any]:
    """Spell a line as an AuditEvent; `observer` is the public address of this service."""
    kind, subtype, does = _codes(line.action)
    return {
        "resourceType": "AuditEvent",
        "id": str(line.id),
        "type": kind,
        "subtype": [subtype, {"system": f"{observer}/acts", "code": line.action}],
        "action": does,
        "recorded": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "outcome": _OUTCOMES[line.outcome],
        "agent": list(_agents(line)),
        "source": {
            "observer": {"identifier": {"system": "urn:ietf:rfc:3986", "value": observer}},
            "type": [{"system": f"{_TERMS}/security-source-type", "code": "4"}],
        },
        **_entities(line),
    }


def _codes(action: str) -> tuple[Mapping[str, str], Mapping[str, str], str]:
    if action in _SECURITY:
        code, display, finer, finer_display = _SECURITY[action]
        does = "R" if action.startswith("audit.") else "E"
        return (
            {"system": _DICOM, "code": code, "display": display},
            {"system": _DICOM, "code": finer, "display": finer_display},
            does,
        )
    family, _, verb = action.rpartition(".")
    does, interaction = _VERBS.get(verb, ("E", "operation"))
    if family == "step":
        does, interaction = ("C", "create") if verb == "create" else ("U", "update")
    return _REST, {"system": _INTERACTION, "code": interaction}, does


def _reference(value: UUID, kind: str | None = None) -> dict[str, Any]:
    named = {"type": kind} if kind else {}
    return named | {"identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{value}"}}


def _agents(line: Line) -> Iterator[dict[str, Any]]:
    """Name who acted, by what, and for which organization."""
    who = [
        (line.actor_member_id, "PractitionerRole"),
        (line.worker_id, "PractitionerRole"),
        (line.api_key_id, "Device"),
        (line.link_id, "Device"),
    ]
    known = [(value, kind) for value, kind in who if value is not None]
    for place, (value, kind) in enumerate(known):
        yield {"who": _reference(value, kind), "requestor": place == 0}
    if not known:
        yield {"who": {"type": "Device", "display": line.actor_kind}, "requestor": True}
    if line.actor_org_id is not None:
        yield {"who": _reference(line.actor_org_id, "Organization"), "requestor": False}


def _entities(line: Line) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    if line.resource_id is not None:
        found.append(_entity(line, line.resource_id, line.resource_kind))
    if line.referral_id is not None and line.referral_id != line.resource_id:
        found.append(_entity(line, line.referral_id, "referral"))
    # A list of conversations names the referrals they are about, too: of neither the kind is known.
    kind = "referral" if line.action == "referral.list" else None
    found += [_entity(line, UUID(each), kind) for each in line.detail.get("records", ())]
    return {"entity": found} if found else {}


def _entity(line: Line, value: UUID, kind: str | None) -> dict[str, Any]:
    patient = kind == "patient"
    labels = _LABELS.get(line.sensitivity or "", ())
    entity: dict[str, Any] = {
        "what": _reference(value, _TYPES.get(kind or "")),
        "type": {"system": f"{_TERMS}/audit-entity-type", "code": "1" if patient else "2"},
        "role": {"system": f"{_TERMS}/object-role", "code": "1" if patient else "4"},
    }
    if labels:
        entity["securityLabel"] = [
            {"system": f"{_TERMS}/{system}", "code": code} for system, code in labels
        ]
    return entity
