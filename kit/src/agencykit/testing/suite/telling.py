"""Outcomes, description, callers, traces, tables."""

import asyncio
import json
import sqlite3
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from agencykit.decisions.completeness import order_key, view_age
from agencykit.decisions.tables import metadata as kit_tables
from agencykit.evidence.certificates import key_id_of
from agencykit.identity import Identity
from agencykit.refusals import (
    CallerNotListed,
    FormInvalid,
    RequestIdReused,
)
from agencykit.storage.migrations import drift
from agencykit.storage.times import to_micros
from agencykit.testing.authority import DISTRICT
from agencykit.testing.running import AGENCY_SERVICE, RunningAgency
from agencykit.testing.suite.supplied import Suite, new_number, refuses
from clearance.agency.v1 import agency_service_pb2 as pb
from clearance.common.v1.decision_pb2 import Decision


class Telling(Suite):
    """What else an agency promises."""

    async def test_outcomes_are_kept_in_the_order_of_the_orders(self, agency: RunningAgency) -> None:
        number = new_number()
        released = self.outcome(agency, number, pb.Outcome.KIND_RELEASED, 1)
        stopped = self.outcome(agency, number, pb.Outcome.KIND_STOPPED, 2)
        assert await self.tell(agency, stopped, released) == [False, True]
        assert await self.tell(agency, released) == [True]
        assert await self.tell(agency, stopped) == [False]
        stopped.order_number = 3
        with refuses(RequestIdReused):
            await self.tell(agency, stopped)

    async def test_the_view_of_orders_is_as_old_as_what_the_gateway_said_of_it(self, agency: RunningAgency) -> None:
        gateway, now = str(Identity.of_district(DISTRICT, "gateway")), to_micros(agency.runtime.clock.now())
        database = agency.app.parts.database
        for seconds_ago, age in ((50, 50), (20, 20), (40, 20)):
            request = pb.RecordOutcomesRequest()
            request.complete_time.FromMicroseconds(now - seconds_ago * 1_000_000)
            request.signing_certificates.add(certificate=b"of the order key")
            response = await agency.gateway.call(f"{AGENCY_SERVICE}RecordOutcomes", request, pb.RecordOutcomesResponse)
            assert not response.receipts
            assert await database.read(view_age, gateway, now) == age * 1_000_000
        assert await database.read(view_age, gateway, now + 70_000_000) == 90_000_000
        assert await database.read(view_age, "spiffe://nanjing.clearance/gateway", now) is None
        assert await database.read(order_key, key_id_of(b"of the order key")) == b"of the order key"

    def outcome(
        self, agency: RunningAgency, number: str, kind: "pb.Outcome.Kind.ValueType", order_number: int
    ) -> pb.Outcome:
        """One outcome with a request id of its own."""
        return pb.Outcome(
            request_id=agency.runtime.ids.uuid(),
            clearance_number=number,
            version=1,
            kind=kind,
            order_number=order_number,
            outcome_time=Timestamp(seconds=1_100_700_000),
        )

    async def tell(self, agency: RunningAgency, *outcomes: pb.Outcome) -> list[bool]:
        """RecordOutcomes; for each, whether it was superseded."""
        request = pb.RecordOutcomesRequest(outcomes=outcomes)
        response = await agency.gateway.call(f"{AGENCY_SERVICE}RecordOutcomes", request, pb.RecordOutcomesResponse)
        return [receipt.superseded for receipt in response.receipts]

    async def test_the_description_holds_every_rule_in_both_languages(self, agency: RunningAgency) -> None:
        description = await agency.gateway.describe()
        assert (description.agency, description.district, description.batch_limit) == (self.role, "ningbo", 256)
        assert list(description.contract_versions) == ["v1"]
        assert len({rule.id for rule in description.rules}) == len(description.rules) >= 3
        for rule in description.rules:
            assert all((rule.text.zh, rule.text.en, rule.enough.zh, rule.enough.en, rule.source)), rule.id

    async def test_only_the_gateway_and_officers_are_listed(self, agency: RunningAgency) -> None:
        number = new_number()
        for path in ("broker/3104980001", "operator/port-office", "console"):
            with refuses(CallerNotListed):
                await agency.caller(path).assess(self.item(agency, number, self.decided(number)))
        with refuses(CallerNotListed):
            await agency.gateway.list_work()

    async def test_a_batch_without_items_breaks_the_form(self, agency: RunningAgency) -> None:
        with refuses(FormInvalid):
            await agency.gateway.assess()

    async def test_an_item_is_a_span_in_its_own_trace(self, agency: RunningAgency) -> None:
        numbers = [new_number() for _ in range(3)]
        parents = [agency.telemetry.begin_trace().traceparent for _ in numbers]
        items = [
            self.item(agency, number, self.decided(number), traceparent=parent)
            for number, parent in zip(numbers, parents, strict=True)
        ]
        await agency.gateway.assess(*items)
        for parent in parents:
            _, trace_id, span_id, _ = parent.split("-")
            [(name, above, attributes, links)] = await _spans(agency, trace_id)
            assert (name, above) == (f"{self.role}.assess", span_id)
            assert attributes["agency"] == self.role
            assert (attributes["version"], attributes["revision"], attributes["batch.size"]) == (1, 1, 3)
            assert attributes["verdict"] in Decision.Verdict.keys() or attributes["verdict"].isupper()  # noqa: SIM118
            assert links, "the span must be linked to the RPC that carried the item"

    async def test_migrations_and_tables_agree(self, agency: RunningAgency, database: str) -> None:
        own = [self.definition.metadata] if self.definition.metadata is not None else []
        assert await asyncio.to_thread(drift, database, kit_tables, *own) == []


async def _spans(agency: RunningAgency, trace_id: str) -> list[tuple[str, str, dict[str, Any], list[Any]]]:
    """Name, parent, attributes and links of a trace's spans in the agency's span store."""
    await asyncio.to_thread(agency.telemetry.flush)
    with sqlite3.connect(agency.app.parts.settings.span_store or "") as store:
        rows = store.execute(
            "SELECT name, parent_span_id, attributes_json, links_json FROM spans WHERE trace_id = ?", (trace_id,)
        ).fetchall()
    store.close()
    return [(name, parent, json.loads(attributes), json.loads(links)) for name, parent, attributes, links in rows]
