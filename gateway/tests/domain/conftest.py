"""One case of four agencies, which every test changes in one point."""

from collections.abc import Callable
from typing import Any

import pytest

from agencykit.rules import Verdict
from gateway.domain.case import Ask, AskState, Case
from gateway.domain.commitment import Commitment
from gateway.domain.decision import Decision, Wait
from gateway.domain.identifiers import ASSESS
from gateway.domain.policy import AppliedPolicy
from gateway.domain.states import State

AGENCIES = ("customs", "inspection", "border", "port")
NUMBER = "310020040PX7K3M9QZ2B"
ACCEPTED = 1_100_649_600_000_000
LATER = ACCEPTED + 1_000_000
Decide = Callable[..., Decision]


def ask(agency: str, **fields: Any) -> Ask:
    """A question about version 1, put when the case was accepted."""
    purpose = fields.pop("purpose", ASSESS)
    return Ask(agency, purpose, 1, **{"ask_time": ACCEPTED, "due_time": ACCEPTED} | fields)


@pytest.fixture
def case() -> Case:
    """Accepted just now, put before all four, and all four must approve."""
    identities = {agency: f"spiffe://ningbo.clearance/{agency}" for agency in AGENCIES}
    return Case(
        number=NUMBER,
        broker="spiffe://ningbo.clearance/broker/3104980001",
        reference="NB-2004-117",
        state=State.RECEIVED,
        version=1,
        digest=b"\x17" * 32,
        policy=AppliedPolicy("2004-1", AGENCIES, identities),
        commitment=Commitment(24, "COMMIT-SEA", ACCEPTED),
        trace="",
        create_time=ACCEPTED,
        update_time=ACCEPTED,
        asks=tuple(ask(agency) for agency in AGENCIES),
    )


@pytest.fixture
def decide() -> Decide:
    """Makes an agency's decision on version 1."""

    def make(agency: str, verdict: Verdict, revision: int = 1, *, version: int = 1, **fields: Any) -> Decision:
        waits: tuple[Wait, ...] = fields.pop("waits", ())
        text = f"{agency} {version}.{revision} {verdict} {waits} {fields.pop('variant', '')}"
        fingerprint = text.encode().ljust(32, b".")[:64]
        return Decision(agency, version, revision, verdict, fingerprint, waits=waits, **fields)

    return make


@pytest.fixture
def approvals(decide: Decide) -> list[Decision]:
    """Everybody agrees, each in his way."""
    verdicts = (Verdict.APPROVED, Verdict.NOT_SUBJECT, Verdict.APPROVED_WITH_OBLIGATIONS, Verdict.APPROVED)
    return [decide(agency, verdict) for agency, verdict in zip(AGENCIES, verdicts, strict=True)]


@pytest.fixture
def put() -> Callable[..., Ask]:
    return ask


@pytest.fixture
def parked() -> Callable[..., Ask]:
    """A question parked because the agency's service is away."""

    def make(agency: str, reason: str = "UNAVAILABLE") -> Ask:
        return ask(agency, state=AskState.PARKED, attempts=2, park_time=LATER, park_reason=reason)

    return make
