"""Paths of one Merkle tree, checked one after the other: what one path has proved, the next need not prove again.

All decisions of a reply stand in one tree. Checked alone, each costs as many hashes as the tree is high; together they
cost about two each, because every sibling on a proven path is itself proven.
"""

from collections.abc import Sequence

from agencykit.evidence.merkle import node_hash

# A node's hash, and the siblings on its way from there to the root.
Proven = tuple[bytes, tuple[bytes, ...]]


class ProvenTree:
    """Nodes of the tree over `count` leaves that lead to `root`, by height above the leaves and place from the left.

    The tree pairs neighbours and lifts an odd last node unpaired (RFC 6962, section 2.1).
    """

    def __init__(self, root: bytes, count: int) -> None:
        self.count = count
        self._widths = [count]
        while self._widths[-1] > 1:
            self._widths.append((self._widths[-1] + 1) // 2)
        self._proven: dict[tuple[int, int], Proven] = {(len(self._widths) - 1, 0): (root, ())}

    def proves(self, leaf: bytes, index: int, siblings: Sequence[bytes]) -> bool:
        """Whether the leaf's hash stands at `index` of the tree, by exactly its siblings from the leaf upwards."""
        if not 0 <= index < self.count:
            return False
        climbed: list[tuple[tuple[int, int], Proven]] = []
        node, place, way = leaf, index, tuple(siblings)
        for height, width in enumerate(self._widths):
            known = self._proven.get((height, place))
            if known is not None:
                # Proven already: its hash must be this one, and the rest of the way the same.
                if known != (node, way):
                    return False
                break
            climbed.append(((height, place), (node, way)))
            if place ^ 1 < width:
                if not way:
                    return False
                sibling, way = way[0], way[1:]
                climbed.append(((height, place ^ 1), (sibling, (node, *way))))
                node = node_hash(sibling, node) if place & 1 else node_hash(node, sibling)
            place >>= 1
        self._proven.update(climbed)
        return True
