"""A document parsed safely: no document type, no entities, nothing fetched, bounded in size and depth."""

import re
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from tongguan.convert.decoding import decode
from tongguan.convert.refusals import NotReadable, NotXml

DEPTH_LIMIT = 64
STANDARD_INPUT = Path("-")
SIZE_LIMIT = 10 * 1024 * 1024

_TAG_NAME = re.compile(r"^(?:\{[^}]*\})?(.+)$")


class _TooDeep(Exception):
    pass


class _BoundedBuilder(TreeBuilder):
    """Builds the tree and refuses to go deeper than `limit` elements."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self._depth = 0

    def start(self, tag: str, attrs: dict[Any, Any]) -> Element:
        self._depth += 1
        if self._depth > self._limit:
            raise _TooDeep
        return super().start(tag, attrs)

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return super().end(tag)


def read(path: Path, size_limit: int = SIZE_LIMIT, depth_limit: int = DEPTH_LIMIT) -> Element:
    """The root element of a file, `-` being standard input; raises NotReadable or NotXml."""
    try:
        with nullcontext(sys.stdin.buffer) if path == STANDARD_INPUT else path.open("rb") as file:
            data = file.read(size_limit + 1)
    except OSError as error:
        raise NotReadable(f"it cannot be read: {error.strerror}") from error
    return parse(data, size_limit, depth_limit)


def parse(data: bytes, size_limit: int = SIZE_LIMIT, depth_limit: int = DEPTH_LIMIT) -> Element:
    """The root element of a document; raises NotReadable or NotXml."""
    if len(data) > size_limit:
        raise NotReadable(f"it is larger than {size_limit} bytes")
    parser = DefusedXMLParser(target=_BoundedBuilder(depth_limit), forbid_dtd=True)
    try:
        parser.feed(decode(data).encode())
        root: Element = parser.close()
    except _TooDeep as error:
        raise NotXml(f"its elements are nested deeper than {depth_limit}") from error
    except DefusedXmlException as error:
        raise NotXml("it holds a document type or entities, which are refused") from error
    except (ParseError, UnicodeEncodeError) as error:
        raise NotXml(f"it is not well-formed XML: {error}") from error
    return root


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    name = _TAG_NAME.match(element.tag)
    return name.group(1) if name else element.tag
