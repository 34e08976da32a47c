"""SchemeService: officers of customs see to whom benefits were delivered, and why not to others."""

from agencykit.agency import AgencyParts
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from clearance.common.v1.text_pb2 import BilingualText
from clearance.customs.v1 import scheme_service_pb2 as pb
from customs.domain.benefits import Withheld
from customs.domain.reference import Reference
from customs.domain.risk.figures import share
from customs.domain.rules.schemes import RULE_OF_SCHEME
from customs.domain.schemes import Scheme
from customs.operations.scheme_figures import SchemeCounts, scheme_use
from customs.rpc.spans import bounds, whole_hours

CALLERS = ("operator/*",)


class SchemeServicer:
    """Only reads."""

    def __init__(self, parts: AgencyParts, reference: Reference) -> None:
        self._database, self._clock = parts.database, parts.runtime.clock
        self._granted = frozenset(reference.schemes.terms)

    async def ReportSchemes(self, request: pb.ReportSchemesRequest, call: Call) -> pb.ReportSchemesResponse:
        use = await self._database.read(scheme_use, whole_hours(request, self._clock.now()))
        begin, end = bounds(use.span)
        schemes = [_figures(scheme, scheme in self._granted, counts) for scheme, counts in use.schemes.items()]
        report = pb.SchemeReport(start_time=begin, end_time=end, declared=use.declared, schemes=schemes)
        return pb.ReportSchemesResponse(report=report)


def _figures(scheme: Scheme, granted: bool, counts: SchemeCounts) -> pb.SchemeFigures:
    return pb.SchemeFigures(
        id=scheme.name,
        text=BilingualText(zh=scheme.zh, en=scheme.en),
        rule_id=RULE_OF_SCHEME[scheme].id,
        granted=granted,
        entitled=counts.entitled,
        delivered=counts.delivered,
        delivered_rate=share(counts.delivered, counts.entitled),
        withheld=[
            pb.WithheldFigures(reason=reason, text=_TEXTS.get(reason), count=count)
            for reason, count in counts.withheld.most_common()
        ],
    )


_TEXTS = {reason.name: BilingualText(zh=reason.zh, en=reason.en) for reason in Withheld}


def scheme_service(parts: AgencyParts, reference: Reference) -> Service:
    """The service with its default callers."""
    return Service(SchemeServicer(parts, reference), pb.DESCRIPTOR.services_by_name["SchemeService"], CALLERS)
