"""May this guarantee be used so? The first of G01 to G13 that stands against it."""

import hmac
from dataclasses import dataclass, field

from customs.domain.guarantees.account import Terms, UseKey
from customs.domain.guarantees.kinds import FIRST, FOR_ONE_CASE, INDIVIDUAL, WITH_ACCESS_CODE, AccountState, Type
from customs.domain.guarantees.objection import Objection, Reason, objection


@dataclass(frozen=True, slots=True)
class Reference:
    """A guarantee as its user names it. `type` None: not stated; `proof`: hash of the access code, by the same salt."""

    grn: str
    type: Type | None = None
    proof: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A hold that is asked for. `units` above zero; `references` has one at least, none twice."""

    key: UseKey
    units: int
    currency_code: str
    holder: str
    references: tuple[Reference, ...]
    caller: str
    # SHA-256 of all that was asked, but for access codes.
    content: bytes
    # Microseconds since 1970: until when it is held without a confirmation.
    expire_time: int
    # 4-digit customs office; empty where none is named.
    office: str = ""
    commodity_codes: tuple[str, ...] = ()
    suspended_goods: bool = False
    # Whether the scheme 担保验放 grants it: nobody has named an access code.
    by_scheme: bool = False


def against(terms: Terms, wanted: Wanted, reference: Reference, now: int) -> Objection | None:
    """What stands against using this guarantee for it, whatever else it is used for.

    Who does not know the access code, or is not the holder, learns no more than that.
    """
    grn = terms.grn
    if not _allowed(wanted, reference, terms):
        return objection(Reason.ACCESS_DENIED, grn=grn)
    if terms.holder != wanted.holder:
        return objection(Reason.HOLDER_MISMATCH, grn=grn)
    if (state := standing(terms, now)) != "active":
        return objection(Reason.NOT_VALID, grn=grn, state=state)
    if terms.districts and wanted.key.district not in terms.districts:
        return objection(Reason.NOT_VALID_HERE, grn=grn, district=wanted.key.district)
    if terms.offices and wanted.office not in terms.offices:
        return objection(Reason.OFFICE_MISMATCH, grn=grn, office=wanted.office)
    if wanted.suspended_goods and not terms.suspended_goods:
        return objection(Reason.GOODS_RESTRICTED, grn=grn)
    for code in wanted.commodity_codes:
        if terms.excluded_commodities and code.startswith(terms.excluded_commodities):
            return objection(Reason.COMMODITY_MISMATCH, grn=grn, commodity_code=code)
    if reference.type is not None and reference.type is not terms.type:
        return objection(
            Reason.TYPE_MISMATCH, grn=grn, wrong=f"it is of type {terms.type.code}, not {reference.type.code}"
        )
    if terms.currency_code != wanted.currency_code:
        return objection(Reason.CURRENCY_MISMATCH, grn=grn, currency_code=terms.currency_code)
    return None


def _allowed(wanted: Wanted, reference: Reference, terms: Terms) -> bool:
    """By its access code, where it has one; what a scheme grants by its registration, to its holder alone."""
    if wanted.by_scheme:
        return terms.for_scheme and terms.holder == wanted.holder
    return terms.type not in WITH_ACCESS_CODE or _proved(reference, terms)


def _proved(reference: Reference, terms: Terms) -> bool:
    """No proof never proves, not even where no hash was stored."""
    return bool(reference.proof) and hmac.compare_digest(reference.proof, terms.access_hash)


def standing(terms: Terms, now: int) -> str:
    """`active`, or why it is not: `suspended`, `revoked`, `not yet valid`, `expired`."""
    if terms.state is not AccountState.ACTIVE:
        return terms.state.name.lower()
    if now < terms.valid_from:
        return "not yet valid"
    if terms.valid_until is not None and now >= terms.valid_until:
        return "expired"
    return "active"


def spent(terms: Terms, case: tuple[str, str], cases: frozenset[tuple[str, str]]) -> Objection | None:
    """`cases` are those it stands or has stood for: (district, case). One for one case goes no further."""
    if terms.type not in FOR_ONE_CASE or cases <= {case}:
        return None
    voucher = terms.type is Type.VOUCHER
    return objection(Reason.VOUCHER_USED if voucher else Reason.ALREADY_USED, grn=terms.grn)


def combination(terms: tuple[Terms, ...]) -> Objection | None:
    """One guarantee, several for one case each, or a comprehensive one or waiver topped up by such."""
    if len(terms) == 1:
        return None
    first = [each for each in terms if each.type in FIRST]
    if len(first) > 1:
        return objection(
            Reason.TYPE_MISMATCH, grn=first[1].grn, wrong="a second one of its kind cannot top up the first"
        )
    for each in terms:
        if each.type not in FIRST | INDIVIDUAL:
            return objection(Reason.TYPE_MISMATCH, grn=each.grn, wrong=f"type {each.type.code} stands alone")
    return None
