"""Complaints on the command line: what is asked for, and what is told of them."""

from typing import Any

import pytest

from clearance.gateway.v1 import complaint_pb2 as pb
from clearance.gateway.v1 import complaint_service_pb2 as rpc
from tongguan.channels import Peer
from tongguan.complaints import Complaints, measure_of, new_token
from tongguan.failures import Misused
from tongguan.report.complaints import complaint_lines, complaint_row, figures_table

NUMBER = "C310020040000171"
WEI, FANG = "spiffe://ningbo.clearance/operator/port-office", "spiffe://ningbo.clearance/operator/port-office-duty"


class Gateway(Peer):
    """Notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def call(self, method: str, request: Any, response: Any, seconds: float = 0.0) -> Any:
        self.asked.append(request)
        return response()


def test_each_token_is_another_and_under_one_token_a_filing_repeated_is_one() -> None:
    gateway, token = Gateway(), new_token()
    assert (len(token), token == new_token()) == (26, False)
    for each in (token, token, new_token()):
        Complaints(gateway).file(rpc.FileComplaintRequest(kind_id="DELAY", paragraphs=["超时。"], token=each))
    first, again, other = (each.request_id for each in gateway.asked)
    assert (first == again, first == other) == (True, False)


def test_a_measure_names_agency_kind_time_and_words() -> None:
    measure = measure_of("customs,change-procedure,2004-11-20T08:00Z,公布材料清单,并予执行")
    assert (measure.agency, measure.kind, measure.text) == ("customs", 4, "公布材料清单,并予执行")
    assert measure.due_time.ToDatetime().isoformat() == "2004-11-20T08:00:00"
    for wrong in ("customs,release,+1,放行", "customs,decide,+1", "customs,decide,soon,决定"):
        with pytest.raises(Misused):
            measure_of(wrong)


def test_a_complaint_tells_who_answers_by_when_what_was_said_and_what_binds() -> None:
    told = pb.Complaint(number=NUMBER, state=3, channel=1, kind_id="DELAY", agency="customs", paragraphs=["超时。"])
    told.answer.outcome, told.answer.agency = pb.ComplaintAnswer.OUTCOME_REJECTED, "customs"
    told.contest_due_time.seconds = 1_100_649_600
    for words in ("DELAY: ANSWERED, due 2004-11-1", "from the public", "rejected   by customs", "late", "    超时。"):
        assert words in complaint_lines(told)
    assert "2004-11-1" in " ".join(complaint_row(told))
    told.state, told.escalation, told.escalate_time.seconds = 5, pb.Complaint.ESCALATION_DEADLINE, 7
    made = told.arbitration
    made.outcome, made.state, made.proposer, made.second = pb.Arbitration.OUTCOME_UPHELD, 2, WEI, FANG
    made.measures.add(agency="customs", kind=pb.ArbitrationMeasure.KIND_DECIDE, text="三日内决定")
    made.unreceipted_agencies.append("customs")
    lines = complaint_lines(told)
    for words in ("not answered in time", "UPHELD: DECIDED", WEI, FANG, "customs is to decide by", "not yet receipted"):
        assert words in lines


def test_figures_stand_in_columns_of_numbers() -> None:
    made = figures_table([pb.ComplaintFigures(month="2004-11", kind_id="DELAY", filed=7, late=2)])
    assert [column.header for column in made.columns if column.justify == "right"][:4] == [
        *("filed", "open", "in time", "late"),
    ]
    assert made.row_count == 1
