"""Whatever gathers is bounded: no queue and no pool of threads is made without saying how long it may grow."""

import ast
from collections.abc import Iterator

import pytest
from source_law import SOURCES, modules

# How many arguments say the bound: its name, or its place among the arguments.
BOUND_BY = {"Queue": ("maxsize", 0), "LifoQueue": ("maxsize", 0), "PriorityQueue": ("maxsize", 0)}
BOUND_BY |= {"deque": ("maxlen", 1), "ThreadPoolExecutor": ("max_workers", 0)}
NEVER = ("SimpleQueue",)
# These say elsewhere how much they hold.
BOUNDED = {
    "agencykit/telemetry/background.py": "`limit`; what does not fit is dropped and counted",
    "agencykit/storage/together.py": "an entry for each call in work: max_in_flight",
    "gateway/domain/turns.py": "what the queue before convoys lets in: queue_items, queue_bytes",
}


def unbounded(source: str) -> Iterator[str]:
    """Where a source makes something that may grow for ever, as `line: name`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == "default_factory" and _name(node.value) in BOUND_BY:
            yield f"{node.value.lineno}: {_name(node.value)}"
        if not isinstance(node, ast.Call):
            continue
        name = _name(node.func)
        if name in NEVER or (name in BOUND_BY and not _says(node, *BOUND_BY[name])):
            yield f"{node.lineno}: {name}"


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _says(call: ast.Call, keyword: str, place: int) -> bool:
    given = [each.value for each in call.keywords if each.arg == keyword] or call.args[place : place + 1]
    return bool(given) and not (isinstance(given[0], ast.Constant) and given[0].value in (None, 0))


@pytest.mark.parametrize("package", SOURCES)
def test_no_queue_and_no_pool_grows_for_ever(package: str) -> None:
    found = {f"{package}/{name}": list(unbounded(path.read_text())) for name, path in modules(package)}
    assert {name for name, lines in found.items() if lines} == {
        name for name in BOUNDED if name.startswith(f"{package}/")
    }


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("import asyncio\nq = asyncio.Queue()", ["2: Queue"]),
        ("import queue\nq = queue.Queue(0)", ["2: Queue"]),
        ("from queue import SimpleQueue\nq = SimpleQueue()", ["2: SimpleQueue"]),
        ("from collections import deque\nq: deque[int] = deque([1])", ["2: deque"]),
        ("q: deque[int] = field(default_factory=deque)", ["1: deque"]),
        ("pool = ThreadPoolExecutor(thread_name_prefix='reader')", ["1: ThreadPoolExecutor"]),
        ("q = asyncio.Queue(4)\nd = deque(maxlen=3)\np = ThreadPoolExecutor(2)\ne = deque([], 5)", []),
    ],
)
def test_what_grows_for_ever_is_noticed(source: str, line: list[str]) -> None:
    assert list(unbounded(source)) == line
