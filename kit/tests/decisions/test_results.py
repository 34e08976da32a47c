"""What an officer's result makes of a finding: a table to be read."""

import pytest

from agencykit.rules import Finding, OfficerResult, RequiredAction, Stage, Verdict, WorkOutcome, fold

# A finding's effect, what officers recorded on it one after the other, and the verdict.
TABLE = """
EXAMINE                    -                        EXAMINE
EXAMINE                    cleared                  APPROVED
EXAMINE                    refused                  REFUSED
EXAMINE                    sampled                  PENDING
EXAMINE                    sampled,cleared          APPROVED
EXAMINE                    sampled,refused          REFUSED
EXAMINE                    followed-cleared         EXAMINE
EXAMINE                    suspicious               EXAMINE
EXAMINE                    unreadable,cleared       APPROVED
EXAMINE                    suspicious,refused       REFUSED
HOLD                       cleared                  APPROVED
HOLD                       asked                    INFORMATION_REQUESTED
HOLD                       asked,unanswered         HOLD
HOLD                       asked,cleared            APPROVED
HOLD                       unanswered,refused       REFUSED
HOLD                       refused                  REFUSED
APPROVED_WITH_OBLIGATIONS  cleared                  APPROVED_WITH_OBLIGATIONS
APPROVED_WITH_OBLIGATIONS  followed-cleared         APPROVED
APPROVED_WITH_OBLIGATIONS  followed-refused         RECALLED
REFUSED                    cleared                  REFUSED
PENDING                    cleared                  PENDING
"""
RESULTS = {
    "cleared": OfficerResult(frozenset({"R-1"}), WorkOutcome.CLEARED),
    "refused": OfficerResult(frozenset({"R-1"}), WorkOutcome.REFUSED),
    "sampled": OfficerResult(frozenset({"R-1"}), WorkOutcome.SAMPLED),
    "asked": OfficerResult(frozenset({"R-1"}), WorkOutcome.DOCUMENTS_REQUESTED),
    "suspicious": OfficerResult(frozenset({"R-1"}), WorkOutcome.SUSPICIOUS),
    "unreadable": OfficerResult(frozenset({"R-1"}), WorkOutcome.UNREADABLE),
    "unanswered": OfficerResult(frozenset({"R-1"}), None),
    "followed-cleared": OfficerResult(frozenset({"R-1"}), WorkOutcome.CLEARED, follow_up=True),
    "followed-refused": OfficerResult(frozenset({"R-1"}), WorkOutcome.REFUSED, follow_up=True),
}
ROWS = [line.split() for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_a_finding_and_its_results_make_a_verdict(row: list[str]) -> None:
    effect, recorded, verdict = row
    results = [RESULTS[name] for name in recorded.split(",") if name != "-"]
    assert fold([Finding("R-1", 1, Verdict[effect])], results).verdict is Verdict[verdict]


def test_what_was_measured_stands_beside_what_the_rule_found() -> None:
    said = (("measured", "lead 120 mg/kg (at most 90 mg/kg)"),)
    result = OfficerResult(frozenset({"R-1"}), WorkOutcome.REFUSED, notes=said)
    [found] = fold([Finding("R-1", 1, Verdict.EXAMINE, {"items": "1"})], [result]).findings
    assert (found.parameters, found.notes) == ({"items": "1"}, said)


@pytest.mark.parametrize("image", ["suspicious", "unreadable"])
def test_an_image_that_does_not_clear_the_goods_has_them_opened(image: str) -> None:
    [found] = fold([Finding("R-1", 1, Verdict.EXAMINE, stage=Stage.IMAGE)], [RESULTS[image]]).findings
    assert (found.stage, found.resolved) == (Stage.FOUND, False)


def test_documents_asked_for_are_to_be_supplied() -> None:
    [found] = fold([Finding("R-1", 1, Verdict.HOLD)], [RESULTS["asked"]]).findings
    assert (found.stage, found.required_action) == (Stage.ASKED, RequiredAction.SUPPLY_DOCUMENT)
