"""Joins everything: settings, pools, keys, Redis and routes; refuses to start half-able."""

import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from ipaddress import ip_network
from typing import Any

from litestar import Litestar
from redis.asyncio import BlockingConnectionPool, Redis

from crypto import keyring, root, token
from service import faults, fence, logs, metrics_port
from service.actions.office import Office
from service.settings import Secret, Settings, for_role
from service.store import caught, health, keys, migrate
from service.store import pool as pools
from service.store.blob_files import FileBlobs
from service.store.pool import Pool
from service.web import denials, desk, guards, limits, outer, problems, refused, routes
from service.web.listening import Listening
from service.web.metrics import Metrics
from service.web.wake import Waker

WEB = "lk_web"
_KEY_POOL = 2


class Unmigrated(faults.Fault):
    """The database is older than this code."""

    slug = "unmigrated"
    advice = "Run `loopkeeper migrate` first."


def build(settings: Settings) -> Litestar:
    """Make the application; its pools open and close with its lifespan.

    Raises Strangers, RouteWithoutPolicy. Its start raises WrongRootKey, NewerSchema, Unmigrated,
    Broken (a database role that could see past row security), Busy.
    """
    fence.check()
    return assembled(routes.of(demo=settings.demo), lifespan=[_lifespan(settings)])


def assembled(handlers: list[Any], *, lifespan: list[Any]) -> Litestar:
    """Put routes behind the guard, the limits on bodies, and the outermost layer."""
    app = Litestar(
        route_handlers=handlers,
        guards=[guards.admit],
        exception_handlers={Exception: problems.answer},
        after_exception=[refused.met],
        lifespan=lifespan,
        openapi_config=None,
        logging_config=None,
        request_max_body_size=problems.MAX_BODY,
        pdb_on_exception=False,
        debug=False,
    )
    guards.check_routes(app)
    app.asgi_handler = outer.Outer(app.asgi_handler, lambda: app.state.desk)
    return app


@asynccontextmanager
async def office_of(
    settings: Settings, *, role: str, size: int, name: str
) -> AsyncIterator[Office]:
    """Open the pools of one role and the keyring; the workers open theirs through this too.

    The keyring has a small pool of its own: actions ask it for keys while they hold a connection,
    and with one pool each could wait for the other's.
    """
    root_key = root.load(settings.root_key_file)
    given = _given(settings, role)
    password = token.database_password(root_key, role)
    url = (given or for_role(settings.database_url, role, password=password)).reveal()
    async with AsyncExitStack() as stack:
        # Asked anew for every connection: the root key may be replaced while this runs.
        passwords = None if given else partial(token.database_passwords, root_key, role)
        opening = partial(_open, stack, url, role=role, passwords=passwords)
        db = await opening(name=name, size=size)
        key_pool = await opening(name=f"{name}-keys", size=_KEY_POOL)
        ring = keyring.LocalKeyring(root_key, keys.StoredKeyRows(key_pool))
        await _check(db, ring)
        yield Office(
            db=db,
            keys=ring,
            public_url=settings.public_url,
            demo=settings.demo,
            region=settings.region,
            blobs=FileBlobs(settings.attachments),
        )


async def _open(
    stack: AsyncExitStack,
    url: str,
    *,
    name: str,
    size: int,
    role: str,
    passwords: pools.Passwords | None,
) -> Pool:
    opened = await pools.connect(url, name=name, size=size, role=role, passwords=passwords)
    stack.push_async_callback(opened.close)
    return opened


async def _check(db: Pool, ring: keyring.LocalKeyring) -> None:
    vitals = await health.vitals(db)
    if vitals.pending:
        raise Unmigrated
    probe = await keys.probe(db)
    if probe is None:
        raise Unmigrated
    if not await ring.check_probe(probe):
        raise migrate.WrongRootKey


def _given(settings: Settings, role: str) -> Secret | None:
    return {
        WEB: settings.web_database_url,
        "lk_worker": settings.worker_database_url,
        "lk_check": settings.check_database_url,
    }[role]


def _lifespan(settings: Settings) -> Any:
    @asynccontextmanager
    async def living(app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            office = await _told(
                stack, office_of(settings, role=WEB, size=settings.web_pool, name="web")
            )
            redis = redis_of(settings)
            stack.push_async_callback(redis.aclose)
            app.state.desk = desk_of(settings, office, redis)
            stack.push_async_callback(app.state.desk.waker.close)
            stack.push_async_callback(app.state.desk.listening.close)
            app.state.desk.listening.until(app.state.get("stopping", lambda: False))
            stack.push_async_callback(_count_out, app.state.desk)
            here = app.state.desk
            await stack.enter_async_context(
                metrics_port.told(settings, here.metrics.registry, name="web")
            )
            logs.say("web_started")
            yield
        logs.say("web_stopped")

    return living


async def _count_out(here: desk.Desk) -> None:
    """Write the denials that were counted and not written yet."""
    await denials.write(here.office, here.denials.rest())


async def _told(stack: AsyncExitStack, office: AbstractAsyncContextManager[Office]) -> Office:
    """Open the office; why not is one line, because servers print a start's fault as a trace."""
    try:
        return await stack.enter_async_context(office)
    except faults.Fault as fault:
        logs.say("start_refused", level=logging.ERROR, slug=fault.slug, advice=fault.detail)
        raise


def redis_of(settings: Settings) -> Redis:
    """Make the client of Redis; nothing is asked of it yet, and it may be away.

    Whoever finds every connection busy waits for one: a pool that refuses instead would take a
    crowd of requests for an outage, and every limit would be counted by each process alone.
    """
    pool = BlockingConnectionPool.from_url(
        settings.redis_url.reveal(),
        timeout=1,
        socket_timeout=0.5,
        socket_connect_timeout=0.5,
        max_connections=50,
        health_check_interval=15,
    )
    return Redis.from_pool(pool)


def desk_of(settings: Settings, office: Office, redis: Redis) -> desk.Desk:
    """Lay out what handlers work with."""
    return desk.Desk(
        office=office,
        limits=limits.Limits(redis),
        metrics=Metrics(),
        waker=Waker(redis),
        callers=desk.new_callers(),
        denials=denials.Denials(),
        listening=Listening(redis),
        secure=settings.secure,
        hosts=frozenset(settings.allowed_hosts),
        proxies=tuple(ip_network(each) for each in settings.trusted_proxies),
        metrics_token=settings.metrics_token.reveal() if settings.metrics_token else "",
        outbox=caught.folder_of(settings.root_key_file) if settings.demo else None,
        mail_hook=settings.mail_hook_secret.reveal() if settings.mail_hook_secret else "",
        return_domain=settings.return_domain,
        sms=settings.sms,
    )
