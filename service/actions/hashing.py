"""Hashing passwords beside the event loop, few at a time: a flood of sign-ins must not be one."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from crypto import primitives
from service import faults

T = TypeVar("T")

AT_ONCE = 2
"""Each hash takes 19 MiB and a core for some 25 ms; more at once only makes all wait."""

WAITING = 64
"""More than so many waiting are told to come again."""

_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
_places = threading.BoundedSemaphore(AT_ONCE + WAITING)


async def verify(password: str, phc: str | None) -> bool:
    """Say whether a password matches; without a hash, spend the same time and say no."""
    return await _beside(primitives.password_verify, password, phc)


async def make(password: str) -> str:
    """Hash a password or a PIN."""
    return await _beside(primitives.password_hash, password)


async def _beside(work: Callable[..., T], *arguments: str | None) -> T:
    if not _places.acquire(blocking=False):
        raise faults.Busy(retry_after=2)
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work, *arguments)
    finally:
        _places.release()
