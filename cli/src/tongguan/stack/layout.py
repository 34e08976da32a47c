"""Where things lie in a state folder, and which state folder is meant."""

from dataclasses import dataclass
from pathlib import Path

AGENCIES = ("customs", "inspection", "border", "port")
GATEWAY = "gateway"
SERVICES = (*AGENCIES, GATEWAY)
DISTRICT = "ningbo"
DEFAULT_STATE = Path(".tongguan")
# Names the newest run's own folder inside a state folder, so that commands find it without --state.
LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one state folder. All paths are absolute."""

    folder: Path

    @property
    def endpoints(self) -> Path:
        return self.folder / "endpoints.json"

    @property
    def lock(self) -> Path:
        """Held by `up` as long as it runs; holds its process id."""
        return self.folder / "up.lock"

    @property
    def control(self) -> Path:
        """Held by whoever starts or stops services just now."""
        return self.folder / "control.lock"

    @property
    def certificates(self) -> Path:
        return self.folder / "pki"

    def configuration(self, service: str) -> Path:
        return self.folder / "config" / f"{service}.toml"

    def database(self, service: str) -> Path:
        return self.folder / "data" / f"{service}.db"

    def spans(self, service: str) -> Path:
        return self.folder / "spans" / f"{service}.db"

    def log(self, service: str) -> Path:
        return self.folder / "log" / f"{service}.log"

    def record(self, service: str) -> Path:
        """What runs as this service, for `up` and for those who act on it from another terminal."""
        return self.folder / "run" / f"{service}.json"

    def make_folders(self) -> None:
        """Makes them, closed to others: keys and databases lie in them."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("pki", "config", "data", "spans", "log", "run"):
            (self.folder / name).mkdir(exist_ok=True, mode=0o700)


def layout_of(state: Path) -> Layout:
    """The state folder meant: itself, or the newest run's inside it where it holds no district of its own."""
    folder = state.absolute()
    latest = folder / LATEST
    if not (folder / "endpoints.json").exists() and latest.is_file():
        return Layout(folder / latest.read_text("utf-8").strip())
    return Layout(folder)
