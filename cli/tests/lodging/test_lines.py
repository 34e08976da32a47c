"""Reading a file of typed lines."""

import uuid

import pytest

from tongguan.facts import dump_line
from tongguan.lodging.lines import BATCH_BYTES, Submission, batches, read_lines

MANIFEST = {"manifest": {"transportDocumentNumber": "COSU6248813570", "packages": 40}}
TEA = {"submission": {"consignment": {"reference": "TEA-1", "brokerLicence": "3104980001"}}}


def text(line: dict[str, object]) -> str:
    return dump_line(line)


def submissions(*texts: str) -> list[Submission]:
    return list(read_lines(texts).submissions)


def test_facts_and_submissions_come_out_apart_with_the_lines_they_stood_in() -> None:
    lines = read_lines([text(MANIFEST), "", text(TEA)])
    assert [(fact.line, fact.kind.name) for fact in lines.facts] == [(1, "manifest")]
    assert [(submission.line, submission.licence) for submission in lines.submissions] == [(3, "3104980001")]


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[1]",
        '{"submission": {}, "manifest": {}}',
        '{"parcel": {}}',
        '{"manifest": {"packages": "many"}}',
        '{"manifest": {"colour": "blue"}}',
        "\N{REPLACEMENT CHARACTER}",
    ],
)
def test_a_bad_line_is_named_and_harms_no_other(bad: str) -> None:
    lines = read_lines([bad, text(TEA)])
    assert [entry.line for entry in lines.bad] == [1]
    assert len(lines.submissions) == 1


def test_a_missing_request_id_comes_from_the_content() -> None:
    [one], [same], [other] = (
        submissions(text(line))
        for line in (
            TEA,
            TEA,
            {"submission": {"consignment": {**TEA["submission"]["consignment"], "portCode": "CNBLG"}}},
        )  # type: ignore[dict-item]
    )
    assert uuid.UUID(one.message.request_id)
    assert one.message.request_id == same.message.request_id != other.message.request_id


def test_a_request_id_that_is_given_stays() -> None:
    given = "00000000-0000-4000-8000-000000000001"
    [submission] = submissions(text({"submission": {"requestId": given, "consignment": {}}}))
    assert submission.message.request_id == given


def test_batches_are_cut_by_number_and_by_size() -> None:
    [submission] = submissions(text(TEA))
    assert [len(batch) for batch in batches([submission] * 7, 3)] == [3, 3, 1]
    submission.message.consignment.items.add(description="x" * (BATCH_BYTES // 2))
    assert [len(batch) for batch in batches([submission] * 3, 3)] == [1, 1, 1]
