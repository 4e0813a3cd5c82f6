"""The tree is that of RFC 6962: against its published roots, and against its text word for word."""

from typing import Any

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


def _grown(size: int) -> tuple[list[bytes], dict[int, tuple[bytes, bytes]]]:
    frontier, leaves, kept = merkle.Frontier(), list[bytes](), dict[int, tuple[bytes, bytes]]()
    for number in range(size):
        leaves.append(merkle.leaf_hash(number.to_bytes(2, "big")))
        kept[number + 1] = leaves[-1], frontier.push(leaves[-1])
    return leaves, kept


def path_by_the_text(index: int, entries: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1, as it is written there."""
    if len(entries) == 1:
        return []
    split = 1
    while split * 2 < len(entries):
        split *= 2
    if index < split:
        return [*path_by_the_text(index, entries[:split]), by_the_text(entries[split:])]
    return [*path_by_the_text(index - split, entries[split:]), by_the_text(entries[:split])]


def test_every_path_in_every_small_tree_is_that_of_the_text() -> None:
    for size in range(1, 34):
        leaves, kept = _grown(size)
        entries = [number.to_bytes(2, "big") for number in range(size)]
        for index in range(size):
            ends = merkle.path_ends(index, size)
            path = merkle.path(index, size, {end: kept[end] for end in ends})
            assert path == path_by_the_text(index, entries)
            assert merkle.root_by(leaves[index], index, size, path) == merkle.root_of(leaves)


@given(st.integers(1, 3000), st.data())
def test_a_proof_is_made_of_few_kept_nodes_and_leads_to_the_root(size: int, data: Any) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves, kept = _grown(size)
    ends = merkle.path_ends(index, size)
    assert len(ends) <= size.bit_length() * (size.bit_length() + 1) // 2
    path = merkle.path(index, size, {end: kept[end] for end in ends})
    assert merkle.root_by(leaves[index], index, size, path) == merkle.root_of(leaves)


@given(st.integers(2, 60), st.data())
def test_no_other_place_leaf_or_path_leads_to_the_root(size: int, data: Any) -> None:
    leaves, kept = _grown(size)
    index = data.draw(st.integers(0, size - 1))
    path, root = merkle.path(index, size, kept), merkle.root_of(leaves)
    other = data.draw(st.integers(0, size - 1).filter(lambda place: place != index))
    place = data.draw(st.integers(0, len(path) - 1))
    wrongs = [
        (leaves[other], index, path),
        (leaves[index], other, path),
        (leaves[index], index, path[:place]),
        (leaves[index], index, [*path, root]),
        (leaves[index], index, [*path[:place], bytes(32), *path[place + 1 :]]),
    ]
    for leaf, at, way in wrongs:
        try:
            assert merkle.root_by(leaf, at, size, way) != root
        except faults.CannotOpen:
            continue


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_there_is_no_path_to_a_leaf_that_is_not_in_the_tree(index: int, size: int) -> None:
    with pytest.raises(faults.CannotOpen):
        merkle.path_ends(index, size)
    with pytest.raises(faults.CannotOpen):
        merkle.root_by(bytes(32), index, size, [])


def test_a_tree_does_not_begin_with_the_wrong_number_of_nodes() -> None:
    with pytest.raises(faults.CannotOpen):
        merkle.Frontier(6, [b"one"])
