"""An append-only Merkle tree: what leaves and nodes are hashed from, and how one leaf is proved.

Source: RFC 6962, 2.1. Subtrees are named by their ends, as in a Fenwick tree: the node kept with
leaf n is the root of the largest whole subtree that ends there. The frontier at any size, and every
proof, is made of a few kept nodes; nothing is ever written again.
"""

from collections.abc import Mapping, Sequence

from crypto import faults, primitives

EMPTY = primitives.sha256(b"")
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """Hash what a leaf stands for; the prefix keeps a leaf from passing for a node."""
    return primitives.sha256(b"\x00" + data)


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees to the one above them."""
    return primitives.sha256(b"\x01" + left + right)


def ends(size: int) -> list[int]:
    """List where the whole subtrees of a tree of this size end, the largest first."""
    found: list[int] = []
    while size:
        found.append(size)
        size &= size - 1
    return found[::-1]


class Frontier:
    """The right edge of a growing tree: all that is needed to add leaves and to know the root."""

    __slots__ = ("_nodes", "size")

    def __init__(self, size: int = 0, nodes: Sequence[bytes] = ()) -> None:
        """Begin empty, or with the nodes kept at `ends(size)`; a wrong number is CannotOpen."""
        if len(nodes) != size.bit_count():
            raise faults.CannotOpen
        self.size = size
        self._nodes = list(nodes)

    def push(self, leaf: bytes) -> bytes:
        """Add a leaf's hash and return the node to keep with it."""
        node, place = leaf, self.size
        while place & 1:
            node = node_hash(self._nodes.pop(), node)
            place >>= 1
        self._nodes.append(node)
        self.size += 1
        return node

    def root(self) -> bytes:
        """Return the root of the tree as it stands."""
        if not self._nodes:
            return EMPTY
        root = self._nodes[-1]
        for left in self._nodes[-2::-1]:
            root = node_hash(left, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.push(leaf)
    return frontier.root()


def path_ends(index: int, size: int) -> list[int]:
    """List the leaves of which something kept is needed to prove a leaf; both count from 0."""
    return sorted({end for span in _siblings(index, size) for end in _ends(*span)})


def path(index: int, size: int, kept: Mapping[int, tuple[bytes, bytes]]) -> list[bytes]:
    """Make the audit path of a leaf in a tree of this size, the nearest first.

    `kept` holds leaf and node of each of `path_ends`; one that is missing is CannotOpen.
    """
    try:
        return [_root(*span, kept) for span in _siblings(index, size)]
    except KeyError:
        raise faults.CannotOpen from None


def root_by(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that a leaf and its audit path lead to; a path of another form is CannotOpen.

    Source: RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size:
        raise faults.CannotOpen
    place, last, root = index, size - 1, leaf
    for sibling in path:
        if not last:
            raise faults.CannotOpen
        if place & 1 or place == last:
            root = node_hash(sibling, root)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise faults.CannotOpen
    return root


def _siblings(index: int, size: int) -> list[tuple[int, int]]:
    """List the spans of leaves beside the way from a leaf up, as (before the first, last)."""
    if not 0 <= index < size:
        raise faults.CannotOpen
    first, last, found = 0, size, list[tuple[int, int]]()
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            found.append((middle, last))
            last = middle
        else:
            found.append((first, middle))
            first = middle
    return found[::-1]


def _split(size: int) -> int:
    """Return the largest power of two below a size."""
    return 1 << ((size - 1).bit_length() - 1)


def _ends(first: int, last: int) -> list[int]:
    """List where the pieces of a span end of which the root is kept, or which are one leaf."""
    size = last - first
    if size in (1, last & -last):
        return [last]
    middle = first + _split(size)
    return _ends(first, middle) + _ends(middle, last)


def _root(first: int, last: int, kept: Mapping[int, tuple[bytes, bytes]]) -> bytes:
    size = last - first
    if size in (1, last & -last):
        leaf, node = kept[last]
        return node if size == last & -last else leaf
    middle = first + _split(size)
    return node_hash(_root(first, middle, kept), _root(middle, last, kept))
