"""Reads what the port's rules need out of a consignment."""

from clearance.common.v1.consignment_pb2 import Consignment
from port.domain.consignment import ConsignmentView
from port.domain.identifiers import conveyance, fold


def read_consignment(consignment: Consignment) -> ConsignmentView:
    """The view of a consignment; what it leaves out is empty or None, never zero."""
    means = consignment.border_transport
    containers = dict.fromkeys([fold(container.number) for container in consignment.containers])
    return ConsignmentView(
        direction=consignment.direction,
        declaration_type=consignment.declaration_type,
        mode=means.mode,
        document=fold(consignment.transport_document_number),
        conveyance=conveyance(means.identification),
        voyage=fold(means.voyage_number),
        port_code=consignment.port_code,
        containers=tuple([number for number in containers if number]),
        packages=packages_of(consignment),
        gross_mass_kg=_gross_mass(consignment),
    )


def packages_of(consignment: Consignment) -> int | None:
    """Total as declared, else the sum over the items where every item states its packages."""
    if consignment.HasField("total_packages"):
        return consignment.total_packages
    total = 0
    for item in consignment.items:
        packages = item.packages
        if not packages or not all(packaging.HasField("count") for packaging in packages):
            return None
        total += sum([packaging.count for packaging in packages])
    return total


def _gross_mass(consignment: Consignment) -> float | None:
    """Total as declared, else the sum over the items where every item states its mass; kilograms."""
    if consignment.HasField("total_gross_mass_kg"):
        return consignment.total_gross_mass_kg
    items = consignment.items
    stated = all(item.HasField("gross_mass_kg") for item in items)
    return sum([item.gross_mass_kg for item in items]) if stated else None
