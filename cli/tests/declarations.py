"""A declaration changed in places, and what the converter tells of it."""

from tongguan.convert.report import Report


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """The text with each first occurrence replaced; every one must be there."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def notes(report: Report, field: str) -> list[str]:
    return [note.note for note in (*report.assumed, *report.altered) if note.field == field]


def reason(report: Report, path: str) -> str:
    [found] = [entry.reason for entry in report.not_carried if entry.path == path]
    return found
