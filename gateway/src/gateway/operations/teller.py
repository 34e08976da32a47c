"""Tells one agency one kind of news (operations.mail), at least once and in order for each case.

Its kinds: what became of cases and could not be told at once (operations.herald), and joint examinations called off.

Done by the replica that has the duty.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic

from sqlalchemy import Connection

from agencykit.storage import Database
from gateway.domain.answer import Answered
from gateway.domain.quarantine import Item, Poison
from gateway.operations.batches import Batches
from gateway.operations.context import Context
from gateway.operations.duties import Duties, DutyLost
from gateway.operations.lines import Line
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.mail import Mail, Piece
from gateway.operations.quarantine import Aside, set_aside

REST_SECONDS = 1.0


def to_tell(connection: Connection, mail: Mail[Piece], agency: str, context: Context) -> list[Piece]:
    """The next batch."""
    return mail.due(connection, agency, context.lease_now(connection), context.limits.convoy_items)


def told(
    connection: Connection,
    mail: Mail[Piece],
    agency: str,
    receipted: Sequence[Piece],
    refused: Sequence[tuple[Piece, str]],
    context: Context,
) -> list[Item]:
    """Forgets what was receipted; what was refused again and again, and why, is set aside. Returns what was."""
    mail.forget(connection, agency, receipted)
    later, most = context.lease_now(connection) + 1_000_000, context.limits.refusals
    poison: list[Poison] = []
    for piece, reason in refused:
        tries = piece.attempts + 1
        mail.put_off(connection, agency, piece, None if tries >= most else later)
        if tries >= most:
            poison.append(Poison(mail.item, agency, piece.number, piece.subject, reason, tries, piece.trace))
    return set_aside(connection, poison, context)


@dataclass(slots=True)
class Teller(Generic[Piece]):
    """The teller of one kind of news to one agency."""

    mail: Mail[Piece]
    line: Line
    database: Database
    context: Callable[[], Context]
    duties: Duties
    log: Log
    aside: Aside
    loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self.loop = Loop(f"tell {self.line.name} {self.mail.kind}", self._step, self.log)
        self.duties.add(self.duty)
        self.duties.on_change.append(self.loop.notify)

    @property
    def duty(self) -> str:
        """The name of the duty; one replica tells an agency all kinds."""
        return f"tell:{self.line.name}"

    async def _step(self) -> float:
        epoch = self.duties.held.get(self.duty)
        if epoch is None or not self.line.open:
            return REST_SECONDS
        mail, name, context = self.mail, self.line.name, self.context()
        pieces = await self.database.read(to_tell, mail, name, context)
        if not pieces:
            return REST_SECONDS
        batches: Batches[Piece, bool] = Batches(self.line, partial(mail.send, self.line), patient=True)
        await batches.run(pieces)
        receipted = [pieces[place] for place in batches.results]
        refused = [
            (pieces[place], why.reason) for place, why in batches.failures.items() if why.kind is Answered.REFUSED
        ]
        if receipted or refused:
            try:
                self.aside.tell(
                    await self.duties.write(self.duty, epoch, told, mail, name, receipted, refused, context)
                )
            except DutyLost:
                return REST_SECONDS
        return 0.0 if receipted else REST_SECONDS
