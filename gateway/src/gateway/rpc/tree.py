"""Paths of one Merkle tree, checked one after the other: what one path has proved, the next need not prove again.

All decisions of a reply stand in one tree. Checked alone, each costs as many hashes as the tree is high; together they
cost about two each, because every sibling on a proven path is itself proven.
"""

from collections.abc import Sequence

from agencykit.evidence.merkle import node_hash


class ProvenTree:
    """Nodes of the tree over `count` leaves that lead to `root`, by height above the leaves and place from the left.

    The tree pairs neighbours and lifts an odd last node unpaired (RFC 6962, section 2.1).
    """

    def __init__(self, root: bytes, count: int) -> None:
        self.count = count
        self._widths = [count]
        while self._widths[-1] > 1:
            self._widths.append((self._widths[-1] + 1) // 2)
        self._proven: dict[tuple[int, int], bytes] = {(len(self._widths) - 1, 0): root}

    def proves(self, leaf: bytes, index: int, siblings: Sequence[bytes]) -> bool:
        """Whether the leaf's hash stands at `index` of the tree, by exactly its siblings from the leaf upwards."""
        if not 0 <= index < self.count:
            return False
        climbed: dict[tuple[int, int], bytes] = {}
        node, place, taken = leaf, index, 0
        for height, width in enumerate(self._widths):
            known = self._proven.get((height, place))
            if known is None:
                climbed[height, place] = node
            elif known != node:
                return False
            if place ^ 1 < width:
                if taken == len(siblings):
                    return False
                sibling, taken = siblings[taken], taken + 1
                above = self._proven.get((height + 1, place >> 1)) if known is not None else None
                if above is not None:
                    # Proven already, so its other half is too.
                    if self._proven[height, place ^ 1] != sibling:
                        return False
                    node = above
                else:
                    climbed[height, place ^ 1] = sibling
                    node = node_hash(sibling, node) if place & 1 else node_hash(node, sibling)
            place >>= 1
        self._proven.update(climbed)
        return taken == len(siblings)
