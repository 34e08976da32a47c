"""What a partner's gateway is shown of clearances and movements: by field and by role of who asks there, by the policy.

Vertically an agency sees of the agency of its own kind, horizontally of the district's others. Default deny.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.field_mask_pb2 import FieldMask

from agencykit.settings import SettingsError
from clearance.district.v1.shown_clearance_pb2 import ShownClearance, ShownStanding
from clearance.district.v1.shown_movement_pb2 import ShownMovement

# Told by masks of their own.
_AGENCIES = "agencies"
_PARTS: Mapping[str, Descriptor] = {
    "clearance": ShownClearance.DESCRIPTOR,
    "vertical": ShownStanding.DESCRIPTOR,
    "horizontal": ShownStanding.DESCRIPTOR,
    "movement": ShownMovement.DESCRIPTOR,
}


@dataclass(frozen=True, slots=True)
class Sight:
    """What one role is shown."""

    clearance: FieldMask = field(default_factory=FieldMask)
    vertical: FieldMask = field(default_factory=FieldMask)
    horizontal: FieldMask = field(default_factory=FieldMask)
    movement: FieldMask = field(default_factory=FieldMask)


class Visibility:
    """By role. Made of the policy's file; SettingsError with every fault."""

    def __init__(self, policy: Mapping[str, Any]) -> None:
        faults = [f"{name}: no such entry" for name in policy if name not in ("version", "roles")]
        roles = policy.get("roles", {})
        self._sights: dict[str, Sight] = {}
        for role, parts in roles.items() if isinstance(roles, Mapping) else ():
            wrong = list(_faults(role, parts))
            faults += wrong
            if not wrong:
                self._sights[role] = Sight(**{name: FieldMask(paths=paths) for name, paths in parts.items()})
        if not isinstance(roles, Mapping):
            faults.append("roles: must be tables by role")
        if faults:
            raise SettingsError([f"visibility_file: {fault}" for fault in faults])

    def shown(self, whole: ShownClearance, role: str) -> ShownClearance | None:
        """What of a clearance that role is shown; None where it is shown nothing."""
        sight = self._sights.get(role)
        if sight is None or not sight.clearance.paths:
            return None
        told = ShownClearance()
        sight.clearance.MergeMessage(whole, told)
        for standing in whole.agencies:
            seen = ShownStanding()
            (sight.vertical if standing.agency == role else sight.horizontal).MergeMessage(standing, seen)
            if seen.ByteSize():
                told.agencies.append(seen)
        return told

    def shown_movement(self, whole: ShownMovement, role: str) -> ShownMovement | None:
        """What of a movement that role is shown; None where it is shown nothing."""
        sight = self._sights.get(role)
        if sight is None or not sight.movement.paths:
            return None
        told = ShownMovement()
        sight.movement.MergeMessage(whole, told)
        return told


def _faults(role: str, parts: object) -> Sequence[str]:
    if not isinstance(parts, Mapping):
        return [f"roles.{role}: must be a table"]
    faults = [f"roles.{role}.{name}: no such entry" for name in parts if name not in _PARTS]
    for name, descriptor in _PARTS.items():
        paths = parts.get(name, [])
        if not isinstance(paths, list):
            faults.append(f"roles.{role}.{name}: must be a list of fields")
            continue
        faults += [
            f"roles.{role}.{name}: {path} is no field of {descriptor.name}"
            for path in paths
            if not _is_field(path, descriptor)
        ]
    return faults


def _is_field(path: object, descriptor: Descriptor) -> bool:
    if not isinstance(path, str) or path == _AGENCIES or path.startswith(f"{_AGENCIES}."):
        return False
    return bool(FieldMask(paths=[path]).IsValidForDescriptor(descriptor))
