"""Text from outside as plain text: what a terminal would obey of it is shown, or escaped, and never sent."""

import re

# C0 but the line's end, DEL, C1, and what turns the direction of writing.
COMMANDS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PICTURES, _DELETE, _ANY = 0x2400, "\u2421", "\ufffd"


def shown(text: str) -> str:
    """The text, its commands as pictures."""
    return COMMANDS.sub(lambda found: _picture(found.group()), text)


def _picture(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(_PICTURES + code)
    return _DELETE if character == "\x7f" else _ANY


def escaped(line: str) -> str:
    """A JSON line that says the same, its commands as escapes: JSON itself escapes but the first 32."""
    return COMMANDS.sub(lambda found: f"\\u{ord(found.group()):04x}", line)
