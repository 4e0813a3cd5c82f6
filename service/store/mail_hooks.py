"""Receipts about mails as the web keeps them: written, never read."""

from service.domain import ids
from service.store import queries
from service.store.pool import Connection
from service.store.receipts import NewReceipt

Q = queries.load("mail_hooks")


async def keep(connection: Connection, receipt: NewReceipt) -> None:
    """Keep a receipt, once."""
    await connection.execute(
        Q.keep,
        ids.new_id(),
        receipt.provider,
        receipt.event_id,
        receipt.kind,
        receipt.message_id,
        receipt.code,
        receipt.delivery_id,
    )
