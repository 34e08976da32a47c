"""Releases and exits as the contract's messages."""

from typing import Any

from agencykit.decisions.messages import timestamp
from clearance.port.v1 import release_pb2 as pb
from clearance.port.v1.manifest_service_pb2 import Place
from port.domain.gate import WAYS, Release
from port.storage.releases import GateOut, StoredOrder


def release_message(stored: StoredOrder, release: Release, terminal: str) -> pb.Release:
    """The newest order with the goods it is about."""
    return pb.Release(
        clearance_number=stored.clearance_number,
        version=stored.version,
        order_number=stored.order_number,
        kind=stored.kind,  # type: ignore[arg-type]  # the kit stores the contract's numbers
        outcome_time=timestamp(stored.time),
        transport_document_number=release.goods.document if release.goods else "",
        container_numbers=release.covered.containers,
        terminal_code=terminal,
        order=stored.order,
        order_signature=stored.signature,
        way=WAYS[release.goods.direction] if release.goods else 0,  # type: ignore[arg-type]  # the contract's numbers
        packages=(release.goods.packages or 0) if release.goods and release.covered.loose else 0,
    )


def named_message(stored: StoredOrder, release: Release) -> pb.Release:
    """Which clearance and goods it is about, and nothing more."""
    return pb.Release(
        clearance_number=stored.clearance_number,
        order_number=stored.order_number,
        transport_document_number=release.goods.document if release.goods else "",
    )


def place_message(row: Any) -> Place:
    """A row of `places`."""
    return Place(
        transport_document_number=row.document,
        container_number=row.container,
        place_code=row.place_code,
        assign_time=timestamp(row.assign_time),
    )


def gate_out_message(left: GateOut) -> pb.GateOut:
    """An exit as recorded."""
    return pb.GateOut(
        position=left.position,
        clearance_number=left.clearance_number,
        version=left.version,
        order_number=left.order_number,
        container_number=left.subject,
        transport_document_number=left.document,
        way=left.way,  # type: ignore[arg-type]  # the domain's numbers are the contract's
        exit_time=timestamp(left.exit_time),
        place_code=left.place_code,
        conveyance_identification=left.conveyance,
        reporter=left.reporter,
        record_time=timestamp(left.record_time),
        last=bool(left.last),
        packages=left.packages,
    )
