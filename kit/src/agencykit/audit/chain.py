"""The chain of an audit: leaves are rows, entries follow one another as in a log of decisions (agencykit.evidence)."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from agencykit.evidence.chain import next_head
from agencykit.evidence.merkle import leaf_hash

LEAF = 32


def row_leaf(row: Sequence[Any]) -> bytes:
    """A row's leaf: SHA-256(0x00 ‖ its columns as a JSON list). Columns are numbers and text."""
    return leaf_hash(json.dumps(list(row), ensure_ascii=False, separators=(",", ":")).encode())


def head_after(head: bytes, leaves: Iterable[bytes]) -> bytes:
    """The head after these leaves."""
    for leaf in leaves:
        head = next_head(head, leaf)
    return head
