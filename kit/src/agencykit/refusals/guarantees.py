"""Refusals of the guarantee ledger. Each names its official code (G01 to G13) where there is one."""

from agencykit.refusals.base import Code, Refusal


class _OfOne(Refusal):
    """About one guarantee."""

    def __init__(self, grn: str) -> None:
        super().__init__(grn=grn)


class GuaranteeUnknown(_OfOne):
    """G01."""

    reason, code, text = "GUARANTEE_UNKNOWN", Code.NOT_FOUND, "there is no guarantee {grn} (G01)"


class GuaranteeNotValid(Refusal):
    """G02: suspended, revoked, not yet or no longer valid."""

    reason, code = "GUARANTEE_NOT_VALID", Code.FAILED_PRECONDITION
    text = "guarantee {grn} cannot be used: it is {state} (G02)"

    def __init__(self, grn: str, state: str) -> None:
        super().__init__(grn=grn, state=state)


class GuaranteeAccessDenied(_OfOne):
    """G03."""

    reason, code = "GUARANTEE_ACCESS_DENIED", Code.PERMISSION_DENIED
    text = "the access code of guarantee {grn} is wrong or missing (G03)"


class GuaranteeHolderMismatch(_OfOne):
    """G04."""

    reason, code = "GUARANTEE_HOLDER_MISMATCH", Code.PERMISSION_DENIED
    text = "guarantee {grn} has another holder (G04)"


class GuaranteeVoucherUsed(_OfOne):
    """G05."""

    reason, code = "GUARANTEE_VOUCHER_USED", Code.FAILED_PRECONDITION
    text = "voucher {grn} stands for another case already (G05)"


class GuaranteeGoodsRestricted(_OfOne):
    """G06."""

    reason, code = "GUARANTEE_GOODS_RESTRICTED", Code.FAILED_PRECONDITION
    text = "guarantee {grn} does not stand for goods under suspension of duty (G06)"


class GuaranteeNotValidHere(Refusal):
    """G08."""

    reason, code = "GUARANTEE_NOT_VALID_HERE", Code.FAILED_PRECONDITION
    text = "guarantee {grn} is not valid in district {district} (G08)"

    def __init__(self, grn: str, district: str) -> None:
        super().__init__(grn=grn, district=district)


class GuaranteeInsufficient(Refusal):
    """G09."""

    reason, code = "GUARANTEE_INSUFFICIENT", Code.FAILED_PRECONDITION
    text = "{lacking_units} {currency_code} (smallest unit) are lacking (G09)"

    def __init__(self, lacking_units: int | str, currency_code: str) -> None:
        super().__init__(lacking_units=lacking_units, currency_code=currency_code)


class GuaranteeAlreadyUsed(_OfOne):
    """G10."""

    reason, code = "GUARANTEE_ALREADY_USED", Code.FAILED_PRECONDITION
    text = "guarantee {grn} is for one case and stands for another already (G10)"


class GuaranteeOfficeMismatch(Refusal):
    """G11."""

    reason, code = "GUARANTEE_OFFICE_MISMATCH", Code.FAILED_PRECONDITION
    text = "guarantee {grn} is not valid at customs office {office} (G11)"

    def __init__(self, grn: str, office: str) -> None:
        super().__init__(grn=grn, office=office)


class GuaranteeCommodityMismatch(Refusal):
    """G12."""

    reason, code = "GUARANTEE_COMMODITY_MISMATCH", Code.FAILED_PRECONDITION
    text = "guarantee {grn} does not stand for commodity {commodity_code} (G12)"

    def __init__(self, grn: str, commodity_code: str) -> None:
        super().__init__(grn=grn, commodity_code=commodity_code)


class GuaranteeTypeMismatch(Refusal):
    """G13."""

    reason, code = "GUARANTEE_TYPE_MISMATCH", Code.FAILED_PRECONDITION
    text = "guarantee {grn}: {wrong} (G13)"

    def __init__(self, grn: str, wrong: str) -> None:
        super().__init__(grn=grn, wrong=wrong)


class GuaranteeCurrencyMismatch(Refusal):
    """Amounts of two currencies are never compared."""

    reason, code = "GUARANTEE_CURRENCY_MISMATCH", Code.FAILED_PRECONDITION
    text = "guarantee {grn} is in {currency_code}"

    def __init__(self, grn: str, currency_code: str) -> None:
        super().__init__(grn=grn, currency_code=currency_code)


class GuaranteeUseReused(Refusal):
    """A use is asked for again with other content, or by another caller."""

    reason, code = "GUARANTEE_USE_REUSED", Code.ALREADY_EXISTS
    text = "generation {generation} of {clearance_number} was asked for before with other content or by another caller"

    def __init__(self, clearance_number: str, generation: int | str) -> None:
        super().__init__(clearance_number=clearance_number, generation=generation)


class GuaranteeNotConfirmed(Refusal):
    """Goods are released for transit once their guarantee is confirmed."""

    reason, code = "GUARANTEE_NOT_CONFIRMED", Code.FAILED_PRECONDITION
    text = "the guarantee of movement {mrn} is {state}, not confirmed"

    def __init__(self, mrn: str, state: str) -> None:
        super().__init__(mrn=mrn, state=state)
