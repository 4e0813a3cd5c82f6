"""Who sees, writes, changes and deletes which rows: the design's words, not the migrations'."""

from tests.store.fences.words import (
    Fence,
    Test,
    admitted,
    anyone,
    chosen,
    fence,
    its_person_works_here,
    long_ago,
    named_by,
    network,
    numbering,
    of,
    opening,
    overseen,
    own,
    part,
    person,
    proof,
    released,
    signed_in_somewhere,
    stood_on,
    taking_part,
    told,
    whose,
    writable,
)

BOTH = W, K = "lk_web", "lk_worker"


def _known_to_all() -> tuple[Fence, ...]:
    """Reference: everybody reads it, the owner fills it."""
    return (fence(BOTH, "select", anyone), fence("lk_owner", "all", anyone))


def _directory() -> tuple[Fence, ...]:
    """The directory: the whole network reads it, its organization and the network write it."""
    return (
        fence(W, "select", signed_in_somewhere | network),
        fence(W, "all", own() | network),
        fence(K, "select", anyone),
    )


def _kept(*more: Fence) -> tuple[Fence, ...]:
    """One organization's own rows."""
    return (fence(BOTH, "all", own()), *more)


def _house(*more: Fence) -> tuple[Fence, ...]:
    """Own rows that the network's administration sets up."""
    return (fence(BOTH, "all", own() | network), *more)


def _shared(*more: Fence, changes: bool = True) -> tuple[Fence, ...]:
    """Rows of a referral: its parties', and those a step writes for who is let in."""
    found = (
        fence(BOTH, "select", part()),
        fence(BOTH, "insert", part() | opening("referral_id")),
        *more,
    )
    return (*found, fence(BOTH, "update", part())) if changes else found


def _keyed(*, changes: bool) -> tuple[Fence, ...]:
    """Keys of a referral or of a thread."""
    threads = taking_part("thread_id")
    # A worker knows who takes part in a thread only while it holds something of that thread.
    held = {W: part() | threads, K: part() | (threads & opening("thread_id"))}
    opened = opening("referral_id", "thread_id")
    return tuple(
        each
        for role, mine in held.items()
        for each in (
            fence(role, "select", mine),
            fence(role, "insert", mine | opened),
            *((fence(role, "update", mine),) if changes else ()),
        )
    )


def _said() -> tuple[Fence, ...]:
    """Words in a thread: from the number on from which one was let in; its author's to change."""
    heard = taking_part("thread_id", from_seq=True)
    mine = own("author_org_id")
    return (
        fence(W, "select", heard),
        fence(W, "insert", mine & (opening("thread_id") | heard)),
        fence(W, "update", mine & heard),
    )


def _of_thread(*more: Fence) -> tuple[Fence, ...]:
    mine = taking_part("thread_id")
    return (fence(W, "select", mine), fence(W, "insert", mine | opening("thread_id")), *more)


def _machinery(*more: Fence) -> tuple[Fence, ...]:
    """The worker's own: it reads and writes it all."""
    return (fence(K, "all", anyone), *more)


def _queued(*more: Fence) -> tuple[Fence, ...]:
    """What the web owes: written for anyone, seen by the parties."""
    return _machinery(fence(W, "insert", anyone), fence(W, "select update", part()), *more)


def _personal(test: Test, *more: Fence) -> tuple[Fence, ...]:
    return (fence(W, "all", test), *more)


_OWN_TURN = chosen(lambda row, scope: row["referral_id"] is None) & own("turn_org_id")

_SESSION = proof("secret_hash") | person()
_PROVEN = whose("session", _SESSION) | whose("api_key", own() | proof("secret_hash"))
"""A member whose session or key somebody brings, before an organization is known."""

_FOUND = named_by("person_login", "person_id", proof("token"))
"""A person whose address somebody brings, as its blind index."""

