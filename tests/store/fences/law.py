"""Who sees, writes, changes and deletes which rows: the design's words, not the migrations'."""

from tests.store.fences.kinds import (
    BOTH,
    K,
    W,
    directory,
    house,
    kept,
    keyed,
    known_to_all,
    machinery,
    of_thread,
    personal,
    queued,
    said,
    shared,
)
from tests.store.fences.words import (
    MENDS,
    Fence,
    admitted,
    anyone,
    caused,
    chosen,
    fence,
    its_person_works_here,
    long_ago,
    named_by,
    network,
    numbering,
    of,
    of_stuck,
    on_ones_page,
    opening,
    overseen,
    own,
    own_hook,
    part,
    person,
    proof,
    released,
    same,
    signed_in_somewhere,
    stood_on,
    taking_part,
    told,
    whose,
    writable,
)

_OWN_TURN = chosen(lambda row, scope: row["referral_id"] is None) & own("turn_org_id")

_SESSION = proof("secret_hash") | person()
_PROVEN = whose("session", _SESSION) | whose("api_key", own() | proof("secret_hash"))
"""A member whose session or key somebody brings, before an organization is known."""

_FOUND = named_by("person_login", "person_id", proof("token"))
"""A person whose address somebody brings, as its blind index."""

_STOOD_ON = (
    stood_on("referral", "consent_id", "id")
    | stood_on("party", "override_consent_id", "referral_id")
    | stood_on("thread_party", "consent_id", "thread_id")
)
_HEARD = taking_part("thread_id", from_seq=True)
_FILED = own("author_org_id") & part()
_FILE = own() | of("document_id", "document", part()) | of("message_id", "message", _HEARD)
_BY_OWN_PHONE = chosen(lambda row, scope: row["org_id"] is None) & same(
    "number_id", "contact", own()
)
"""What a phone said that is one of this organization's contacts'."""

_UNBOUND = chosen(lambda row, scope: row["bound_at"] is None)

