"""One trace for each clearance, with the gateway and all four agencies in it, although a hundred shared one call."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from district import AGENCIES, District, district, sample

pytestmark = pytest.mark.timeout(200)

HUNDRED = 100


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[District, list[dict[str, Any]]]]:
    folder = tmp_path_factory.mktemp("traced")
    file = sample(folder / "sample.jsonl", HUNDRED, seed=5)
    with district(folder) as ningbo:
        assert ningbo.tongguan("submit", str(file), "--batch", str(HUNDRED)).returncode == 0
        yield ningbo, ningbo.clearances()


def spans_of(ningbo: District, number: str) -> list[dict[str, Any]]:
    return ningbo.lines("trace", number)


def test_each_of_a_hundred_clearances_in_one_batch_has_a_trace_of_its_own(traced: Any) -> None:
    _, clearances = traced
    assert len({clearance["traceId"] for clearance in clearances}) == HUNDRED


def test_every_trace_holds_the_gateway_and_all_four_agencies(traced: Any) -> None:
    ningbo, clearances = traced
    for clearance in clearances[::10]:
        services = {span["service"] for span in spans_of(ningbo, clearance["number"])}
        assert services >= {"gateway", *AGENCIES}, clearance["number"]


def test_an_agencys_assessment_stands_below_the_gateways_question_to_it(traced: Any) -> None:
    ningbo, clearances = traced
    spans = {span["span_id"]: span for span in spans_of(ningbo, clearances[0]["number"])}
    edges = defaultdict(set)
    for span in spans.values():
        parent = spans.get(span.get("parent_span_id") or "")
        edges[(parent["service"], parent["name"]) if parent else None].add((span["service"], span["name"]))
    assert edges[None] == {("gateway", "clearance")}, "one root and nothing torn off"
    for agency in AGENCIES:
        asks = [children for parent, children in edges.items() if parent and (agency, f"{agency}.assess") in children]
        assert len(asks) == 1, f"{agency}.assess hangs below exactly one kind of span: {edges}"


def test_no_span_carries_a_name_a_price_or_a_document_number(traced: Any) -> None:
    ningbo, clearances = traced
    whole = ningbo.clearance(clearances[0]["number"])["consignment"]
    secrets = {
        whole["trader"]["name"],
        whole["transportDocumentNumber"],
        whole["reference"],
        whole["trader"]["identifier"],
    }
    for span in spans_of(ningbo, clearances[0]["number"]):
        assert not [secret for secret in secrets if secret and secret in str(span)]


def test_the_waterfall_names_every_agency_in_the_terminal(traced: Any) -> None:
    ningbo, clearances = traced
    drawn = ningbo.tongguan("trace", clearances[0]["number"])
    assert drawn.returncode == 0
    assert all(agency in drawn.stdout for agency in AGENCIES)
