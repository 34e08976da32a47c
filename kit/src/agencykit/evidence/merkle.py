"""The Merkle tree over one batch, as RFC 6962, section 2.1, builds it.

Splitting at the largest power of two below the count, as the RFC says, gives the same tree as pairing neighbours from
the bottom up and lifting an odd last node unpaired; the latter needs no recursion.
"""

from collections.abc import Sequence
from hashlib import sha256


def leaf_hash(content: bytes) -> bytes:
    """SHA-256(0x00 ‖ content)."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def root_and_paths(leaves: Sequence[bytes]) -> tuple[bytes, list[list[bytes]]]:
    """The root over at least one leaf hash, and for each leaf its siblings from the leaf upwards."""
    levels = [list(leaves)]
    while len(level := levels[-1]) > 1:
        last = len(level) - 1
        paired = [node_hash(level[index], level[index + 1]) for index in range(0, last, 2)]
        levels.append(paired if last % 2 else [*paired, level[last]])
    # Downwards, because two neighbours have in common all but the first step.
    paths: list[list[bytes]] = [[]]
    for level in reversed(levels[:-1]):
        last = len(level) - 1
        paths = [
            [level[index ^ 1], *paths[index >> 1]] if index ^ 1 <= last else paths[index >> 1]
            for index in range(last + 1)
        ]
    return levels[-1][0], paths


def root_from_path(leaf: bytes, index: int, count: int, siblings: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to; None where the path does not fit the tree (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < count:
        return None
    position, last, found = index, count - 1, leaf
    for sibling in siblings:
        if last == 0:
            return None
        if position & 1 or position == last:
            found = node_hash(sibling, found)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        position, last = position >> 1, last >> 1
    return found if last == 0 else None