LAW: dict[str, tuple[Fence, ...]] = {
    # Reference.
    "rule": known_to_all(),
    "schema_migration": known_to_all(),
    "root_key": known_to_all(),
    "network_key": known_to_all(),
    "clock_offset": (*known_to_all(), fence(BOTH, "update", writable)),
    "key_generation": (fence(BOTH, "select", anyone),),
    "legal_hold": (fence(W, "select", released(no=True)),),
    # The directory.
    "organization": (
        fence(BOTH, "select", anyone),
        fence(W, "insert", network),
        fence(W, "update", own("id") | network),
    ),
    "closure": directory(),
    "site": directory(),
    "healthcare_service": directory(),
    "clock_setting": (
        fence(W, "select", signed_in_somewhere | network),
        fence(W, "insert update", network),
        fence(K, "select", anyone),
    ),
    "public_key": directory(),
    "assignment_rule": (fence(W, "all", own()), fence(K, "select", anyone)),
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
    "session": personal(
        proof("secret_hash") | person(), fence(K, "all", long_ago("expires_at", days=7))
    ),
    "invitation": personal(
        proof("secret_hash") | person(),
        fence(K, "all", person()),
        fence(K, "select", its_person_works_here("person_id")),
    ),
    "api_key": personal(own() | proof("secret_hash")),
    "passkey": personal(person() | proof("credential_hash")),
    "recovery_code": personal(person()),
    "factor_reset": personal(own() | person() | network),
    "webauthn_challenge": personal(
        person() | proof("challenge_hash"), fence(K, "all", long_ago("expires_at", days=1))
    ),
    "parked_form": personal(person(), fence(K, "all", long_ago("expires_at", days=0))),
    "password_ask": machinery(fence(W, "insert", anyone)),
    "idempotency": kept(fence(K, "all", long_ago("created_at", days=7))),
    # One organization's own rows.
    "snooze": (fence(W, "all", own()),),
    "saved_view": (fence(W, "all", own()),),
    "agency_note": (fence(W, "all", own()),),
    "presence": (fence(W, "select insert update", own()),),
    "patient": kept(),
    "patient_index": kept(),
    "contact": kept(),
    "consent": kept(fence(W, "select", _STOOD_ON)),
    "external_id": kept(),
    "address": house(),
    "agency_worker": house(),
    "org_key": house(),
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
    "leg": shared(fence(K, "select", opening("referral_id") | numbering)),
    "event": shared(fence(K, "select", numbering), changes=False),
    "webhook": (
        fence(W, "all", own()),
        fence(K, "select update", anyone),
        fence("lk_keys", "all", anyone),
    ),
    "feed": (fence(K, "select insert", anyone), fence(W, "select", own())),
    "service_behaviour": (fence(W, "select", anyone), fence(K, "all", anyone)),
    "directory_source": (fence(W, "select insert", network),),
    "feed_position": (fence(K, "select update", anyone),),
    # Whoever wrote it takes it back, and nobody changes another's.
    "document": shared(
        fence("lk_keys", "select", anyone), fence(W, "update", _FILED), changes=False
    ),
    "appointment": shared(),
    "claim": shared(fence(K, "select", numbering)),
    "referral_fact": shared(),
    "content": shared(fence(W, "update", _FILED), changes=False),
    "epoch": keyed(changes=True),
    "seal": keyed(changes=False),
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
        fence(K, "select", opening("thread_id") | numbering),
    ),
    "thread_member": of_thread(
        fence(W, "select", opening("thread_id")),
        fence(W, "update", own() | opening("thread_id")),
    ),
    "message_opened": of_thread(),
    "message": said(fence(K, "select", numbering)),
    "thread_title": said(),
    "message_copy": (
        fence(W, "select", _HEARD),
        fence(W, "insert", own("author_org_id") & opening("thread_id")),
        fence(W, "update", _HEARD & of("message_id", "message", _HEARD & own("author_org_id"))),
    ),
    "attachment": machinery(
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
    "message_read": personal(own()),
    "thread_note": personal(own()),
    "message_draft": personal(own()),
    # Machinery.
    "outbox": queued(*MENDS, fence(W, "select update", own_hook)),
    "timer": queued(fence(W, "select update", _OWN_TURN)),
    "human_task": machinery(
        fence(W, "insert", anyone),
        fence(W, "select update", own() | opening("referral_id") | overseen | caused),
    ),
    "delivery": machinery(fence(W, "select", part() | of_stuck), fence(W, "update", of_stuck)),
    "receipt": machinery(fence(W, "insert", anyone)),
    "breaker": machinery(fence(W, "select", anyone)),
    "worker_beat": machinery(fence(W, "select", anyone)),
    "clock_watch": machinery(),
    "nightly_proof": machinery(),
    # Texts to patients: a number belongs to nobody, and the web never reads what it is.
    "text_number": machinery(
        fence(W, "select", proof("token") | signed_in_somewhere),
        fence(W, "insert", proof("token")),
        fence(W, "update", signed_in_somewhere),
        fence("lk_keys", "all", anyone),
    ),
    # What the phones of one's own patients said is for all of the network.
    "text_consent": machinery(
        fence(W, "all", own()), fence(W, "select", _BY_OWN_PHONE), fence(W, "insert", on_ones_page)
    ),
    "text_question": machinery(fence(W, "all", own())),
    "text_heard": machinery(fence(W, "all", own())),
    "patient_link": machinery(
        fence(W, "select", proof("secret_hash") | own()), fence(W, "update", own())
    ),
    "patient_code": machinery(fence(W, "all", own())),
    "patient_visit": machinery(
        fence(W, "all", proof("secret_hash") | proof("session_hash") | own())
    ),
    # What came from a phone is put in by the web and opened by a worker only.
    "inbound_text": machinery(
        fence(W, "insert", anyone),
        fence("lk_keys", "all", anyone),
    ),
    "sms_provider": machinery(fence(W, "select", anyone), fence(W, "update", network)),
    "restore_hold": (fence(BOTH, "select", anyone), fence(K, "update", anyone)),
    "backup": (fence(K, "select insert", anyone),),
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
    "link": machinery(
        fence(W, "select update", proof("secret_hash") | own() | opening("referral_id"))
    ),
    "challenge": machinery(fence(W, "all", proof("secret_hash") | own())),
    "link_session": machinery(fence(W, "all", proof("secret_hash") | own())),
    "link_code": machinery(fence(W, "all", own())),
    "link_hit": machinery(fence(W, "all", own())),
}
"""The fences of every table, but for the checks', who see every row, and the operator's keys'."""
