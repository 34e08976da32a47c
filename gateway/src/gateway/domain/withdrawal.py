"""Where a withdrawal stands, told from what the agencies answered."""

from dataclasses import dataclass

from gateway.domain.case import AskState, Case


@dataclass(frozen=True, slots=True)
class WithdrawalStanding:
    """`agreed` agencies keep a tombstone for ever; `refused` ones keep the consignment, by the rule they name."""

    agreed: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    # Whether an answer is still to come.
    open: bool

    @property
    def complete(self) -> bool:
        """Every agency agreed."""
        return not self.open and not self.refused

    @property
    def bars_release(self) -> bool:
        """While it is open nobody knows; once an agency agreed, its yes is gone for good."""
        return self.open or bool(self.agreed)


def withdrawal_standing(case: Case) -> WithdrawalStanding | None:
    """None where no withdrawal was asked for."""
    if case.withdrawal is None:
        return None
    asks = case.withdrawal_asks()
    return WithdrawalStanding(
        tuple(ask.agency for ask in asks if ask.state is AskState.ANSWERED),
        tuple((ask.agency, ask.park_reason) for ask in asks if ask.state is AskState.REFUSED),
        any(ask.state not in (AskState.ANSWERED, AskState.REFUSED) for ask in asks),
    )
