"""What a run puts before the district: a sample, or the declarations and files of a folder.

Both come from this command line's own `sample` and `convert`, as processes that work while the services start.
"""

import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tongguan.failures import Misused, Refused
from tongguan.stack.layout import GATEWAY, Layout

SEED = 2004


@dataclass(frozen=True, slots=True)
class Source:
    """Files of typed lines as they are, and a command that prints more of them (empty: none).

    A command that fails as a whole ends the run; `tolerant`: exit code 1 only means that some files failed.
    """

    title: str
    command: Sequence[str] = ()
    files: Sequence[Path] = ()
    tolerant: bool = False
    account: Path | None = None  # what the command tells of its work, at length

    @property
    def words(self) -> str:
        """Name of the log that takes what the command says beside its lines."""
        return self.command[0] if self.command else "input"


def choose(layout: Layout, count: int, seed: int | None, input_: Path | None, profile: Path | None) -> Source:
    """What the options ask for."""
    if input_ is not None:
        return folder(input_, profile, layout.log("conversion"))
    if profile is not None:
        raise Misused("--profile is for --input", "name a folder of declarations as well")
    if seed is None:
        # The same references with other times would be refused as reused.
        used = layout.database(GATEWAY).exists()
        seed = random.randrange(10**6) if used else SEED
    return sample(count, seed)


def sample(count: int, seed: int) -> Source:
    """A realistic sample for the port."""
    return Source(f"a sample of {count}, seed {seed}", ("sample", str(count), "--seed", str(seed)))


def folder(path: Path, profile: Path | None, report: Path) -> Source:
    """Every *.xml of a folder, converted, and every *.jsonl as it is. `report` takes the account of the conversion."""
    if not path.is_dir():
        raise Misused(f"--input {path} is not a folder", "name a folder that holds *.xml or *.jsonl")
    declarations, files = sorted(path.glob("*.xml")), sorted(path.glob("*.jsonl"))
    if not declarations and not files:
        raise Misused(f"--input {path} holds neither *.xml nor *.jsonl", "name another folder")
    command: list[str] = []
    if declarations:
        options = ["--profile", str(profile)] if profile else []
        command = ["convert", "--from", "wco-dm", *options, "--report", str(report), *map(str, declarations)]
    title = f"{len(declarations)} declarations and {len(files)} files of {path}"
    return Source(title, command, files, tolerant=True, account=report if declarations else None)


class Prepared:
    """Lines that are being made ready."""

    def __init__(self, source: Source, words: Path) -> None:
        self._source, self._words = source, words
        self.account = source.account
        self.partly_failed = False
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Starts making them."""
        if self._source.command:
            with self._words.open("wb") as words:
                command = [sys.executable, "-m", "tongguan", *self._source.command]
                self._process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=words
                )

    def lines(self) -> list[bytes]:
        """All lines, when they are ready; raises Refused when they could not be made."""
        made = self._made() if self._process else []
        return [*made, *(line for file in self._source.files for line in file.read_bytes().splitlines())]

    def _made(self) -> list[bytes]:
        assert self._process is not None
        output, _ = self._process.communicate()
        self.partly_failed = self._process.returncode != 0
        if self._process.returncode not in ((0, 1) if self._source.tolerant else (0,)):
            said = self._words.read_text("utf-8", "replace").strip().splitlines()
            verb = self._source.command[0]
            raise Refused(f"`{verb}` failed: {said[-1] if said else 'it said nothing'}", f"read {self._words}")
        return output.splitlines()

    def end(self) -> None:
        """Stops what is still at work."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


@contextmanager
def prepared(source: Source, words: Path) -> Iterator[Prepared]:
    """Makes a source's lines in the background; `words` takes what its command says beside them."""
    making = Prepared(source, words)
    making.begin()
    try:
        yield making
    finally:
        making.end()
