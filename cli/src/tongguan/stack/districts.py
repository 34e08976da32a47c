"""The customs districts (关区) that can be started on one machine, with their four-digit codes (关区代码)."""

from collections.abc import Mapping

from tongguan.failures import Misused

# Source: the customs district codes in force; a district's own offices begin with the same two digits.
CODES: Mapping[str, str] = {"ningbo": "3100", "hangzhou": "2900", "shanghai": "2200", "nanjing": "2300"}

# Offices of each that give guarantees, as their reference numbers name them (characters 5 to 8).
OFFICES: Mapping[str, tuple[str, ...]] = {
    "ningbo": ("3100", "3101", "3104"),
    "hangzhou": ("2900", "2921", "2928", "2931", "2941", "2951", "2961", "2981"),
    "shanghai": ("2200", "2201"),
    "nanjing": ("2300",),
}


def parse_districts(text: str) -> tuple[str, ...]:
    """`ningbo,hangzhou` as names, in their order; raises Misused."""
    names = tuple(name.strip().lower() for name in text.split(","))
    for name in names:
        if name not in CODES:
            raise Misused(f"--districts {text}: no district {name!r} is known", f"take some of: {', '.join(CODES)}")
    if len(set(names)) < len(names):
        raise Misused(f"--districts {text} names one twice", "name each once")
    return names
