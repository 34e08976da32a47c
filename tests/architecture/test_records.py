"""Decision records can be cited by number, and their links lead somewhere."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
RECORDS = sorted((ROOT / "docs/adr").glob("*.md"))
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


def test_every_decision_record_has_a_number_of_its_own_and_says_it() -> None:
    numbers = [int(record.name[:4]) for record in RECORDS]
    assert numbers == sorted(set(numbers))
    assert [int(record.read_text("utf-8").split(".", 1)[0].removeprefix("# ")) for record in RECORDS] == numbers


def test_links_between_documents_lead_to_files() -> None:
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("*/*/README.md")]
    lost = [
        f"{document.relative_to(ROOT)}: {link}"
        for document in documents
        if ".venv" not in document.parts
        for link in LINK.findall(document.read_text("utf-8"))
        if not (document.parent / link).exists()
    ]
    assert lost == []
