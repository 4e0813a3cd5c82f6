"""The usual fences of the law, by the kind of table: a word for what many have alike."""

from tests.store.fences.words import (
    Fence,
    Test,
    anyone,
    fence,
    network,
    opening,
    own,
    part,
    signed_in_somewhere,
    taking_part,
)

BOTH = W, K = "lk_web", "lk_worker"


def known_to_all() -> tuple[Fence, ...]:
    """Reference: everybody reads it, the owner fills it."""
    return (fence(BOTH, "select", anyone), fence("lk_owner", "all", anyone))


def directory() -> tuple[Fence, ...]:
    """The directory: the whole network reads it, its organization and the network write it."""
    return (
        fence(W, "select", signed_in_somewhere | network),
        fence(W, "all", own() | network),
        fence(K, "select", anyone),
    )


def kept(*more: Fence) -> tuple[Fence, ...]:
    """One organization's own rows."""
    return (fence(BOTH, "all", own()), *more)


def house(*more: Fence) -> tuple[Fence, ...]:
    """Own rows that the network's administration sets up."""
    return (fence(BOTH, "all", own() | network), *more)


def shared(*more: Fence, changes: bool = True) -> tuple[Fence, ...]:
    """Rows of a referral: its parties', and those a step writes for who is let in."""
    found = (
        fence(BOTH, "select", part()),
        fence(BOTH, "insert", part() | opening("referral_id")),
        *more,
    )
    return (*found, fence(BOTH, "update", part())) if changes else found


def keyed(*, changes: bool) -> tuple[Fence, ...]:
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


def said(*more: Fence) -> tuple[Fence, ...]:
    """Words in a thread: from the number on from which one was let in; its author's to change."""
    heard = taking_part("thread_id", from_seq=True)
    mine = own("author_org_id")
    return (
        fence(W, "select", heard),
        fence(W, "insert", mine & (opening("thread_id") | heard)),
        fence(W, "update", mine & heard),
        *more,
    )


def of_thread(*more: Fence) -> tuple[Fence, ...]:
    mine = taking_part("thread_id")
    return (fence(W, "select", mine), fence(W, "insert", mine | opening("thread_id")), *more)


def machinery(*more: Fence) -> tuple[Fence, ...]:
    """The worker's own: it reads and writes it all."""
    return (fence(K, "all", anyone), *more)


def queued(*more: Fence) -> tuple[Fence, ...]:
    """What the web owes: written for anyone, seen by the parties."""
    return machinery(fence(W, "insert", anyone), fence(W, "select update", part()), *more)


def personal(test: Test, *more: Fence) -> tuple[Fence, ...]:
    return (fence(W, "all", test), *more)
