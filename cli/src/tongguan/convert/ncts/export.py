"""A movement as a message of NCTS: CC029C once it was released, else CC015C.

By default what the source said prevails, so that a converted message comes back with the same data; with `own` what
this district holds prevails (its MRN, offices, dates, guarantees), and the source fills in the rest.
"""

import re
from collections.abc import Iterator
from datetime import UTC

from clearance.gateway.v1.transit_service_pb2 import Movement
from tongguan.convert.ncts.conversion import GUARANTEE, MESSAGE_TYPE
from tongguan.convert.ncts.sequence import DECLARED, RELEASED, Kind
from tongguan.convert.ncts.values import Values, document
from tongguan.convert.ncts.writing import Place, written
from tongguan.convert.refusals import NotADeclaration

_PLACED = re.compile(r"^Consignment/HouseConsignment\[(\d+)\]/ConsignmentItem\[(\d+)\]/declarationGoodsItemNumber$")
_DAY, _SECOND = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"


def to_ncts(movement: Movement, own: bool = False) -> str:
    """The document; raises NotADeclaration where this side has not got the declaration."""
    if not movement.HasField("declaration"):
        raise NotADeclaration("this side has no declaration of it yet")
    declaration = movement.declaration
    kind: Kind = RELEASED if movement.HasField("departure") else DECLARED
    source = {element.path: element.value for element in declaration.supplied_elements}
    held = written(declaration, movement.guarantee.grns, _placed(source))
    if own or source.get(MESSAGE_TYPE) != kind:
        held |= _header(movement, kind) | _defaults(movement)
        source.pop(MESSAGE_TYPE, None)
        if kind == RELEASED:
            held |= _released(movement)
            source = _without(source, "ControlResult/")
    if movement.guarantee.generation > 1:  # the source names guarantees that stand for it no more
        source = _without(source, GUARANTEE)
    return document(kind, {**source, **held} if own else {**held, **source})


def _without(source: Values, beginning: str) -> Values:
    return {path: value for path, value in source.items() if not path.startswith(beginning)}


def _placed(source: Values) -> dict[int, Place]:
    found = ((_PLACED.match(path), value) for path, value in source.items())
    return {int(value): (int(at.group(1)), int(at.group(2))) for at, value in found if at and value.isdigit()}


def _header(movement: Movement, kind: Kind) -> Values:
    sent = movement.update_time.ToDatetime(UTC)
    return {
        "messageSender": movement.declaration.departure_office_code,
        "messageRecipient": movement.declaration.holder.identifier or movement.lrn,
        "preparationDateAndTime": sent.strftime(_SECOND),
        "messageIdentification": movement.mrn or movement.lrn,
        MESSAGE_TYPE: kind,
        "correlationIdentifier": "",
    }


def _defaults(movement: Movement) -> Values:
    """What the schema demands and a declaration of ours does not have."""
    own = dict.fromkeys(("TransitOperation/security", "TransitOperation/reducedDatasetIndicator"), "0")
    own["Consignment/containerIndicator"] = str(int(bool(movement.declaration.containers)))
    said = {element.path for element in movement.declaration.supplied_elements}
    return {path: value for path, value in own.items() if path not in said}


def _released(movement: Movement) -> Values:
    departure, office = movement.departure, movement.declaration.departure_office_code
    released = departure.release_time.ToDatetime(UTC).strftime(_DAY)
    return {
        "TransitOperation/MRN": movement.mrn,
        "TransitOperation/declarationAcceptanceDate": movement.create_time.ToDatetime(UTC).strftime(_DAY),
        "TransitOperation/releaseDate": released,
        "ControlResult/code": departure.control_result_code,
        "ControlResult/date": released,
        "ControlResult/controlledBy": office,
        **dict(_seals(movement)),
    }


def _seals(movement: Movement) -> Iterator[tuple[str, str]]:
    """Seals that customs has affixed: to the only container, else as equipment of their own."""
    containers = movement.declaration.containers
    declared = [seal for container in containers for seal in container.seal_numbers]
    affixed = [seal for seal in movement.departure.seal_numbers if seal not in declared]
    single = len(containers) == 1
    if not affixed:
        return
    path = f"Consignment/TransportEquipment[{1 if single else len(containers) + 1}]"
    before = len(declared) if single else 0
    yield f"{path}/sequenceNumber", "1" if single else str(len(containers) + 1)
    yield f"{path}/numberOfSeals", str(before + len(affixed))
    for place, seal in enumerate(affixed, before + 1):
        yield f"{path}/Seal[{place}]/sequenceNumber", str(place)
        yield f"{path}/Seal[{place}]/identifier", seal
