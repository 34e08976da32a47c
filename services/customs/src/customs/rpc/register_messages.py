"""Register entries as messages."""

from collections.abc import Sequence
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from clearance.customs.v1 import register_service_pb2 as pb
from customs.domain.risk.figures import share
from customs.storage.register_reads import Counts

MOST_MANDATES = 1000


def enterprise_answer(row: Any, classes: Sequence[tuple[int, int]], results: Counts) -> pb.GetEnterpriseResponse:
    """An enterprise with its classes and what was found in its goods."""
    enterprise = pb.Enterprise(
        identifier=row.identifier,
        name=row.name,
        enterprise_class=row.enterprise_class,
        valid_from_time=_moment(row.valid_from_time),
        valid_until_time=_moment(row.valid_until_time),
        suspended=row.suspended,
        high_tech_until_time=_moment(row.high_tech_until_time),
        networked_until_time=_moment(row.networked_until_time),
        premises=row.premises,
    )
    periods = [
        pb.ClassPeriod(enterprise_class=pb.Enterprise.EnterpriseClass.ValueType(each), from_time=_moment(since))
        for each, since in classes
    ]
    return pb.GetEnterpriseResponse(enterprise=enterprise, classes=periods, inspected=results[0], found=results[1])


def broker_answer(row: Any, given: Sequence[str], traffic: Counts, results: Counts) -> pb.GetBrokerResponse:
    """A broker with the figures of its quality."""
    (declared, asked_back), (inspected, found) = traffic, results
    broker = pb.Broker(
        licence=row.licence,
        name=row.name,
        valid_until_time=_moment(row.valid_until_time),
        mandate_identifiers=given[:MOST_MANDATES],
        suspended=row.suspended,
        quality_percent=row.quality_percent,
    )
    figures = pb.BrokerFigures(
        declared=declared,
        asked_back=asked_back,
        inspected=inspected,
        found=found,
        sound_rate=share(declared - asked_back, declared),
        hit_rate=share(found, inspected),
    )
    return pb.GetBrokerResponse(broker=broker, figures=figures)


def carrier_answer(row: Any, vehicles: Sequence[str]) -> pb.GetCarrierResponse:
    """A carrier with its vehicles."""
    carrier = pb.Carrier(
        identifier=row.identifier,
        name=row.name,
        valid_from_time=_moment(row.valid_from_time),
        valid_until_time=_moment(row.valid_until_time),
        suspended=row.suspended,
        vehicle_identifications=vehicles,
    )
    return pb.GetCarrierResponse(carrier=carrier)


def _moment(micros: int | None) -> Timestamp | None:
    if micros is None:
        return None
    moment = Timestamp()
    moment.FromMicroseconds(micros)
    return moment
