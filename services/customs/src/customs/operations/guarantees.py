"""Acts on guarantee uses, a batch in one transaction; each item is done or refused by itself, one after the other.

What is confirmed, credited or claimed may change what customs decides: the clearances are decided again. Their rows
are locked before the guarantees, in the order in which a decision takes its locks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from agencykit.decisions.due import mark_due
from agencykit.decisions.lookups import cases_of, known_requests
from agencykit.decisions.requests import Claim, remember_requests
from agencykit.refusals import KINDS, Refusal, RequestIdReused
from agencykit.storage import to_micros
from agencykit.storage.rows import rows_in, run
from customs.domain.guarantees.account import UseKey
from customs.domain.guarantees.book import Book
from customs.domain.guarantees.objection import Objection
from customs.domain.guarantees.terms import Wanted
from customs.domain.guarantees.use import Use
from customs.storage.guarantee_tables import guarantee_claims
from customs.storage.guarantees import insert_claims, load_book, read_uses, store_book

Answer = Use | Refusal
Found = Use | Objection
Named = tuple[UseKey, str]
"""A use, and the identity that asks."""
Act = Callable[[Book, UseKey, str, int], Found]
BATCH = 1_000
_OPEN_CLAIM = 1
_EXPIRED = (
    "SELECT district, clearance_number, generation FROM guarantee_uses "
    "WHERE state = 1 AND expire_time <= ? ORDER BY expire_time LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Resolve:
    """A credit or claim of `units`, or with 0 of all that is outstanding, under a request id."""

    asked: Claim
    key: UseKey
    units: int


def hold(connection: Connection, wanted: Sequence[Wanted], now: int) -> list[Answer]:
    """Takes amounts up. The same use with the same content answers what has become of it."""
    book = load_book(connection, [each.key for each in wanted], [r.grn for each in wanted for r in each.references])
    answers = [_answer(book.hold(each, now)) for each in wanted]
    store_book(connection, book, now)
    return answers


def confirm(connection: Connection, named: Sequence[Named], now: int) -> list[Answer]:
    """From now on no clock ends them."""
    cases_of(connection, [key.case for key, _ in named])
    answers = _each(connection, named, now, Book.confirm)
    _decide_again(connection, answers)
    return answers


def cancel(connection: Connection, named: Sequence[Named], now: int) -> list[Answer]:
    """Gives back what is held, and bars what has not come yet."""
    return _each(connection, named, now, Book.cancel)


def _each(connection: Connection, named: Sequence[Named], now: int, act: Act) -> list[Answer]:
    book = load_book(connection, [key for key, _ in named], ())
    answers = [_answer(act(book, key, caller, now)) for key, caller in named]
    store_book(connection, book, now)
    return answers


def credit(connection: Connection, wanted: Sequence[Resolve], now: int) -> list[Answer]:
    """Gives back what is confirmed, once for each request id."""
    return _resolve(connection, wanted, now, Book.credit, 0)


def claim(connection: Connection, wanted: Sequence[Resolve], now: int, due_time: int) -> list[Answer]:
    """Demands what is confirmed of the guarantors, to be paid by `due_time`; once for each request id.

    The request id is the claim's number, so that nobody else's may be the same.
    """
    ids = sorted({each.asked.request_id for each in wanted})
    taken = frozenset(rows_in(connection, guarantee_claims, ("claim_id",), ("claim_id",), ids))
    return _resolve(connection, wanted, now, Book.claim, due_time, frozenset(claim_id for (claim_id,) in taken))


def _resolve(
    connection: Connection,
    wanted: Sequence[Resolve],
    now: int,
    act: Callable[[Book, UseKey, str, int, int], Found],
    due_time: int,
    taken: frozenset[str] = frozenset(),
) -> list[Answer]:
    cases_of(connection, [each.key.case for each in wanted])
    book = load_book(connection, [each.key for each in wanted], ())
    resource = wanted[0].asked.resource
    stored = known_requests(connection, resource, [each.asked.request_id for each in wanted])
    known = {asked: digest for asked, (digest, _, _) in stored.items()}
    answers: list[Answer] = []
    new: list[Claim] = []
    for each in wanted:
        asked, caller = each.asked, each.asked.scope
        if (before := known.get((caller, asked.request_id))) is not None:
            again = before == asked.digest
            answers.append(_answer(book.own(each.key, caller)) if again else RequestIdReused(asked.request_id))
            continue
        if asked.request_id in taken:
            answers.append(RequestIdReused(asked.request_id))
            continue
        made = len(book.claims)
        answer = act(book, each.key, caller, each.units, now)
        if isinstance(answer, Use):
            known[caller, asked.request_id] = asked.digest
            new.append(asked)
            insert_claims(connection, _claim_rows(asked.request_id, book, made, now, due_time))
        answers.append(_answer(answer))
    remember_requests(connection, new, now)
    store_book(connection, book, now)
    _decide_again(connection, answers)
    return answers


def _decide_again(connection: Connection, answers: Sequence[Answer]) -> None:
    """Also after an act that was done before: whoever repeats it may have seen a decision that did not know of it."""
    mark_due(connection, {answer.key.case for answer in answers if isinstance(answer, Use)})


def _claim_rows(request_id: str, book: Book, first: int, now: int, due_time: int) -> list[tuple[object, ...]]:
    return [
        (request_id, place, one.grn, *one.use, one.units, one.lowered, _OPEN_CLAIM, now, due_time, None)
        for place, one in enumerate(book.claims[first:])
    ]


def find(connection: Connection, key: UseKey, caller: str) -> Answer:
    """How a use of this caller stands."""
    return _answer(read_uses(connection, [key]).own(key, caller))


def expire_holds(connection: Connection, now: datetime) -> None:
    """As `expire`; what more there is waits for the next time."""
    expire(connection, to_micros(now), BATCH)


def expire(connection: Connection, now: int, limit: int) -> int:
    """Gives back what was held for too long, the oldest first; returns how many uses."""
    keys = [UseKey(*row) for row in run(connection, _EXPIRED, (now, limit))]
    if not keys:
        return 0
    book = load_book(connection, keys, ())
    done = [book.expire(key, now) for key in keys]
    store_book(connection, book, now)
    return sum(isinstance(each, Use) for each in done)


def _answer(found: Found) -> Answer:
    """As it stands now: a later item may be about the same use."""
    return replace(found) if isinstance(found, Use) else KINDS[found.reason](**found.values)
