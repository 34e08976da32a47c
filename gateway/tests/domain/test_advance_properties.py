"""What holds for the state machine whatever comes, in whatever order."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from agencykit.rules import Verdict
from gateway.domain.advance import advance
from gateway.domain.case import Ask, AskState, Case
from gateway.domain.commitment import Commitment
from gateway.domain.decision import YES, Decision
from gateway.domain.identifiers import ASSESS
from gateway.domain.policy import AppliedPolicy, Deadline, Default
from gateway.domain.scope import Scope
from gateway.domain.states import RELEASED, TRANSITIONS, State

NUMBER = "310020040PX7K3M9QZ2B"
AGENCIES = ("customs", "inspection", "border", "port")
START = 1_100_649_600_000_000

BOXES = ("A", "B", "C")
scopes = st.sets(st.sampled_from(BOXES), min_size=1).map(lambda boxes: Scope(containers=frozenset(boxes)))
# The fingerprint stands for the decision's bytes: two decisions that say different things have different ones.
decisions = st.builds(
    lambda agency, version, revision, verdict, counted, scope: Decision(
        *(agency, version, revision, verdict),
        f"{agency}{version}.{revision}{verdict}{scope and sorted(scope.containers)}".encode(),
        counted,
        scope,
    ),
    st.sampled_from(AGENCIES),
    st.integers(1, 2),
    st.integers(1, 3),
    st.sampled_from(list(Verdict)),
    st.sampled_from([True, True, True, False]),
    st.none() | scopes,
)
required = st.lists(st.sampled_from(AGENCIES), min_size=1, unique=True)


def new_case(agencies: list[str]) -> Case:
    policy = AppliedPolicy("p", tuple(agencies), dict.fromkeys(AGENCIES, ""))
    asks = tuple(Ask(agency, ASSESS, 1, ask_time=START) for agency in AGENCIES)
    commitment = Commitment(24, "COMMIT-SEA", START)
    return Case(NUMBER, "", "", State.RECEIVED, 1, b"", policy, commitment, "", START, START, asks=asks)


def agrees(case: Case, agency: str, known: list[Decision], box: str = "") -> bool:
    """The rule in other words: the highest revision of the current version says yes, and no twin contradicts.

    To the whole, or to one container at least.
    """
    own = [d for d in known if d.agency == agency and d.version == case.version and d.counted]
    revisions = {d.revision for d in own}
    twins = any(len({d.fingerprint for d in own if d.revision == revision}) > 1 for revision in revisions)
    newest = [d for d in own if d.revision == max(revisions)]
    if not newest or twins or newest[0].verdict not in YES:
        return False
    return newest[0].scope is None or box in newest[0].scope.containers


def lets_go(case: Case) -> set[str]:
    """The containers that the newest order lets go."""
    return set(BOXES) if case.state in RELEASED else set(case.part.containers) if case.part else set()


@given(required, st.lists(decisions, max_size=14))
def test_a_case_is_released_exactly_when_every_required_agency_agrees(
    agencies: list[str], known: list[Decision]
) -> None:
    case = new_case(agencies)
    after = advance(case, known, START + 1)
    assert (after.state in RELEASED) == all(agrees(case, agency, known) for agency in agencies)


# What two agencies say one after the other: mostly a part, so that orders are issued, widened, narrowed and stopped.
sayings = st.lists(
    st.tuples(
        st.sampled_from(AGENCIES[:2]), st.sampled_from([*[Verdict.APPROVED] * 6, Verdict.EXAMINE]), scopes | st.none()
    ),
    min_size=3,
    max_size=12,
)


@given(sayings, st.lists(decisions, max_size=2))
def test_no_container_is_let_go_that_a_required_agency_has_not_approved_in_its_current_decision(
    said: list[tuple[str, Verdict, Scope | None]], others: list[Decision]
) -> None:
    """However decisions come, are taken back, narrowed and widened: each order names what all approve by then."""
    agencies = list(AGENCIES[:2])
    case, known = new_case(agencies), list[Decision]()
    own = [
        Decision(agency, 1, revision, verdict, f"{agency} {revision}".encode(), scope=scope)
        for revision, (agency, verdict, scope) in enumerate(said, start=4)
    ]
    for decision in [*own, *others]:
        known.append(decision)
        case = advance(case, known, START + len(known))
        for box in BOXES:
            assert (box in lets_go(case)) == all(agrees(case, agency, known, box) for agency in agencies)
        assert (case.part is not None) == (case.state is State.PARTLY_RELEASED)


@given(required, st.lists(decisions, max_size=14), st.randoms(use_true_random=False))
def test_the_order_in_which_decisions_are_read_does_not_matter(agencies, known, random) -> None:  # type: ignore[no-untyped-def]
    # Of two that differ under one revision either may be shown; that it is a conflict does not depend on the order.
    shuffled = random.sample(known, len(known))
    one, other = advance(new_case(agencies), known, START), advance(new_case(agencies), shuffled, START)
    assert lets_go(one) == lets_go(other)
    unique = {(d.agency, d.version, d.revision): d for d in known}
    listed = list(unique.values())
    one = advance(new_case(agencies), listed, START)
    other = advance(new_case(agencies), random.sample(listed, len(listed)), START)
    assert one == other


@given(required, st.lists(st.lists(decisions, max_size=4), max_size=6))
def test_however_decisions_arrive_each_step_is_in_the_table_and_orders_only_grow(
    agencies: list[str], arrivals: list[list[Decision]]
) -> None:
    case, known, moment = new_case(agencies), list[Decision](), START
    for arrival in arrivals:
        known, moment = known + arrival, moment + 1
        after = advance(case, known, moment)
        assert after.state is case.state or after.state in TRANSITIONS[case.state]
        assert after.etag >= case.etag
        assert 0 <= after.order_number - case.order_number <= 1
        changed = lets_go(after) != lets_go(case)
        assert not changed or after.order_number > case.order_number, "what may go changes by an order alone"
        assert advance(after, known, moment + 1) is after, "nothing new, nothing changed"
        case = after


@given(required, st.lists(decisions, max_size=10))
def test_whoever_is_not_settled_waits_for_somebody(agencies: list[str], known: list[Decision]) -> None:
    after = advance(new_case(agencies), known, START + 1)
    settled = after.state in RELEASED or after.state is State.REFUSED
    assert bool(after.waiting) != settled
    assert all(wait.since and wait.party and wait.agency in agencies for wait in after.waiting)


@given(required, st.lists(decisions, max_size=10), st.sampled_from(list(AskState)))
def test_an_ask_that_has_its_decision_is_answered_whatever_it_was(
    agencies: list[str], known: list[Decision], state: AskState
) -> None:
    case = new_case(agencies)
    case.asks = tuple(ask._replace(state=state) for ask in case.asks)
    after = advance(case, known, START + 1)
    decided = {d.agency for d in known if d.version == 1 and d.counted}
    for ask in after.asks:
        if ask.agency in decided and state is not AskState.VOID:
            assert ask.state is AskState.ANSWERED


@given(
    required,
    st.lists(decisions, max_size=10),
    st.dictionaries(
        st.sampled_from((*AGENCIES, "*")), st.builds(Deadline, st.integers(1, 600), st.sampled_from(list(Default)))
    ),
    st.lists(st.integers(0, 1000), min_size=1, max_size=4).map(sorted),
)
def test_no_deadline_that_passes_releases_anything_or_keeps_a_release_back(
    agencies: list[str], known: list[Decision], deadlines: dict[str, Deadline], minutes: list[int]
) -> None:
    plain = new_case(agencies)
    case = new_case(agencies)
    case.policy = replace(case.policy, deadlines=deadlines)
    for minute in minutes:
        moment = START + minute * 60_000_000
        after = advance(case, known, moment)
        assert (after.state in RELEASED) == (advance(plain, known, moment).state in RELEASED)
        assert after.state is case.state or after.state in TRANSITIONS[case.state]
        assert advance(after, known, moment) is after, "an event happens once"
        case = after
