"""Connections, and the one way to use them: a transaction with a scope.

A scope says whose eyes PostgreSQL's row-level security gives the transaction. It spells all its
settings, empty ones too, and they are local: nothing is left to the next transaction.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from service import faults

Connection = Any
"""A pooled asyncpg connection; only this room names its methods."""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Whose eyes a transaction has.

    `org_id`: the organization whose rows are seen. `person_id`: who signed in. `lookup`: a hash
    that is itself the proof (a session, a link, an API key). `opening`: the one referral this
    step may widen by new parties. `network`: administration of the network itself. `numbering`:
    a worker that gives every event its place in the feeds, or rings for what is new.
    """

    org_id: UUID | None = None
    person_id: UUID | None = None
    lookup: bytes | None = None
    opening: UUID | None = None
    network: bool = False
    numbering: bool = False

    def statement(self) -> str:
        """Return the statement that begins a transaction with this scope, in one round trip.

        Only uuids, hex and a fixed word are ever put into the text.
        """
        settings = {
            "app.org": str(UUID(str(self.org_id))) if self.org_id else "",
            "app.person": str(UUID(str(self.person_id))) if self.person_id else "",
            "app.lookup": self.lookup.hex() if self.lookup else "",
            "app.opening": str(UUID(str(self.opening))) if self.opening else "",
            "app.network": "on" if self.network else "",
            "app.numbering": "on" if self.numbering else "",
        }
        # Empty ones too: whatever was left behind on the connection ends here.
        return "begin; " + "; ".join(
            f"set local {name} = '{value}'" for name, value in settings.items()
        )


_AWAY = (
    asyncpg.PostgresConnectionError,
    # The server is stopping, starting, or ended this connection or its statement.
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    ConnectionError,
)
_IN_THE_WAY = (asyncpg.LockNotAvailableError, asyncpg.TransactionRollbackError)
_DRIVER = (asyncpg.InterfaceError, asyncpg.InternalClientError)


def _is_gone(connection: Connection) -> bool:
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True


_WAIT_S = 5.0
"""How long somebody waits for a connection, or a connection for the server."""


class Pool:
    """The pool of one role; asked for by name, so that a worker never speaks as the web."""

    def __init__(self, inner: asyncpg.Pool) -> None:
        self._inner = inner

    @asynccontextmanager
    async def transaction(self, scope: Scope) -> AsyncIterator[Connection]:
        """Hold a connection in a transaction of this scope; an exception rolls it back.

        The commit is shielded: a client that hangs up cannot leave it half known.
        """
        async with self._connection() as connection:
            await connection.execute(scope.statement())
            try:
                yield connection
            except BaseException:
                await asyncio.shield(connection.execute("rollback"))
                raise
            await asyncio.shield(connection.execute("commit"))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        connection = await self._acquired()
        try:
            yield connection
        except _AWAY as reason:
            raise faults.Busy(retry_after=2) from reason
        except _IN_THE_WAY as reason:
            raise faults.Busy(retry_after=1) from reason
        except _DRIVER as reason:
            # The driver's own words for a connection that broke under it, and for our mistakes.
            if not _is_gone(connection):
                raise
            raise faults.Busy(retry_after=2) from reason
        finally:
            with contextlib.suppress(*_AWAY, OSError, TimeoutError, *_DRIVER):
                # What was committed stays so. The release is shielded by the driver.
                await self._inner.release(connection)

    async def _acquired(self) -> Connection:
        try:
            # Watching the time costs a task; where a connection is at hand there is no wait.
            at_hand = self._inner.get_idle_size() > 0
            return await self._inner.acquire(timeout=None if at_hand else _WAIT_S)
        except (*_AWAY, OSError, TimeoutError, *_DRIVER) as reason:
            raise faults.Busy(retry_after=2) from reason

    async def close(self) -> None:
        """Close every connection, waiting a little for those in use."""
        try:
            await asyncio.wait_for(self._inner.close(), timeout=5)
        except TimeoutError:
            self._inner.terminate()


