"""The tree is RFC 6962's, and a path proves its leaf and no other."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencykit.evidence.merkle import leaf_hash, node_hash, root_and_paths, root_from_path

# Inputs and roots of the reference implementation of Certificate Transparency.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("count", range(1, 9))
def test_the_roots_are_those_of_the_reference(count: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(content)) for content in LEAVES[:count]]
    assert root_and_paths(leaves)[0].hex() == ROOTS[count - 1]


def rfc_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word by word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(rfc_root(leaves[:split]), rfc_root(leaves[split:]))


@given(st.integers(1, 256))
def test_pairing_from_below_gives_the_rfcs_tree_and_every_path_its_root(count: int) -> None:
    leaves = [leaf_hash(str(number).encode()) for number in range(count)]
    root, paths = root_and_paths(leaves)
    assert root == rfc_root(leaves)
    for index in {0, count // 2, count - 1}:
        assert len(paths[index]) <= 8
        assert root_from_path(leaves[index], index, count, paths[index]) == root


@given(st.integers(2, 256), st.data())
def test_a_path_proves_nothing_for_another_leaf_place_or_length(count: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(str(number).encode()) for number in range(count)]
    root, paths = root_and_paths(leaves)
    index = data.draw(st.integers(0, count - 1))
    other = data.draw(st.integers(0, count - 1).filter(lambda number: number != index))
    path = paths[index]
    assert root_from_path(sha256(b"forged").digest(), index, count, path) != root
    assert root_from_path(leaves[index], other, count, path) != root
    assert root_from_path(leaves[index], index, count, path[:-1]) != root
    assert root_from_path(leaves[index], index, count, [*path, root]) != root
    assert root_from_path(leaves[index], count, count, path) is None
    assert root_from_path(leaves[index], -1, count, path) is None
