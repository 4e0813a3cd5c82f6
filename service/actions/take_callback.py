"""What a provider of texts tells us: kept first as it came, made sense of later by a worker."""

import msgspec

from crypto import faults as crypto_faults
from crypto import primitives
from crypto.sealed import Place
from service.actions import phone
from service.actions.office import Office
from service.domain import ids, sms_calls
from service.domain.sms_calls import TextIn
from service.store import sms
from service.store.pool import Scope
from service.store.receipts import NewReceipt

NONSENSE = "nonsense"
"""The kind of a callback that proved itself and says nothing we can read."""


async def receipt(office: Office, provider: str, fields: dict[str, str]) -> None:
    """Keep what became of a text."""
    told = sms_calls.receipt(provider, fields)
    if told is None:
        await _nonsense(office, provider, fields)
        return
    await _keep(
        office,
        NewReceipt(
            provider=provider,
            event_id=told.event_id,
            kind=told.word,
            message_id=told.reference,
            code=told.code or None,
        ),
    )


async def text(office: Office, provider: str, fields: dict[str, str]) -> None:
    """Keep what came from a phone, sealed under the network's key."""
    found = sms_calls.text(provider, fields)
    if found is None:
        await _nonsense(office, provider, fields)
        return
    text_id = ids.new_id()
    sealed = await office.keys.seal_field(None, msgspec.json.encode(found), place=place(text_id))
    tokens = await _tokens(office, found.number)
    async with office.db.transaction(Scope()) as connection:
        await sms.keep_text(
            connection,
            text_id,
            provider=provider,
            event_id=found.event_id,
            sealed=sealed,
            tokens=tokens,
        )


async def _tokens(office: Office, number: str) -> list[bytes]:
    """Say by which tokens a number may be known; a sender that is no number has none."""
    try:
        known = phone.e164(number, office.region) or number
        return [each.digest for each in await office.keys.indexes(None, "phone", known)]
    except crypto_faults.NotIndexable:
        return []


async def opened(office: Office, waiting: sms.WaitingText) -> TextIn:
    """Open a text that was kept."""
    raw = await office.keys.open_field(None, waiting.sealed, place=place(waiting.id))
    return msgspec.json.decode(raw, type=TextIn)


def place(text_id: ids.UUID) -> Place:
    """Say where a text from a phone is sealed."""
    return Place(table="inbound_text", column="sealed", row_id=text_id, org_id=None)


async def _nonsense(office: Office, provider: str, fields: dict[str, str]) -> None:
    # A fingerprint and no word of it: whatever this is, it may hold a number.
    seen = primitives.sha256(msgspec.json.encode(sorted(fields.items()))).hex()[:32]
    said = NewReceipt(
        provider=provider, event_id=f"{NONSENSE}:{seen}", kind=NONSENSE, message_id=None
    )
    await _keep(office, said)


async def _keep(office: Office, said: NewReceipt) -> None:
    async with office.db.transaction(Scope()) as connection:
        await sms.keep_receipt(connection, ids.new_id(), said)
