"""Agencies' addresses as they are given on the command line."""

from tongguan.failures import Misused
from tongguan.stack.layout import GATEWAY


def parse_agency(text: str) -> tuple[str, str]:
    """`customs=127.0.0.1:7001` as name and address; raises Misused."""
    name, _, address = text.partition("=")
    host, _, port = address.rpartition(":")
    if not name.isidentifier() or name != name.lower() or name == GATEWAY or not host or not port.isdigit():
        raise Misused(f"--agency {text!r} cannot be read", "write it as customs=127.0.0.1:7001")
    return name, address
