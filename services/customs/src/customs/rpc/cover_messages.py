"""Covers from outside as messages, and back."""

from collections.abc import Sequence

from agencykit.refusals import FormInvalid, Refusal, Violation, to_status
from clearance.common.v1.money_pb2 import Money
from clearance.customs.v1 import guarantee_service_pb2 as pb
from clearance.customs.v1.guarantee_pb2 import GuaranteeUseKey
from customs.domain.guarantees.cover import Cover, CoverKey, Standing
from customs.rpc.guarantee_messages import amount_violations


def cover_key(key: GuaranteeUseKey) -> CoverKey:
    """The use as customs' records name it."""
    return CoverKey(key.clearance_number, key.generation)


def read_cover(cover: pb.OutsideCover, own_district: str) -> Cover | FormInvalid:
    """What is to be recorded, or every violation of what the contract's rules cannot say."""
    violations = amount_violations(cover.amount, "amount")
    if cover.home_district == own_district:
        message = "must be another district: what its own ledger holds customs reads there"
        violations.append(Violation("home_district", "guarantee.outside", message, "string"))
    if violations:
        return FormInvalid(violations)
    amount = cover.amount
    key = cover_key(cover.key)
    return Cover(key, cover.home_district, amount.minor_units, amount.currency_code, tuple(cover.grns))


def write_cover_answers(written: Sequence[pb.OutsideCoverAnswer], answers: Sequence[Standing | Refusal]) -> None:
    """Each into its place."""
    for place, answer in zip(written, answers, strict=True):
        if isinstance(answer, Refusal):
            place.error.CopyFrom(to_status(answer))
        else:
            place.cover.CopyFrom(_message(answer))


def _message(standing: Standing) -> pb.OutsideCover:
    key, cover = standing.key, standing.cover
    state = pb.OutsideCover.STATE_ENDED if standing.ended else pb.OutsideCover.STATE_STANDING
    message = pb.OutsideCover(
        key=GuaranteeUseKey(clearance_number=key.clearance_number, generation=key.generation), state=state
    )
    if cover is not None:
        message.home_district = cover.home_district
        message.amount.CopyFrom(Money(currency_code=cover.currency_code, minor_units=cover.units))
        message.grns.extend(cover.grns)
    return message
