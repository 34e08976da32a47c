"""Says to each home how what it declared stands at this port, whenever that changes.

What is to be said follows from the case as it is stored, so that nothing is forgotten by a crash: changed cases are
found by their place among all changes, and what would only repeat the last word is not said.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sqlalchemy import Connection

from agencykit.runtime import Clock
from agencykit.storage import Database
from gateway.domain.decision import standings
from gateway.domain.identifiers import Micros
from gateway.domain.quarantine import Kind, Poison, reason_of
from gateway.domain.verification import Said, awaits_gate, said_of
from gateway.operations.context import Context
from gateway.operations.duties import Duties, DutyLost
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.quarantine import Aside, set_aside
from gateway.operations.sift import WHOLE, Tries, sift
from gateway.storage.cases import load_cases
from gateway.storage.decisions import load_decisions
from gateway.storage.feeds import load_positions, store_positions
from gateway.storage.verifications import (
    Spoken,
    Verification,
    append,
    changed_numbers,
    due_numbers,
    load_verifications,
    lock_logs,
    untold_to,
    update_verifications,
    verified_here,
)

DUTY = "verifications"
# The name under which the place among all changes stands beside the positions in agencies' logs.
CHANGES = "changes"
REST_SECONDS = 1.0
# A signature is over so many at most.
BATCH = 256


@dataclass(frozen=True, slots=True)
class Saying:
    """One decision to be signed."""

    number: str
    digest: bytes
    revision: int
    said: Said


class Sign(Protocol):
    """Writes and signs what is said to one home: pure work of the processor, inside the transaction that says it."""

    def __call__(
        self, home: str, sayings: Sequence[Saying], first: int, head: bytes, now: Micros
    ) -> tuple[list[bytes], bytes]:
        """Each as SignedDecision, and the head of the log after them."""
        ...


def speak(connection: Connection, numbers: Collection[str], sign: Sign, gate: str, context: Context) -> int:
    """Says what has changed of these cases, 256 at most; returns how many there were.

    Those of nobody's home are passed over.
    """
    cases = load_cases(connection, sorted(numbers), lock=True)
    known = {number: one for number, one in load_verifications(connection, cases).items() if not one.withdrawn_version}
    decisions, untold = load_decisions(connection, known), untold_to(connection, gate, known)
    by_home: dict[str, list[Saying]] = {}
    changed: list[Verification] = []
    for number, one in known.items():
        case = cases[number]
        found = standings(case.policy.asked, case.version, decisions[number])
        said = said_of(case, found, one.obeyed, gate_told=number not in untold)
        changed += _noted(one, said, case.digest, due=awaits_gate(case, found, said), by_home=by_home)
    update_verifications(connection, changed)
    logs = lock_logs(connection, by_home) if by_home else {}
    for home, sayings in by_home.items():
        sequence, head = logs[home]
        signed, head = sign(home, sayings, sequence + 1, head, context.now)
        places = range(sequence + 1, sequence + 1 + len(sayings))
        spoken = [
            Spoken(place, each.number, each.revision, each.said.version, content)
            for place, each, content in zip(places, sayings, signed, strict=True)
        ]
        append(connection, home, spoken, head, context.now)
    return sum(map(len, by_home.values()))


def _noted(
    one: Verification, said: Said, digest: bytes, *, due: bool, by_home: dict[str, list[Saying]]
) -> list[Verification]:
    """The row where it has changed; what is new is added to what its home is told."""
    text = said.text
    if text == one.said and due == one.due:
        return []
    one.due = due
    if text != one.said:
        one.revision, one.said, one.obeyed = one.revision + 1, text, said.obeyed
        by_home.setdefault(one.home, []).append(Saying(one.number, digest, one.revision, said))
    return [one]


class Found(NamedTuple):
    """What is to be looked at: cases that are verified here, the place among all changes that this reaches, and whether
    there is more.
    """

    numbers: frozenset[str]
    place: int
    more: bool


def look(connection: Connection, after: int) -> Found:
    """The next changes of all cases, of which mostly none is of a case that is verified here; and what is due."""
    changed = changed_numbers(connection, after, BATCH)
    numbers = verified_here(connection, {number for number, _ in changed})
    numbers |= set(due_numbers(connection, BATCH - len(numbers)))
    return Found(frozenset(numbers), changed[-1][1] if changed else after, len(changed) == BATCH)


def stored_place(connection: Connection) -> int:
    """From where changes are looked at after a start."""
    return load_positions(connection, DUTY).get(CHANGES, 0)


def say(connection: Connection, found: Found, sign: Sign, gate: str, context: Context) -> int:
    """Says what is to be said of these; returns how much it was. What was looked at is not looked at again."""
    spoken = speak(connection, found.numbers, sign, gate, context) if found.numbers else 0
    store_positions(connection, DUTY, {CHANGES: found.place})
    return spoken


@dataclass(slots=True)
class Speaker:
    """Done by the replica that has the duty; whoever is asked says by himself what he answers.

    How far it has looked is kept in memory, and stored with what is said, else once a second: a crash costs a look.
    """

    database: Database
    context: Callable[[], Context]
    sign: Sign
    # Agency that must have receipted an order to stop before it is obeyed; empty: none.
    gate: str
    duties: Duties
    clock: Clock
    log: Log
    aside: Aside
    tries: Tries = field(default_factory=Tries)
    # Called when something was said.
    on_spoken: list[Callable[[], None]] = field(default_factory=list)
    loop: Loop = field(init=False)
    # Of the duty as it was held when the places were read.
    _epoch: int | None = None
    _place: int = 0
    _stored: int = 0
    _stored_at: float = 0.0

    def __post_init__(self) -> None:
        self.loop = Loop(DUTY, self._step, self.log)
        self.duties.add(DUTY)
        self.duties.on_change.append(self.loop.notify)

    async def speak(self, numbers: Collection[str]) -> None:
        """Says at once what has changed of these."""
        if await self.database.write(speak, numbers, self.sign, self.gate, self.context()):
            self._spoken()

    async def _step(self) -> float:
        epoch = self.duties.held.get(DUTY)
        if epoch is None:
            return REST_SECONDS
        if epoch != self._epoch:
            self._place = self._stored = await self.database.read(stored_place)
            self._epoch = epoch
        found = await self.database.read(look, self._place)
        moved = found.place != self._stored and self.clock.monotonic() - self._stored_at >= REST_SECONDS
        if found.numbers or moved:
            try:
                spoken = await self._say(found, epoch)
            except DutyLost:
                return REST_SECONDS
            self._stored, self._stored_at = found.place, self.clock.monotonic()
            if spoken:
                self._spoken()
        self._place = found.place
        return 0.0 if found.more else REST_SECONDS

    async def _say(self, found: Found, epoch: int) -> int:
        """Where it fails, by halves; a case of which nothing can be said is tried a few times, then set aside."""
        made = (self.sign, self.gate)
        try:
            return await self.duties.write(DUTY, epoch, say, found, *made, self.context())
        except WHOLE:
            raise
        except Exception:
            if not found.numbers:
                raise
        spoken, left = 0, None

        async def speak_of(part: Sequence[str]) -> None:
            nonlocal spoken
            spoken += await self.duties.write(DUTY, epoch, speak, part, *made, self.context())

        limit = self.context().limits.refusals
        for number, error in await sift(sorted(found.numbers), speak_of):
            if self.tries.failed(number, limit):
                self.tries.forget(number)
                poison = [Poison(Kind.VERIFICATION, "", number, "speak", reason_of(error), limit)]
                self.aside.tell(await self.duties.write(DUTY, epoch, set_aside, poison, self.context()))
            else:
                left = error
        if left is not None:
            raise left
        return spoken + await self.duties.write(DUTY, epoch, say, Found(frozenset(), *found[1:]), *made, self.context())

    def _spoken(self) -> None:
        for listener in self.on_spoken:
            listener()
