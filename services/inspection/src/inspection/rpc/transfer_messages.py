"""Between transfers of the contract and rows of `transfers`."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from agencykit.refusals import FormInvalid, Violation
from clearance.inspection.v1 import transfer_service_pb2 as pb
from clearance.inspection.v1.certificate_service_pb2 import Certificate
from inspection.domain.transfers import State


def origin_certificate(certificate: Certificate) -> Certificate:
    """The certificate; FormInvalid where it is of another kind."""
    if certificate.kind != Certificate.KIND_ORIGIN_INSPECTION:
        raise FormInvalid([Violation("certificate.kind", "enum.in", "must be KIND_ORIGIN_INSPECTION", "enum")])
    return certificate


def transfer_row(
    transfer: pb.Transfer, salt: bytes, password_hash: bytes, tries: int, issue_time: int | None = None
) -> dict[str, Any]:
    """A new row, of a transfer that can be claimed."""
    return {
        "number": transfer.number,
        "certificate_number": transfer.certificate.number.strip(),
        "certificate": transfer.certificate.SerializeToString(deterministic=True),
        "origin_district": transfer.origin_district,
        "destination_district": transfer.destination_district,
        "salt": salt,
        "password_hash": password_hash,
        "state": State.ISSUED.value,
        "tries_left": tries,
        "issue_time": transfer.issue_time.ToMicroseconds() if issue_time is None else issue_time,
        "claim_time": None,
        "claimant": "",
        "dispatch_id": "",
    }


def received_rows(packages: Sequence[pb.TransferPackage], district: str, tries: int) -> list[dict[str, Any]]:
    """Rows of packages that must be for this district, from another; FormInvalid with every one that is not."""
    broken = []
    for index, package in enumerate(packages):
        path, transfer = f"packages[{index}].transfer", package.transfer
        if transfer.destination_district != district:
            broken.append(Violation(f"{path}.destination_district", "district", "must be this district", "string"))
        if transfer.origin_district == district:
            broken.append(Violation(f"{path}.origin_district", "district", "must be another district", "string"))
        if transfer.certificate.kind != Certificate.KIND_ORIGIN_INSPECTION:
            broken.append(Violation(f"{path}.certificate.kind", "enum.in", "must be KIND_ORIGIN_INSPECTION", "enum"))
    if broken:
        raise FormInvalid(broken)
    return [transfer_row(each.transfer, each.salt, each.password_hash, tries) for each in packages]


def transfer_message(row: Row[Any]) -> pb.Transfer:
    """A transfer as it stands, without its secret."""
    message = pb.Transfer(
        number=row.number,
        certificate=Certificate.FromString(row.certificate),
        origin_district=row.origin_district,
        destination_district=row.destination_district,
        state=row.state,
        tries_left=row.tries_left,
        claimant=row.claimant,
    )
    message.issue_time.FromMicroseconds(row.issue_time)
    if row.claim_time is not None:
        message.claim_time.FromMicroseconds(row.claim_time)
    return message


def package_message(row: Row[Any]) -> pb.TransferPackage:
    """A transfer as it goes to another district."""
    return pb.TransferPackage(transfer=transfer_message(row), salt=row.salt, password_hash=row.password_hash)
