"""Parts of movements, and what districts say to each other, as JSON."""

from typing import Any

from pydantic import ConfigDict, TypeAdapter

from gateway.domain.transit.content import KINDS, Content

# Bytes as base 64, so that any may stand there.
_BYTES = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """One that knows bytes: a dataclass has its configuration on itself, so it stands in a tuple."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(tuple[kind], config=_BYTES)  # type: ignore[valid-type]  # made where it is needed
    return _ADAPTERS[kind]


def to_text(value: Any) -> str:
    """JSON; empty for None."""
    return "" if value is None else _adapter(type(value)).dump_json((value,)).decode()


def from_text(kind: type[Any], text: str) -> Any:
    """One of this kind; None for an empty text."""
    return _adapter(kind).validate_json(text)[0] if text else None


def content_of(kind: str, text: str) -> Content:
    """What was said, by the name of its kind."""
    content: Content = from_text(KINDS[kind], text)
    return content
