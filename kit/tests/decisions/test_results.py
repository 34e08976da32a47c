"""What an officer's result makes of a finding: a table to be read."""

import pytest

from agencykit.rules import Finding, OfficerResult, Verdict, fold

# A finding's effect, what officers recorded on it one after the other, and the verdict.
TABLE = """
EXAMINE                    -                        EXAMINE
EXAMINE                    cleared                  APPROVED
EXAMINE                    refused                  REFUSED
EXAMINE                    sampled                  PENDING
EXAMINE                    sampled,cleared          APPROVED
EXAMINE                    sampled,refused          REFUSED
EXAMINE                    followed-cleared         EXAMINE
HOLD                       cleared                  APPROVED
HOLD                       refused                  REFUSED
APPROVED_WITH_OBLIGATIONS  cleared                  APPROVED_WITH_OBLIGATIONS
APPROVED_WITH_OBLIGATIONS  followed-cleared         APPROVED
APPROVED_WITH_OBLIGATIONS  followed-refused         RECALLED
REFUSED                    cleared                  REFUSED
PENDING                    cleared                  PENDING
"""
RESULTS = {
    "cleared": OfficerResult(frozenset({"R-1"}), cleared=True),
    "refused": OfficerResult(frozenset({"R-1"}), cleared=False),
    "sampled": OfficerResult(frozenset({"R-1"}), cleared=False, sampled=True),
    "followed-cleared": OfficerResult(frozenset({"R-1"}), cleared=True, follow_up=True),
    "followed-refused": OfficerResult(frozenset({"R-1"}), cleared=False, follow_up=True),
}
ROWS = [line.split() for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_a_finding_and_its_results_make_a_verdict(row: list[str]) -> None:
    effect, recorded, verdict = row
    results = [RESULTS[name] for name in recorded.split(",") if name != "-"]
    assert fold([Finding("R-1", 1, Verdict[effect])], results).verdict is Verdict[verdict]


def test_what_was_measured_stands_in_the_finding() -> None:
    result = OfficerResult(frozenset({"R-1"}), cleared=False, measured="lead 120 mg/kg (at most 90 mg/kg)")
    [found] = fold([Finding("R-1", 1, Verdict.EXAMINE, {"items": "1"})], [result]).findings
    assert found.parameters == {"items": "1", "measured": "lead 120 mg/kg (at most 90 mg/kg)"}
