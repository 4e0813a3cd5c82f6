"""Tell a person by mail what happened to their own sign-in, in the transaction in which it did."""

from enum import StrEnum
from uuid import UUID

from service.domain.effects import EffectKind
from service.store import members, personal_mails
from service.store.pool import Connection


class What(StrEnum):
    """What a person is told; `templates.staff_words` has the sentence of each."""

    TOTP_CONFIRMED = "totp_confirmed"
    RECOVERY_MADE = "recovery_made"
    RECOVERY_USED = "recovery_used"
    PASSWORD_SET = "password_set"  # noqa: S105 - a code, no password
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_ENDED = "passkey_ended"
    PASSKEY_COPIED = "passkey_copied"
    MEMBER_ADDED = "member_added"
    RESET_STARTED = "reset_started"
    RESET_DONE = "reset_done"
    RESET_WAITS = "reset_waits"
    LEFT = "left"
    WEBHOOK_DISABLED = "webhook_disabled"


async def tell(connection: Connection, what: What, *, org_id: UUID, member_id: UUID) -> None:
    """Queue a notice to the person behind a member."""
    await personal_mails.queue(
        connection, EffectKind.SECURITY, org_id=org_id, member_id=member_id, code=what
    )


async def tell_person(connection: Connection, what: What, person_id: UUID) -> None:
    """Queue a notice to a person, in whose scope the transaction is; nobody's member hears none."""
    for member in (await members.choices(connection, person_id))[:1]:
        await tell(connection, what, org_id=member.org_id, member_id=member.member_id)
