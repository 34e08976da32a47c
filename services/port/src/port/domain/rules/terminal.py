"""The goods are in the terminal, have a place there, and nothing of the port's own holds them."""

from collections.abc import Iterable

from agencykit.rules import Awaited, Circumstances, Finding, Rule, Verdict, rule
from port.domain.consignment import ConsignmentView, Direction
from port.domain.facts import Facts
from port.domain.identifiers import listed


@rule(
    id="POR-421",
    version=1,
    zh="提(运)单 {document} 的货物尚未运抵({party} 待办)",
    en="Goods of {document} have not arrived at the terminal (the {party} must act)",
    enough_zh="码头对 {document} 的运抵报告",
    enough_en="The terminal's report that {document} has arrived",
    source="Arrival report (运抵报告); declaring before arrival waits here",
)
def goods_arrived(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    """Imports are brought by the carrier; exports by the trader, to the terminal. Pre-lodged ones wait alike."""
    if view.document and facts.arrive_time is None:
        party = "carrier" if view.direction == Direction.IMPORT else "trader"
        yield self.finding(
            Verdict.PENDING,
            parameters={"document": view.document, "party": party},
            awaited=(Awaited(party, "arrival", view.document),),
        )


@rule(
    id="POR-422",
    version=2,
    zh="提(运)单 {document} 的货物尚未分配堆场(货站)位置:{goods}",
    en="Goods of {document} have no place in the yard or warehouse: {goods}",
    enough_zh="港方为 {goods} 分配位置",
    enough_en="The port assigns a place to {goods}",
    source="Terminal berths and yard of the port area (D27)",
)
def place_assigned(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    """Each container has its own; loose goods have one for the document."""
    placed = [container for container, _ in facts.places]
    absent = tuple([each for each in view.containers or ("",) if each not in placed])
    if view.document and absent:
        yield self.finding(
            Verdict.PENDING,
            parameters={"document": view.document, "goods": listed(absent) or view.document},
            container_numbers=absent if view.containers else (),
            awaited=(Awaited("port", "place", view.document),),
        )


@rule(
    id="POR-423",
    version=1,
    zh="港方扣留 {hold} 尚未解除(对象 {subject})",
    en="Hold {hold} of the port on {subject} is not lifted",
    enough_zh="港方解除扣留 {hold}",
    enough_en="The port lifts hold {hold}",
    source="Holds of the port; default of this agency",
)
def nothing_held(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    """Pending and not HOLD: the register of holds alone settles it, so no officer's result can contradict it."""
    for hold in facts.holds:
        yield self.finding(
            Verdict.PENDING,
            parameters={"hold": hold.id, "subject": hold.subject},
            container_numbers=(hold.subject,) if hold.subject != view.document else (),
            awaited=(Awaited("port", "hold_lifted", hold.id),),
        )


@rule(
    id="POR-424",
    version=1,
    zh="预告:集装箱 {containers} 内还有提(运)单 {beside} 的货物(拼箱);同箱货物未全部放行前,该箱不得离港(POR-511)",
    en="Foreseen: containers {containers} also hold goods of {beside}; a box does not leave before all that lies in it "
    "is released (POR-511)",
    enough_zh="提(运)单 {beside} 的货物亦已申报并放行",
    enough_en="Goods of {beside} are declared and released too",
    source="A box leaves as a whole: goods of several transport documents in one container (拼箱)",
)
def box_is_shared(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    """Advice, not a decision: what the gate would refuse later."""
    if facts.beside:
        containers = tuple([container for container, _ in facts.beside])
        others = tuple(sorted({document for _, documents in facts.beside for document in documents}))
        parameters = {"containers": listed(containers), "beside": listed(others)}
        yield self.finding(Verdict.APPROVED, parameters=parameters, container_numbers=containers, foreseen=True)
