"""Hand out the record as FHIR R4 AuditEvents; that it was handed out is recorded first."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import msgspec

from service.actions.office import Office
from service.actions.permission import OPERATOR
from service.domain import fhir_audit
from service.store import audit, record_reading
from service.store.pool import Pool, Scope
from service.store.rows import AuditRow


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Whose lines, from when until before when; all where nothing is said."""

    org_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


async def export_record(office: Office, pool: Pool, span: Span) -> AsyncIterator[bytes]:
    """Yield resources as JSON, as the role that sees every line; for the operator's commands."""
    told = {
        name: value.isoformat()
        for name, value in (("since", span.since), ("until", span.until))
        if value is not None
    }
    row = AuditRow(org_id=span.org_id, action="audit.export", detail=told)
    async with office.db.transaction(Scope()) as connection:
        await audit.insert(connection, OPERATOR, row)
    async with pool.transaction(Scope()) as connection:
        await record_reading.hold_still(connection)
        async for line in record_reading.exported(
            connection, org_id=span.org_id, since=span.since, until=span.until
        ):
            resource = fhir_audit.resource_of(line, observer=office.public_url)
            yield msgspec.json.encode(resource)
