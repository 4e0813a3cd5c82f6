"""Keep what a mail provider says became of a mail; the receipts worker applies it."""

from typing import Annotated, Literal

import msgspec

from service import faults
from service.actions import return_paths
from service.actions.office import Office
from service.store import mail_hooks
from service.store.pool import Scope
from service.store.receipts import NewReceipt

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class MailEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One event of one mail, named by its Message-ID or by the return path it left with.

    `event_id` is the provider's own: the same event told twice counts once. `soft` is a bounce
    that may pass, as of a full mailbox. `code` is the RFC 3463 status, where there is one.
    """

    event_id: Word
    kind: Literal["bounced", "soft", "complained", "delivered"]
    message_id: Word | None = None
    return_path: Annotated[str, msgspec.Meta(min_length=3, max_length=320)] | None = None
    code: Annotated[str, msgspec.Meta(pattern=r"^[245]\.[0-9]{1,3}\.[0-9]{1,3}$")] | None = None

    def __repr__(self) -> str:
        return "<mail event>"


async def hear(office: Office, event: MailEvent, *, provider: str, domain: str) -> None:
    """Keep an event, once; raises Invalid where it names no mail, or a return path not ours."""
    if (event.message_id is None) is (event.return_path is None):
        raise _wrong("message_id", "Give either message_id or return_path.")
    delivery_id = None
    if event.return_path is not None:
        path = event.return_path
        delivery_id = await return_paths.delivery_of(office.keys, path, domain=domain)
        if delivery_id is None:
            raise _wrong("return_path", "This is no return path of ours.")
    receipt = NewReceipt(
        provider=f"mail/{provider}",
        event_id=event.event_id,
        kind=event.kind,
        message_id=event.message_id,
        code=event.code,
        delivery_id=delivery_id,
    )
    async with office.db.transaction(Scope()) as connection:
        await mail_hooks.keep(connection, receipt)


def _wrong(field: str, detail: str) -> faults.Invalid:
    return faults.Invalid(errors=[{"field": field, "detail": detail}])
