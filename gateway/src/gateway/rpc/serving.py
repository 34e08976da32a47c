"""What a gateway serves to its own district, and who may call it by default."""

from collections.abc import Sequence
from types import ModuleType

from google.protobuf.descriptor import ServiceDescriptor

from agencykit.rpc.service import Service
from clearance.gateway.v1 import (
    bulletin_service_pb2,
    clearance_service_pb2,
    complaint_service_pb2,
    coordination_service_pb2,
    emergency_service_pb2,
    examination_service_pb2,
    guarantee_release_service_pb2,
    manual_release_service_pb2,
    quarantine_service_pb2,
    transit_service_pb2,
)

BROKERS_AND_OPERATORS = ("broker/*", "operator/*")
OPERATORS = ("operator/*",)


def served(
    clearance: object,
    transit: object,
    coordination: object,
    examination: object,
    guarantee: object,
    manual: object,
    emergency: object,
    quarantine: object,
) -> list[Service]:
    """The services of these servicers."""
    return [
        Service(clearance, _of(clearance_service_pb2, "ClearanceService"), (*BROKERS_AND_OPERATORS, "console")),
        Service(transit, _of(transit_service_pb2, "TransitService"), BROKERS_AND_OPERATORS),
        Service(coordination, _of(coordination_service_pb2, "CoordinationService"), OPERATORS),
        Service(examination, _of(examination_service_pb2, "ExaminationService"), OPERATORS),
        Service(guarantee, _of(guarantee_release_service_pb2, "GuaranteeReleaseService"), BROKERS_AND_OPERATORS),
        Service(manual, _of(manual_release_service_pb2, "ManualReleaseService"), OPERATORS),
        Service(emergency, _of(emergency_service_pb2, "EmergencyService"), OPERATORS),
        Service(quarantine, _of(quarantine_service_pb2, "QuarantineService"), OPERATORS),
    ]


def for_the_public(
    bulletins: object, complaints: object, desk: object, arbitrations: object, agencies: Sequence[str]
) -> list[Service]:
    """What everybody may know, and who of the district says it."""
    everybody = (*BROKERS_AND_OPERATORS, "console", *agencies)
    return [
        Service(bulletins, _of(bulletin_service_pb2, "BulletinService"), everybody),
        Service(bulletins, _of(bulletin_service_pb2, "BulletinPublishingService"), OPERATORS),
        Service(complaints, _of(complaint_service_pb2, "ComplaintService"), (*BROKERS_AND_OPERATORS, "console")),
        Service(desk, _of(complaint_service_pb2, "ComplaintDeskService"), OPERATORS),
        Service(arbitrations, _of(complaint_service_pb2, "ArbitrationService"), (*OPERATORS, *agencies)),
    ]


def _of(module: ModuleType, name: str) -> ServiceDescriptor:
    found: ServiceDescriptor = module.DESCRIPTOR.services_by_name[name]
    return found