_STOOD_ON = stood_on("referral", "consent_id", "id") | stood_on(
    "party", "override_consent_id", "referral_id"
)
_HEARD = taking_part("thread_id", from_seq=True)
_FILED = own("author_org_id") & part()
_FILE = own() | of("document_id", "document", part()) | of("message_id", "message", _HEARD)
_UNBOUND = chosen(lambda row, scope: row["bound_at"] is None)

LAW: dict[str, tuple[Fence, ...]] = {
    # Reference.
    "rule": _known_to_all(),
    "schema_migration": _known_to_all(),
    "root_key": _known_to_all(),
    "network_key": _known_to_all(),
    "clock_offset": (*_known_to_all(), fence(BOTH, "update", writable)),
    "key_generation": (fence(BOTH, "select", anyone),),
    "legal_hold": (fence(W, "select", released(no=True)),),
    # The directory.
    "organization": (
        fence(BOTH, "select", anyone),
        fence(W, "insert", network),
        fence(W, "update", own("id") | network),
    ),
    "closure": _directory(),
    "site": _directory(),
    "healthcare_service": _directory(),
    "clock_setting": _directory(),
    "public_key": _directory(),
    "member": (
        fence(W, "select", signed_in_somewhere | person() | _PROVEN),
        fence(W, "all", own() | network),
        fence(K, "select", anyone),
    ),
    # People and their proofs.
    "person": (
        fence(W, "all", person("id") | _FOUND, check=person("id")),
        fence(K, "select", its_person_works_here("id") | _FOUND),
    ),
    "person_login": (fence(BOTH, "select", proof("token")), fence(W, "insert", person())),
    "session": _personal(
        proof("secret_hash") | person(), fence(K, "all", long_ago("expires_at", days=7))
    ),
    "invitation": _personal(
        proof("secret_hash") | person(),
        fence(K, "all", person()),
        fence(K, "select", its_person_works_here("person_id")),
    ),
    "api_key": _personal(own() | proof("secret_hash")),
    "passkey": _personal(person() | proof("credential_hash")),
    "recovery_code": _personal(person()),
    "factor_reset": _personal(own() | person() | network),
    "webauthn_challenge": _personal(
        person() | proof("challenge_hash"), fence(K, "all", long_ago("expires_at", days=1))
    ),
    "parked_form": _personal(person(), fence(K, "all", long_ago("expires_at", days=0))),
    "password_ask": _machinery(fence(W, "insert", anyone)),
    "idempotency": _kept(fence(K, "all", long_ago("created_at", days=7))),
    # One organization's own rows.
    "patient": _kept(),
    "patient_index": _kept(),
    "contact": _kept(),
    "consent": _kept(fence(W, "select", _STOOD_ON)),
    "external_id": _kept(),
    "address": _house(),
    "agency_worker": _house(),
    "org_key": _house(),
    # The loop, shared by its parties.
    "party": (
        fence(BOTH, "all", own() | opening("referral_id"), check=opening("referral_id")),
        fence(K, "select", numbering),
    ),
    "referral": (
        fence(BOTH, "select", part("id") | opening("id")),
        fence(BOTH, "update", part("id")),
        fence(W, "insert", opening("id") & own("sender_org_id")),
        fence(K, "select", numbering),
    ),
    "leg": _shared(fence(K, "select", opening("referral_id") | numbering)),
    "event": _shared(fence(K, "select", numbering), changes=False),
    "feed": (fence(K, "select insert", anyone), fence(W, "select", own())),
    "feed_position": (fence(K, "select update", anyone),),
    # Whoever wrote it takes it back, and nobody changes another's.
    "document": _shared(
        fence("lk_keys", "select", anyone), fence(W, "update", _FILED), changes=False
    ),
    "appointment": _shared(),
    "claim": _shared(),
    "referral_fact": _shared(),
    "content": _shared(fence(W, "update", _FILED), changes=False),
    "epoch": _keyed(changes=True),
    "seal": _keyed(changes=False),
    "disclosure": (
        fence(W, "select", own() | own("to_org_id")),
        fence(BOTH, "insert", opening("referral_id", "thread_id")),
    ),
    # Conversations.
    "thread": (
        fence(W, "select", taking_part("id") | opening("id", "referral_id")),
        fence(K, "select", opening("id")),
        fence(W, "insert", opening("id") & own("created_org_id")),
        # Whose part in a referral ends is out of its conversations, whoever takes the step.
        fence(W, "update", taking_part("id") | opening("referral_id")),
    ),
    "thread_party": (
        fence(W, "select", own() | opening("thread_id", "referral_id") | admitted),
        fence(W, "insert", opening("thread_id")),
        fence(W, "update", opening("thread_id", "referral_id") | admitted),
        fence(K, "select", opening("thread_id")),
    ),
    "thread_member": _of_thread(
        fence(W, "select", opening("thread_id")),
        fence(W, "update", own() | opening("thread_id")),
    ),
    "message_opened": _of_thread(),
    "message": _said(),
    "thread_title": _said(),
    "message_copy": (
        fence(W, "select", _HEARD),
        fence(W, "insert", own("author_org_id") & opening("thread_id")),
        fence(W, "update", _HEARD & of("message_id", "message", _HEARD & own("author_org_id"))),
    ),
    "attachment": _machinery(
        fence(W, "select", _FILE),
        fence(W, "insert", own() & _UNBOUND),
        fence(W, "update", own()),
    ),
    "attachment_copy": (
        fence(W, "select", of("attachment_id", "attachment", _FILE)),
        fence(W, "insert", own("author_org_id") & opening("thread_id")),
        fence(W, "update", of("attachment_id", "attachment", own())),
    ),
    "document_opened": (
        fence(
            W,
            "select",
            of("document_id", "document", _FILED) | of("attachment_id", "attachment", own()),
        ),
        fence(W, "insert", own()),
    ),
    "message_read": _personal(own()),
    "thread_note": _personal(own()),
    "message_draft": _personal(own()),
    # Machinery.
    "outbox": _queued(),
    "timer": _queued(fence(W, "select update", _OWN_TURN)),
    "human_task": _machinery(
        fence(W, "insert", anyone),
        fence(W, "select update", own() | opening("referral_id") | overseen),
    ),
    "delivery": _machinery(fence(W, "select", part())),
    "receipt": _machinery(fence(W, "insert", anyone)),
    "breaker": _machinery(fence(W, "select", anyone)),
    "worker_beat": _machinery(fence(W, "select", anyone)),
    "clock_watch": _machinery(),
    # The record.
    "audit": (
        fence(BOTH, "insert", anyone),
        fence(W, "select", own()),
        fence(K, "select", anyone),
    ),
    "audit_leaf": (fence(K, "select insert", anyone), fence(W, "select", own("log_id"))),
    "audit_head": (fence(K, "select insert", anyone), fence(W, "select", own("log_id"))),
    "audit_checkpoint": (fence(K, "select insert", anyone), fence(W, "select", anyone)),
    "audit_position": (fence(K, "select update", anyone),),
    "break_glass": (
        fence(W, "all", own()),
        fence(W, "select", told("break_glass_told", "break_glass_id")),
        fence(K, "select", own()),
    ),
    "break_glass_told": (fence(W, "select", own()), fence(W, "insert", own("by_org_id"))),
    # The e-mail link.
    "link": _machinery(
        fence(W, "select update", proof("secret_hash") | own() | opening("referral_id"))
    ),
    "challenge": _machinery(fence(W, "all", proof("secret_hash") | own())),
    "link_session": _machinery(fence(W, "all", proof("secret_hash") | own())),
    "link_code": _machinery(fence(W, "all", own())),
    "link_hit": _machinery(fence(W, "all", own())),
}
"""The fences of every table, but for the checks', who see every row, and the operator's keys'."""