async def connect(
    database_url: str,
    *,
    name: str,
    size: int = 10,
    role: str | None = None,
    become: bool = False,
    passwords: "Passwords | None" = None,
) -> Pool:
    """Open a pool; `role` is asserted to be neither superuser nor free of row security.

    `become`: the URL is the owner's, and every connection is that role from its first moment on.
    `passwords`: those to try for a new connection, while the key they come from is replaced.
    """
    try:
        inner = await _create(
            database_url,
            name=name,
            size=size,
            become=role if become else None,
            passwords=passwords,
        )
    except asyncpg.InvalidAuthorizationSpecificationError as reason:
        raise faults.Broken(_NOT_ADMITTED.format(role=role or name)) from reason
    except (OSError, asyncpg.CannotConnectNowError) as reason:
        raise faults.Busy("The database does not answer.", retry_after=2) from reason
    pool = Pool(inner)
    if role is not None:
        try:
            await _assert_fenced(inner, role)
        except BaseException:
            inner.terminate()
            raise
    return pool


_NOT_ADMITTED = (
    "The database does not admit {role}: its password follows from the root key. Run `loopkeeper"
    " migrate` with the root key of this database, or check the database URLs."
)


Passwords = Callable[[], Sequence[str]]
"""The passwords a role may have at this moment, the likeliest first."""


def _connecting(passwords: Passwords) -> Any:
    """Make the function that opens a pool's connections with whichever password is taken."""

    async def open_one(*args: Any, **settings: Any) -> Any:
        *others, last = passwords()
        for password in others:
            try:
                return await asyncpg.connect(*args, **settings | {"password": password})
            except asyncpg.InvalidPasswordError:
                continue
        return await asyncpg.connect(*args, **settings | {"password": last})

    return open_one


async def _create(
    database_url: str,
    *,
    name: str,
    size: int,
    become: str | None = None,
    passwords: Passwords | None = None,
) -> asyncpg.Pool:
    return await asyncpg.create_pool(
        database_url,
        min_size=1,
        max_size=size,
        timeout=_WAIT_S,
        init=_init,
        reset=_keep,
        connect=_connecting(passwords) if passwords is not None else None,
        server_settings={
            "application_name": f"loopkeeper-{name}",
            "search_path": "lk",
            "statement_timeout": "10s",
            "lock_timeout": "2s",
            "idle_in_transaction_session_timeout": "30s",
            "timezone": "UTC",
            # A step is one wide statement: planning it anew would cost more than running it.
            "plan_cache_mode": "force_generic_plan",
            **({"role": become} if become else {}),
        },
    )


async def now(connection: Connection) -> datetime:
    """Read the referral clock once; a transaction passes it on to the rules."""
    moment: datetime = await connection.fetchval("select lk.now()")
    return moment


async def _init(connection: Connection) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda raw: msgspec.json.decode(raw[1:]),
        format="binary",
    )
    # What is only read is built as json: a third quicker than jsonb, and decoded as it comes.
    await connection.set_type_codec(
        "json",
        schema="pg_catalog",
        encoder=msgspec.json.encode,
        decoder=msgspec.json.decode,
        format="binary",
    )


async def _keep(connection: Connection) -> None:
    """Leave a connection as it is: the next scope spells every setting it has.

    asyncpg's own reset is one more round trip for each transaction. It has rolled back already
    what was still open when this is called.
    """


_ASSERT = """select current_user = $1 and not rolsuper and not rolbypassrls
  from pg_roles where rolname = current_user"""


async def _assert_fenced(inner: asyncpg.Pool, role: str) -> None:
    async with inner.acquire() as connection:
        if not await connection.fetchval(_ASSERT, role):
            raise faults.Broken(
                f"The database role must be {role}, without superuser or BYPASSRLS. "
                "Run `loopkeeper migrate` and check the database URLs."
            )
