"""Entries of customs' registers in words."""

from clearance.customs.v1 import register_service_pb2 as pb
from tongguan.report.names import clock


def broker_lines(found: pb.GetBrokerResponse) -> str:
    """A broker and the figures of its quality."""
    broker, figures = found.broker, found.figures
    rated = f"rated {broker.quality_percent} %" if broker.HasField("quality_percent") else "not rated"
    until = f"until {clock(broker.valid_until_time)}" if broker.HasField("valid_until_time") else "without end"
    return "\n".join(
        [
            f"{broker.licence} {broker.name}: {'suspended' if broker.suspended else f'licensed {until}'}, {rated}",
            f"{len(broker.mandate_identifiers)} mandates" if broker.mandate_identifiers else "needs no mandate",
            f"{figures.declared} declared, {figures.asked_back} asked back ({figures.sound_rate:.1%} sound)",
            f"{figures.inspected} inspected, {figures.found} with a find ({figures.hit_rate:.1%})",
        ]
    )


def enterprise_lines(found: pb.GetEnterpriseResponse) -> str:
    """An enterprise, its classes and what was found in its goods."""
    enterprise = found.enterprise
    kind = pb.Enterprise.EnterpriseClass
    classes = [
        f"class {kind.Name(each.enterprise_class).rpartition('_')[2]} since {clock(each.from_time)}"
        for each in found.classes
    ]
    return "\n".join(
        [
            f"{enterprise.identifier} {enterprise.name}{': suspended' if enterprise.suspended else ''}",
            *classes,
            f"{found.inspected} inspected, {found.found} with a find",
        ]
    )


def carrier_lines(found: pb.GetCarrierResponse) -> str:
    """A carrier and its vehicles."""
    carrier = found.carrier
    since = f" from {clock(carrier.valid_from_time)}" if carrier.HasField("valid_from_time") else ""
    until = f" until {clock(carrier.valid_until_time)}" if carrier.HasField("valid_until_time") else ""
    vehicles = ", ".join(carrier.vehicle_identifications)
    return "\n".join(
        [
            f"{carrier.identifier} {carrier.name}: {'suspended' if carrier.suspended else f'registered{since}{until}'}",
            f"vehicles: {vehicles}" if vehicles else "no vehicles: by road it may carry nothing",
        ]
    )
