"""Where things lie in a state folder, and which state folder is meant."""

from dataclasses import dataclass
from pathlib import Path

from tongguan.stack.districts import CODES

AGENCIES = ("customs", "inspection", "border", "port")
GATEWAY = "gateway"
SERVICES = (*AGENCIES, GATEWAY)
# The server that `up --database postgresql` brings along.
POSTGRES = "postgres"
DISTRICT = "ningbo"
DEFAULT_STATE = Path(".tongguan")
# Names the newest run's own folder inside a state folder, so that commands find it without --state.
LATEST = "latest"
# Names the districts that `up --districts` keeps in folders of their own inside a state folder, the first one first.
DISTRICTS = "districts"
# Names the partners that a run keeps in folders of their own inside its state folder.
PARTNERS = "partners"


def replica_names(service: str, count: int) -> tuple[str, ...]:
    """`gateway`, `gateway-2`, `gateway-3`: each a process with settings, log and port of its own."""
    return (service, *(f"{service}-{number}" for number in range(2, count + 1)))


def service_of(replica: str) -> str:
    """`gateway` of `gateway-2`."""
    return replica.partition("-")[0]


def number_of(replica: str) -> str:
    """`2` of `gateway-2`, `1` of `gateway`: what the replica calls itself in logs and leases."""
    return replica.partition("-")[2] or "1"


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one district's state folder. All paths are absolute."""

    folder: Path
    district: str = DISTRICT

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

    @property
    def bundle(self) -> Path:
        """The district's trust bundle, which partners are given."""
        return self.certificates / "bundle.json"

    @property
    def postgres(self) -> Path:
        """The folder of the stack's own PostgreSQL."""
        return self.folder / POSTGRES

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


def layouts_inside(state: Path, named_in: str = DISTRICTS) -> list[Layout]:
    """Of the districts that were started together on this state folder; empty where it is one district's own."""
    folder = state.absolute()
    try:
        names = (folder / named_in).read_text("utf-8").split()
    except (OSError, UnicodeDecodeError):
        # There is none. What is called so in the folder around a state folder may be anybody's.
        return []
    return [Layout(folder / name, name) for name in names if name in CODES]


def own_layout(state: Path) -> Layout:
    """Of this very state folder; of several districts in it the first one's."""
    folder = state.absolute()
    around = layouts_inside(folder.parent) + layouts_inside(folder.parent, PARTNERS)
    beside = [layout for layout in around if layout.folder == folder]
    return next(iter(layouts_inside(folder) or beside), Layout(folder))


def together(layout: Layout) -> list[Layout]:
    """All districts that were started together with this one, itself first: a trace may run through several."""
    folder = layout.folder
    inside, around = layouts_inside(folder, PARTNERS), layouts_inside(folder.parent)
    partners = layouts_inside(folder.parent, PARTNERS)
    first = [Layout(folder.parent)] if partners else []
    others = [each for each in (*first, *partners, *around, *inside) if each.folder != folder]
    return [layout, *others]


def layout_of(state: Path) -> Layout:
    """The state folder meant: itself, or the newest run's inside it where it holds no district of its own."""
    folder = state.absolute()
    latest = folder / LATEST
    if not (folder / "endpoints.json").exists() and latest.is_file():
        return Layout(folder / latest.read_text("utf-8").strip())
    return own_layout(folder)
