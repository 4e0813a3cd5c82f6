"""The tree is that of RFC 6962: against its published roots, and against its text word for word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import faults, merkle, primitives

# The inputs and roots of the reference tests of Certificate Transparency.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def by_the_text(entries: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, as it is written there."""
    if not entries:
        return primitives.sha256(b"")
    if len(entries) == 1:
        return primitives.sha256(b"\x00" + entries[0])
    split = 1
    while split * 2 < len(entries):
        split *= 2
    halves = by_the_text(entries[:split]) + by_the_text(entries[split:])
    return primitives.sha256(b"\x01" + halves)


@pytest.mark.parametrize(("size", "root"), ROOTS.items())
def test_published_roots_come_out(size: int, root: str) -> None:
    leaves = [merkle.leaf_hash(entry) for entry in INPUTS[:size]]
    assert merkle.root_of(leaves).hex() == root


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_a_growing_tree_has_the_root_of_the_text_at_every_size(entries: list[bytes]) -> None:
    frontier = merkle.Frontier()
    assert frontier.root() == by_the_text([])
    for count, entry in enumerate(entries, 1):
        frontier.push(merkle.leaf_hash(entry))
        assert frontier.root() == by_the_text(entries[:count])


@given(st.integers(0, 300), st.integers(1, 20))
def test_a_tree_goes_on_from_its_kept_nodes_as_if_it_had_never_stopped(
    size: int, more: int
) -> None:
    frontier, kept = merkle.Frontier(), {}
    for number in range(size):
        kept[number + 1] = frontier.push(merkle.leaf_hash(bytes([number % 251])))
    again = merkle.Frontier(size, [kept[end] for end in merkle.ends(size)])
    for number in range(more):
        leaf = merkle.leaf_hash(b"more" + bytes([number]))
        assert again.push(leaf) == frontier.push(leaf)
    assert (again.size, again.root()) == (frontier.size, frontier.root())


def test_a_tree_does_not_begin_with_the_wrong_number_of_nodes() -> None:
    with pytest.raises(faults.CannotOpen):
        merkle.Frontier(6, [b"one"])
