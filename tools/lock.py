"""Writes requirements/*.txt: every package by version and hash, no addresses, for every platform.

python tools/lock.py [--upgrade]     without --upgrade, versions already locked stay
"""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ROOT / "requirements"
DISTRIBUTIONS = ("contract", "kit", "services/*", "gateway", "cli")
UV = (str(Path(sys.executable).parent / "uv"), "pip", "compile", "--quiet", "--universal", "--python-version=3.11")
FORM = ("--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header", "--no-strip-extras")


def declared(*groups: str) -> list[str]:
    """What the distributions ask of others, at run time and for the named extras."""
    wanted: set[str] = set()
    for folder in (path for pattern in DISTRIBUTIONS for path in ROOT.glob(pattern)):
        project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
        wanted.update(project.get("dependencies", ()))
        for group in groups:
            wanted.update(project.get("optional-dependencies", {}).get(group, ()))
    return sorted(line for line in wanted if not line.startswith("tongguan"))


def lock(name: str, wanted: str, *options: str) -> None:
    subprocess.run(
        [*UV, *FORM, *options, f"--output-file={LOCKS / name}.txt", "-"], input=wanted, text=True, check=True, cwd=ROOT
    )
    print(f"requirements/{name}.txt")


def main(options: list[str]) -> None:
    lock("bootstrap", (LOCKS / "bootstrap.in").read_text(), *options)
    lock("runtime", "\n".join(declared()), *options)
    same = [f"--constraint={LOCKS / 'runtime.txt'}"]
    lock("build", (LOCKS / "build.in").read_text(), *same, *options)
    same.append(f"--constraint={LOCKS / 'build.txt'}")
    tools = (LOCKS / "test.in").read_text()
    backend = (LOCKS / "build.in").read_text()
    lock("test", "\n".join([*declared("test"), backend, tools]), *same, *options)
    lock("sbom", (LOCKS / "sbom.in").read_text(), *options)


if __name__ == "__main__":
    main(sys.argv[1:])
