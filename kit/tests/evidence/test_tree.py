"""Paths of one tree checked together say what each would say alone."""

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencykit.evidence.merkle import leaf_hash, root_and_paths, root_from_path
from agencykit.evidence.tree import ProvenTree

HEIGHTS = st.integers(1, 40)


def grown(count: int) -> tuple[list[bytes], bytes, list[list[bytes]]]:
    leaves = [leaf_hash(f"decision {number}".encode()) for number in range(count)]
    return leaves, *root_and_paths(leaves)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 100, 255, 256])
def test_every_leaf_is_proved_in_whatever_order(count: int) -> None:
    leaves, root, paths = grown(count)
    for order in (range(count), reversed(range(count)), sorted(range(count), key=lambda place: place * 7919 % count)):
        tree = ProvenTree(root, count)
        assert all(tree.proves(leaves[place], place, paths[place]) for place in order)


@given(HEIGHTS, st.lists(st.integers(0, 39), max_size=12), st.data())
def test_a_path_bent_anywhere_proves_nothing_whatever_was_proved_before(
    count: int, before: list[int], data: Any
) -> None:
    leaves, root, paths = grown(count)
    tree = ProvenTree(root, count)
    for place in before:
        if place < count:
            assert tree.proves(leaves[place], place, paths[place])
    place = data.draw(st.integers(0, count - 1))
    leaf, index, path = leaves[place], place, list(paths[place])
    bend = data.draw(st.sampled_from(["leaf", "index", "longer", *(["shorter", "sibling"] if path else [])]))
    if bend == "leaf":
        leaf = sha256(leaf).digest()
    elif bend == "index":
        index = data.draw(st.integers(-2, count + 2))
    elif bend == "longer":
        path.append(root)
    elif bend == "shorter":
        path.pop()
    else:
        path[data.draw(st.integers(0, len(path) - 1))] = bytes(32)
    expected = root_from_path(leaf, index, count, path) == root
    assert tree.proves(leaf, index, path) == expected
    assert tree.proves(leaves[place], place, paths[place]), "a refused path leaves nothing behind"
