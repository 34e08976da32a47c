"""Certificates and their use, for people."""

from rich.table import Table

from clearance.inspection.v1.certificate_service_pb2 import Certificate, GetCertificateResponse, GetExemptionResponse
from clearance.inspection.v1.transfer_service_pb2 import Transfer
from tongguan.report.names import clock
from tongguan.report.tables import table


def use_line(use: GetCertificateResponse) -> str:
    """`V-1: health, 600 kg written off, 400 kg left`."""
    certificate = use.certificate
    kind = Certificate.Kind.Name(certificate.kind).removeprefix("KIND_").lower().replace("_", " ")
    left = f"{use.left_net_mass_kg:g} kg left" if use.HasField("left_net_mass_kg") else "without limit"
    revoked = ", revoked" if certificate.revoked else ""
    return f"{certificate.number}: {kind}, {use.used_net_mass_kg:g} kg written off, {left}{revoked}"


def use_table(use: GetCertificateResponse) -> Table:
    """Entries, newest first; what was given back stands below zero."""
    made = table("", "clearance", "version", "kg", "when", numbers=["version", "kg"])
    for entry in use.write_offs:
        made.add_row(entry.clearance_number, str(entry.version), f"{entry.net_mass_kg:g}", clock(entry.write_time))
    return made


def exemption_line(use: GetExemptionResponse) -> str:
    """`MJ-1 of 3302T00017: used 120 times, 3 checked, 1 failed, suspended by 3100…`."""
    counts = f"used {use.used_count} times, {use.checked_count} checked, {use.failed_count} failed"
    state = f", suspended by {use.suspended_by}" if use.suspended_by else ", revoked" if use.exemption.revoked else ""
    return f"{use.exemption.number} of {use.exemption.holder_identifier}: {counts}{state}"


def transfer_line(transfer: Transfer) -> str:
    """`NINGBO-7K3M9QZA2BCD: certificate HZ-1 to shanghai, ISSUED, 5 tries left`."""
    state = Transfer.State.Name(transfer.state).removeprefix("STATE_")
    tries = f", {transfer.tries_left} tries left" if transfer.state == Transfer.STATE_ISSUED else ""
    goal = f"certificate {transfer.certificate.number} to {transfer.destination_district}"
    return f"{transfer.number}: {goal}, {state}{tries}"
