"""Directions and modes of transport: the contract's numbers and the policy's names."""

from functools import lru_cache

from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.transport_pb2 import TransportMeans
from gateway.domain.policy import MODES

MODE_NAMES = {
    number: (name.removeprefix("MODE_").lower() if number else "unstated")
    for name, number in TransportMeans.Mode.items()
}
DIRECTION_NAMES = {Consignment.DIRECTION_IMPORT: "import", Consignment.DIRECTION_EXPORT: "export"}
_MODES = {name: number for number, name in MODE_NAMES.items()}
_DIRECTIONS = {name: number for number, name in DIRECTION_NAMES.items()}

if set(_MODES) != set(MODES):
    raise ImportError("the policy's modes are not the contract's")


@lru_cache(maxsize=64)
def journey_numbers(journey: str) -> tuple[Consignment.Direction.ValueType, TransportMeans.Mode.ValueType]:
    """Direction and mode of a cell such as `import/sea`."""
    direction, _, mode = journey.partition("/")
    return _DIRECTIONS[direction], _MODES[mode]
