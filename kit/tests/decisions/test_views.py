"""A view's digest is the same in every process, whatever order its sets happen to have."""

import os
import subprocess
import sys
from dataclasses import dataclass, replace

import pytest

from agencykit.decisions.views import view_digest

PROGRAM = """
from dataclasses import dataclass
from agencykit.decisions.views import view_digest

@dataclass(slots=True)
class View:
    codes: frozenset
    goods: dict

codes = frozenset({"7318160000", "9003110000", "7607119000", "4601291000"})
print(view_digest(View(codes, {code: {code, "x", "y"} for code in codes})).hex())
"""


def digest_under(seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_the_digest_does_not_depend_on_the_process() -> None:
    assert len({digest_under(seed) for seed in ("1", "2", "3")}) == 1


@dataclass(frozen=True)
class View:
    document: str
    mass_kg: float | None
    containers: tuple[str, ...]


VIEW = View("HLCU7", 1000.0, ("CSQU3054383",))


@pytest.mark.parametrize(
    "changed",
    [
        replace(VIEW, document="HLCU8"),
        replace(VIEW, mass_kg=None),
        replace(VIEW, containers=()),
        replace(VIEW, document="{HLCU7}"),
    ],
)
def test_another_view_has_another_digest(changed: View) -> None:
    assert view_digest(changed) != view_digest(VIEW)
    assert view_digest(replace(VIEW)) == view_digest(VIEW)
