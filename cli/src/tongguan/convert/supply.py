"""Puts into a consignment what the profile supplies, and marks it as supplied.

What the declaration says is never changed, except that the domestic enterprise takes the place of a foreign trader, who
stays in the submission as the other side.
"""

import re
from datetime import UTC, datetime
from typing import Any, Literal

from clearance.common.v1.consignment_pb2 import Consignment
from tongguan.convert.ledger import Ledger
from tongguan.convert.profile import Port, Profile
from tongguan.convert.report import Note, Report
from tongguan.form import fault

# 10-digit customs registration number, or 18-character 统一社会信用代码, whose second character is a digit.
_DOMESTIC = re.compile(r"^(\d{10}|[0-9A-Z]\d{7}[0-9A-Z]{10})\Z", re.ASCII)
_SUPPLIED_MOST = 999


class Supply:
    """One consignment being completed."""

    def __init__(
        self, profile: Profile, consignment: Consignment, ledger: Ledger, report: Report, as_of: datetime
    ) -> None:
        self._profile = profile
        self._consignment = consignment
        self._ledger = ledger
        self._report = report
        self._day = as_of.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

    def complete(self) -> None:
        """Supplies everything the profile holds and the consignment lacks."""
        profile, consignment = self._profile, self._consignment
        self._text("broker_licence", profile.broker_licence)
        self._text("trade_mode_code", profile.trade_mode_code)
        self._text("special_area_code", profile.special_area_code)
        port = port_of(profile, consignment)
        self._text("customs_district_code", port.customs_district_code)
        self._text("port_code", port.port_code)
        self._text(
            "transport_document_number",
            profile.transport_document_number.replace("{reference}", consignment.reference),
        )
        self._conveyance()
        self._enterprise()
        self._time()
        consignment.supplied_fields.extend(list(self._report.supplied)[:_SUPPLIED_MOST])

    def _text(self, path: str, value: str) -> None:
        """Sets a field (`trader.identifier`) that is empty to a value that is not."""
        *parents, name = path.split(".")
        message: Any = self._consignment
        for parent in parents:
            message = getattr(message, parent)
        if not value or getattr(message, name):
            return
        if reason := fault(message.DESCRIPTOR.fields_by_name[name], value):
            self._report.assumed.append(Note(path, f"the profile's value is left out: {reason}"))
            return
        setattr(message, name, value)
        self._report.supplied[path] = value

    def _conveyance(self) -> None:
        """Names the conveyance where the declaration does not; a conveyance it names only gets its voyage."""
        border = self._consignment.border_transport
        conveyance = self._profile.conveyances.get(border.mode) or self._profile.conveyances.get(0)
        if conveyance is None or not border.mode:
            return
        if not border.identification:
            self._text("border_transport.identification", conveyance.identification)
            self._text("border_transport.nationality_code", conveyance.nationality_code)
        if border.identification:
            self._text("border_transport.voyage_number", conveyance.voyages.get(case_of(self._consignment), ""))

    def _enterprise(self) -> None:
        """A foreign trader's number gives way to the enterprise's; as consignee or consignor the trader stays."""
        consignment, enterprise = self._consignment, self._profile.enterprise
        trader = consignment.trader
        number = enterprise.numbers.get(trader.identifier) or enterprise.number
        if not number or not consignment.HasField("trader") or _DOMESTIC.match(trader.identifier):
            return
        exported = consignment.direction == Consignment.DIRECTION_EXPORT
        other: Literal["consignor", "consignee"] = "consignor" if exported else "consignee"
        if consignment.HasField(other):
            reason = f"the profile's enterprise stands for the foreign trader, and the {other} is another"
            self._ledger.move("trader.identifier", reason=reason)
        else:
            getattr(consignment, other).CopyFrom(trader)
            self._ledger.move("trader.identifier", now=f"{other}.identifier")
            self._report.assumed.append(Note(other, "the foreign trader, for whom the profile's enterprise stands"))
        trader.ClearField("identifier")
        self._text("trader.identifier", number)

    def _time(self) -> None:
        case = case_of(self._consignment)
        name: Literal["loading_time", "arrival_time"] = "loading_time" if case == "export" else "arrival_time"
        if case in self._profile.times and not self._consignment.HasField(name):
            moment = self._day + self._profile.times[case]
            getattr(self._consignment, name).FromDatetime(moment)
            self._report.supplied[name] = f"{moment:%Y-%m-%dT%H:%MZ}"


def case_of(consignment: Consignment) -> str:
    """Which of the profile's cases it is: `import`, `import_pre_lodged` or `export`."""
    if consignment.direction == Consignment.DIRECTION_EXPORT:
        return "export"
    pre_lodged = consignment.declaration_type == Consignment.DECLARATION_TYPE_PRE_LODGED
    return "import_pre_lodged" if pre_lodged else "import"


def port_of(profile: Profile, consignment: Consignment) -> Port:
    """The port of the consignment's mode."""
    return profile.ports.get(consignment.border_transport.mode) or profile.ports.get(0) or Port()
