"""Covers from outside are recorded and ended: a batch in one transaction, each item done or refused by itself.

The own gateway is believed that the home district has confirmed: it is the one that acts on the decision. The
clearances are decided again; as with customs' own guarantees their rows are locked first.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from agencykit.decisions.due import mark_due
from agencykit.decisions.lookups import cases_of
from agencykit.decisions.outcomes import lock_numbers
from agencykit.refusals import GuaranteeUseReused, Refusal, StateForbids
from customs.domain.guarantees.cover import Cover, CoverKey, Standing
from customs.storage import outside_covers as rows

Answer = Standing | Refusal


def record(connection: Connection, wanted: Sequence[Cover], now: int) -> list[Answer]:
    """Each once. GuaranteeUseReused with other content; StateForbids once it was ended."""
    known = _locked(connection, [each.key for each in wanted])
    answers: list[Answer] = []
    new: list[Cover] = []
    for each in wanted:
        if each.key not in known:
            known[each.key] = Standing(each.key, each, ended=False)
            new.append(each)
        found = known[each.key]
        if found.ended:
            answers.append(StateForbids("ENDED", "RecordOutsideCovers"))
        elif found.cover != each:
            answers.append(GuaranteeUseReused(*each.key))
        else:
            answers.append(found)
    rows.append(connection, new, now)
    _decide_again(connection, answers)
    return answers


def end(connection: Connection, keys: Sequence[CoverKey], now: int) -> list[Answer]:
    """For good, also of those that have not come yet."""
    known = _locked(connection, keys)
    new = sorted({key for key in keys if key not in known or not known[key].ended})
    rows.append_ends(connection, new, now)
    answers: list[Answer] = [Standing(key, known[key].cover if key in known else None, ended=True) for key in keys]
    _decide_again(connection, answers)
    return answers


def _locked(connection: Connection, keys: Sequence[CoverKey]) -> dict[CoverKey, Standing]:
    cases_of(connection, [key.clearance_number for key in keys])
    # A clearance that customs does not know yet has no row to lock.
    lock_numbers(connection, sorted({f"cover/{key.clearance_number}" for key in keys}))
    return rows.of_keys(connection, keys)


def _decide_again(connection: Connection, answers: Sequence[Answer]) -> None:
    """Also after an act that was done before: whoever repeats it may have seen a decision that did not know of it."""
    mark_due(connection, {each.key.clearance_number for each in answers if isinstance(each, Standing)})
