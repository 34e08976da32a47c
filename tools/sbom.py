"""Writes the bill of materials of what a district runs on (CycloneDX), and the page of its licences.

python tools/sbom.py bill FOLDER     FOLDER/tongguan.cdx.json, from a clean environment with runtime's locked packages
python tools/sbom.py licences        docs/licences.md, from the packages installed here
"""

import json
import re
import subprocess
import sys
from email.message import Message
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import cast

ROOT = Path(__file__).resolve().parents[1]
LOCKS, PAGE = ROOT / "requirements", ROOT / "docs" / "licences.md"
UV = Path(sys.executable).with_name("uv")
# Classifiers of packages that state no expression, and free texts, as SPDX says them.
SPDX = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
    "License :: Public Domain": "LicenseRef-Public-Domain",
    "Public Domain": "LicenseRef-Public-Domain",
    "3-Clause BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "PSFL": "PSF-2.0",
}
HEAD = """# Licences

What a district runs on, as locked in `requirements/runtime.txt`: made by `make licences` from the packages' metadata.
None of it is committed here. `make sbom` writes the whole bill of materials (CycloneDX, with hashes and dependencies).

| Package | Licence |
|---|---|
"""


def locked() -> list[str]:
    """Names of the packages that a district runs on."""
    lines = (LOCKS / "runtime.txt").read_text().splitlines()
    return [match[1] for line in lines if (match := re.match(r"([A-Za-z0-9._-]+)(\[[^]]*\])?==", line))]


def licence(about: Message) -> str:
    """As SPDX says it; raises ValueError where a package's metadata say nothing that is known."""
    stated = about.get("License-Expression") or ""
    if stated:
        return stated
    plain = (about.get("License") or "").strip()
    for said in (plain, *(about.get_all("Classifier") or ())):
        if said in SPDX:
            return SPDX[said]
    if plain in SPDX.values():
        return plain
    raise ValueError(f"{about['Name']} states no licence that is known")


def page() -> str:
    """The page of licences. What only other platforms need is not installed here, and is left out."""
    rows = []
    for name in locked():
        try:
            rows.append(f"| {name} | {licence(cast(Message, metadata(name)))} |\n")
        except PackageNotFoundError:
            continue
    return HEAD + "".join(rows)


def environment(folder: Path, *wanted: str) -> Path:
    """A clean environment; gives its bin folder."""
    subprocess.run([UV, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
    install: list[str | Path] = [UV, "pip", "install", "--quiet", "--no-build", "--python", folder / "bin" / "python"]
    subprocess.run([*install, *wanted], check=True, cwd=ROOT)
    return folder / "bin"


def bill(folder: Path) -> Path:
    """Writes the bill of materials and returns its file."""
    tool = environment(folder / "tool", "--require-hashes", "-r", "requirements/sbom.txt")
    runtime = environment(folder / "runtime", "--require-hashes", "-r", "requirements/runtime.txt")
    written = folder / "tongguan.cdx.json"
    command: list[str | Path] = [
        tool / "cyclonedx-py",
        "environment",
        "--output-reproducible",
        "--output-format",
        "JSON",
    ]
    subprocess.run([*command, "--output-file", written, runtime / "python"], check=True, capture_output=True)
    return written


def main(arguments: list[str]) -> None:
    match arguments:
        case ["bill", folder]:
            written = bill(Path(folder).resolve())
            parts = json.loads(written.read_text())["components"]
            print(f"{written.name}: {len(parts)} packages")
        case ["licences"]:
            PAGE.write_text(page())
            print(PAGE.relative_to(ROOT))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
