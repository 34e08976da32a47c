"""No committed file knows the machine it was written on, nor from where packages were fetched."""

import re
import subprocess

import pytest
from source_law import ROOT

CREDENTIALS = "credentials in an address"
PLACES = {
    "a folder of one machine": r"(?<![\w.$}~-])/(?:work|root|home|Users)/\w|file:///(?!etc/)\w",
    "a package registry's address": r"https?://[^\s/]*(?:pypi|pythonhosted|registry|npmjs|mirror|proxy|artifact)",
    "an address of one network": r"(?<![\d.])(?:10\.\d+|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+\.\d+(?![\d.])",
    CREDENTIALS: r"\w+://[^\s/:@$<{]+:[^\s/@$<{]+@",
}


def local(text: str) -> list[str]:
    """What in a text belongs to one machine, each as `line: kind: match`."""
    return [
        f"{number}: {kind}: {match.group()}"
        for number, line in enumerate(text.splitlines(), start=1)
        for kind, pattern in PLACES.items()
        if (match := re.search(pattern, line))
    ]


def committed() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name]


def test_no_committed_file_knows_this_machine() -> None:
    texts = {name: (ROOT / name).read_bytes() for name in committed() if (ROOT / name).is_file()}
    readable = {name: text.decode(errors="replace") for name, text in texts.items() if b"\0" not in text}
    found = {name: local(text) for name, text in readable.items()}
    # tests make up credentials to show that they are not told
    found = {name: [one for one in of if "tests/" not in name or CREDENTIALS not in one] for name, of in found.items()}
    assert {name: of for name, of in found.items() if of} == {}


def test_locks_hold_hashes_and_no_addresses() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        packages = re.split(r"\n(?=\S)", lock.read_text().strip())
        assert all("--hash=sha256:" in package for package in packages), lock.name
        assert "://" not in lock.read_text(), lock.name


# The dots keep these lines from being what they show: this file is searched like any other.
@pytest.mark.parametrize(
    "line",
    [
        "path = '/·home/somebody/code'",
        "see /·root/notes",
        "--index-·url http·s:/·/py·pi.example.org/simple",
        "npm set http·s:/·/npm.regis·try.example/",
        "connect to 192.·168.1.7:5000",
        "postgresql:/·/user:secret@database/customs",
    ],
)
def test_each_kind_of_trace_is_noticed(line: str) -> None:
    assert local(line.replace("·", ""))


@pytest.mark.parametrize("line", ["services/customs/src", "https://www.w3.org/2001/XMLSchema", "127.0.0.1:7001"])
def test_what_belongs_nowhere_is_left_alone(line: str) -> None:
    assert local(line) == []
