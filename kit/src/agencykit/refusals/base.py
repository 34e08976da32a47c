"""What every refusal is: a named exception that holds values, whose text is made from them."""

from dataclasses import dataclass
from typing import ClassVar

import grpc

Code = grpc.StatusCode


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule of form. Never holds the value: it may be a name, a price or a secret."""

    # `items[2].value.currency_code`
    path: str
    # `string.max_len`
    rule: str
    message: str
    # `string`, `int64`, `enum`, `message`: what kind of value stands there
    kind: str = ""


class Refusal(Exception):
    """A call or item is refused. The values are `metadata`; the text is made once, from them."""

    reason: ClassVar[str] = "REASON_UNSPECIFIED"
    code: ClassVar[grpc.StatusCode] = Code.UNKNOWN
    transient: ClassVar[bool] = False
    text: ClassVar[str] = "refused"
    # After how many seconds it is worth asking again, where that is known.
    retry_seconds: float | None = None

    def __init__(self, **metadata: object) -> None:
        self.metadata = {name: str(value) for name, value in metadata.items()}
        self.violations: tuple[Violation, ...] = ()
        super().__init__(self.reason)

    def __str__(self) -> str:
        return self.text.format_map(Named(self.metadata))


class Named(dict[str, str]):
    """A peer may leave out what our text names."""

    def __missing__(self, name: str) -> str:
        return f"({name} not stated)"


class RemoteRefusal(Refusal):
    """A peer refused with a reason that this version of the contract does not know."""

    reason, text = "REMOTE", "the peer refused with {reason}"

    def __init__(self, reason: str, code: grpc.StatusCode) -> None:
        super().__init__(reason=reason)
        self.remote_code = code
