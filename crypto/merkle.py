"""An append-only Merkle tree: what leaves and nodes are hashed from, and how one leaf is proved.

Source: RFC 6962, 2.1. Subtrees are named by their ends, as in a Fenwick tree: the node kept with
leaf n is the root of the largest whole subtree that ends there. The frontier at any size, and every
proof, is made of a few kept nodes; nothing is ever written again.
"""

from collections.abc import Sequence

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
