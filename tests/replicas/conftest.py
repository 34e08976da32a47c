"""One district of replicas for all tests of a file; each leaves it as it found it."""

from collections.abc import Iterator

import pytest
from replicated import Replicated, replicated


@pytest.fixture(scope="module")
def ningbo() -> Iterator[Replicated]:
    with replicated() as made:
        yield made
