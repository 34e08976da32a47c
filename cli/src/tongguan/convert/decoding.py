"""Bytes of an XML file to text: byte-order marks, UTF-16 and UTF-32, and any declared encoding that Python knows.

The parser beneath decodes only a few encodings by itself (none of two bytes such as GB18030), so decoding is done here
and the parser is always given UTF-8.
"""

import codecs
import re

from tongguan.convert.refusals import NotReadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the other's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How `<?` begins without a mark (XML 1.0, appendix F).
_BEGINNINGS = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARATION = re.compile(r"^\s*<\?xml\s[^>]{0,200}?\?>")
_ENCODING = re.compile(r"""\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']""")
# Encodings in which markup is not plain ASCII would let two readers see two documents.
_ACCEPTED = re.compile(
    r"^(ascii|utf[-_]?8(-sig)?|utf[-_]?(16|32)([-_]?[bl]e)?|iso8859[-_]\d{1,2}|latin[-_]?1|cp\d{3,4}|koi8[-_][rut]"
    r"|mac[-_](roman|cyrillic|latin2)|gb(2312|k|18030)|big5(hkscs)?|shift[-_]jis(x0213|[-_]2004)?|euc[-_](jp|kr|cn))$"
)


def decode(data: bytes) -> str:
    """The text of a document, without byte-order mark and without a stated encoding; raises NotReadable."""
    text = _decode(data)
    return _DECLARATION.sub('<?xml version="1.0"?>', text, count=1)


def _decode(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _text(data[len(mark) :], encoding)
    for beginning, encoding in _BEGINNINGS:
        if data.startswith(beginning):
            return _text(data, encoding)
    declaration = _DECLARATION.match(data[:256].decode("latin-1"))
    named = declaration and _ENCODING.search(declaration.group())
    return _text(data, _known(named.group(1)) if named else "utf-8")


def _known(name: str) -> str:
    """The codec's own name of a declared encoding. A file in bytes that says UTF-16 lies; it is read as UTF-8."""
    try:
        encoding = codecs.lookup(name).name
    except LookupError as error:
        raise NotReadable(f"its encoding {name!r} is not known") from error
    if not _ACCEPTED.match(encoding):
        raise NotReadable(f"its encoding {name!r} is not accepted")
    return "utf-8" if encoding.startswith(("utf-16", "utf-32")) else encoding


def _text(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotReadable(f"byte {error.start} is not valid {encoding}") from error
