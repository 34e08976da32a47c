"""Guarantees and their uses as messages, and back."""

import hashlib
from collections.abc import Mapping, Sequence

from google.protobuf.timestamp_pb2 import Timestamp

from agencykit.identity import Identity
from agencykit.refusals import FormInvalid, Refusal, Violation, to_status
from clearance.common.v1.money_pb2 import Money
from clearance.customs.v1 import guarantee_pb2 as pb
from clearance.customs.v1.guarantee_service_pb2 import GuaranteeAnswer, GuaranteeHold
from customs.domain.consignment import folded_identifier
from customs.domain.guarantees.account import Account, UseKey
from customs.domain.guarantees.kinds import Type
from customs.domain.guarantees.terms import Reference, Wanted
from customs.domain.guarantees.use import Use
from customs.operations.access_codes import Named


def use_key(key: pb.GuaranteeUseKey, district: str) -> UseKey:
    """The use as the ledger names it."""
    return UseKey(district, key.clearance_number, key.generation)


def named(hold: GuaranteeHold) -> list[Named]:
    """The guarantees named, each with its access code."""
    return [(reference.grn, reference.access_code) for reference in hold.references]


def wanted(
    hold: GuaranteeHold, asker: Identity, proofs: Mapping[Named, bytes], expire_time: int, *, passed_on: bool
) -> Wanted | FormInvalid:
    """What is asked for, or every violation of what the contract's rules cannot say.

    A scheme grants what customs' own decisions name: what is passed on for a partner needs its access codes.
    """
    violations = amount_violations(hold.amount, "amount")
    if len({reference.grn for reference in hold.references}) < len(hold.references):
        violations.append(Violation("references", "guarantee.unique", "names a guarantee twice", "message"))
    if violations:
        return FormInvalid(violations)
    references = [
        Reference(
            reference.grn,
            Type(reference.type) if reference.type else None,
            proofs.get((reference.grn, reference.access_code), b""),
        )
        for reference in hold.references
    ]
    return Wanted(
        key=use_key(hold.key, asker.district),
        units=hold.amount.minor_units,
        currency_code=hold.amount.currency_code,
        holder=folded_identifier(hold.holder_identifier),
        references=tuple(references),
        caller=str(asker),
        content=_content(hold),
        expire_time=expire_time,
        office=hold.customs_office_code,
        commodity_codes=tuple(hold.commodity_codes),
        suspended_goods=hold.suspended_goods,
        by_scheme=hold.granted_by_scheme and not passed_on,
    )


def amount_violations(amount: Money, path: str) -> list[Violation]:
    """What is wrong with an amount: its currency, or that it is not above zero."""
    violations = []
    code = amount.currency_code
    if len(code) != 3 or not (code.isascii() and code.isalpha() and code.isupper()):
        message = "must be three capital letters (ISO 4217)"
        violations.append(Violation(f"{path}.currency_code", "guarantee.currency", message, "string"))
    if amount.minor_units <= 0:
        violations.append(Violation(f"{path}.minor_units", "guarantee.amount", "must be above zero", "int64"))
    return violations


def _content(hold: GuaranteeHold) -> bytes:
    """SHA-256 of all but the access codes, of which a plain digest would give too much away."""
    told = GuaranteeHold()
    told.CopyFrom(hold)
    for reference in told.references:
        reference.ClearField("access_code")
    return hashlib.sha256(told.SerializeToString(deterministic=True)).digest()


def write_answers(written: Sequence[GuaranteeAnswer], answers: Sequence[Use | Refusal]) -> None:
    """Each into its place."""
    for place, answer in zip(written, answers, strict=True):
        if isinstance(answer, Refusal):
            place.error.CopyFrom(to_status(answer))
        else:
            place.use.CopyFrom(use_message(answer))


def use_message(use: Use) -> pb.GuaranteeUse:
    """A use as it stands."""
    key = use.key
    return pb.GuaranteeUse(
        key=pb.GuaranteeUseKey(clearance_number=key.case, generation=key.generation),
        district=key.district,
        state=pb.GuaranteeUse.State.ValueType(use.state),
        amount=Money(currency_code=use.currency_code, minor_units=use.units) if use.parts else None,
        outstanding_units=use.outstanding,
        parts=[
            pb.GuaranteePart(
                grn=part.grn,
                units=part.units,
                outstanding_units=part.outstanding,
                returned_units=part.returned,
                claimed_units=part.claimed,
            )
            for part in use.parts
        ],
        hold_time=moment(use.hold_time),
        expire_time=moment(use.expire_time or None),
        end_time=moment(use.end_time),
    )


def guarantee_message(account: Account) -> pb.Guarantee:
    """A guarantee with its balances; of the access code nothing is told."""
    terms, balances = account.terms, account.balances
    return pb.Guarantee(
        grn=terms.grn,
        type=pb.Guarantee.Type.ValueType(terms.type),
        holder_identifier=terms.holder,
        limit=Money(currency_code=terms.currency_code, minor_units=balances.limit),
        valid_from_time=moment(terms.valid_from),
        valid_until_time=moment(terms.valid_until),
        districts=terms.districts,
        customs_office_codes=terms.offices,
        excluded_commodity_prefixes=terms.excluded_commodities,
        excludes_suspended_goods=not terms.suspended_goods,
        state=pb.Guarantee.State.ValueType(terms.state),
        available_units=balances.available,
        held_units=balances.held,
        confirmed_units=balances.confirmed,
        shortfall_units=balances.shortfall,
        shortfall_until_time=moment(account.shortfall_until),
        claimed_units=account.claimed,
        for_scheme=terms.for_scheme,
    )


def moment(micros: int | None) -> Timestamp | None:
    """A time; None where there is none."""
    if micros is None:
        return None
    stamp = Timestamp()
    stamp.FromMicroseconds(micros)
    return stamp
