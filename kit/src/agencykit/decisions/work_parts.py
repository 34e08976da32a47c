"""What of the goods an officer's result is about: all that the work is about, or what he names of it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, select

from agencykit.decisions import tables
from agencykit.decisions.goods import part_of, part_text, read_goods
from agencykit.parts import Goods
from agencykit.refusals import FormInvalid, Violation
from agencykit.rules import Part

_SCOPE, _STRING, _NUMBER = "result.scope", "string", "int32"


def parted(connection: Connection, row: Row[*tuple[Any, ...]], named: Part | None) -> dict[str, Any]:
    """What the work's row says once a result on `named` (None: all of it) is recorded; FormInvalid.

    A result on a part counts for the version of the consignment that it was recorded on.
    """
    about = part_of(row.part)
    if named is None and about is None:
        return {}
    number, cases, consignments = row.clearance_number, tables.cases.c, tables.consignments.c
    newest = select(cases.version).where(cases.clearance_number == number).scalar_subquery()
    query = select(consignments.version, consignments.consignment).where(
        consignments.clearance_number == number, consignments.version == newest
    )
    version, content = connection.execute(query).one()
    goods = read_goods(bytes(content))
    allowed = goods.of_part(about)
    if named is not None and (violations := list(_violations(named, goods, allowed))):
        raise FormInvalid(violations)
    chosen = allowed if named is None else allowed & goods.of_part(named)
    whole = chosen == goods.of_part(None)
    return {"part": "" if whole else part_text(goods.part(chosen)), "version": row.version if whole else version}


def _violations(named: Part, goods: Goods, allowed: frozenset[str | int]) -> Iterator[Violation]:
    for place, container in enumerate(named.containers):
        unit = goods.unit(container)
        if unit not in allowed:
            message = "not a container of the consignment" if unit is None else "the work is not about this container"
            yield Violation(f"{_SCOPE}.container_numbers[{place}]", "known", message, _STRING)
    for place, item in enumerate(named.items):
        path = f"{_SCOPE}.item_numbers[{place}]"
        if goods.containers:
            message = "goods in containers are decided by container: half a box does not leave"
            yield Violation(path, "stray", message, _NUMBER)
        elif item not in allowed:
            message = "not a goods item of the consignment" if item not in goods.items else "the work is not about it"
            yield Violation(path, "known", message, _NUMBER)
