"""One district for all tests of this folder, every edge of which can suffer; each leaves it whole and at rest."""

from collections.abc import Iterator

import pytest
from edged import Edged, edged


@pytest.fixture(scope="session")
def ningbo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edged]:
    with edged(tmp_path_factory.mktemp("ningbo")) as made:
        yield made
