"""Reads Python sources for what they import and call, so that the house's law can be tested on them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AGENCIES = ("customs", "inspection", "border", "port")
SOURCES = {
    "agencykit": ROOT / "kit" / "src",
    **{name: ROOT / "services" / name / "src" for name in AGENCIES},
    "gateway": ROOT / "gateway" / "src",
    "tongguan": ROOT / "cli" / "src",
}


@dataclass(frozen=True)
class Use:
    """One name that a source takes from elsewhere, in full (`datetime.datetime.now`), and where."""

    name: str
    line: int


def modules(package: str) -> Iterator[tuple[str, Path]]:
    """Every module of a package with its path inside the package (`rpc/assess.py`)."""
    folder = SOURCES[package] / package
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(folder).as_posix(), path


def imports(source: str) -> Iterator[Use]:
    """What a source imports, wherever in it the import stands; relative imports are the package's own."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Use(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (Use(f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def uses(source: str) -> Iterator[Use]:
    """What a source imports and every attribute chain that begins at an imported name.

    An attribute of whatever else is given as `*.attribute`, for names that betray themselves (`*.run_in_executor`).
    """
    tree = ast.parse(source)
    yield from imports(source)
    known = _bound_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield Use(f"*.{node.attr}", node.lineno)
            if (chain := _chain(node)) and chain[0] in known:
                yield Use(".".join((known[chain[0]], *chain[1:])), node.lineno)


def _bound_names(tree: ast.AST) -> dict[str, str]:
    """Which local name stands for which imported one."""
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                bound[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module:
            bound.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return bound


def _chain(node: ast.Attribute) -> tuple[str, ...]:
    """`a.b.c` as its names; empty when it does not begin at a plain name."""
    names = [node.attr]
    inner = node.value
    while isinstance(inner, ast.Attribute):
        names.append(inner.attr)
        inner = inner.value
    return (inner.id, *reversed(names)) if isinstance(inner, ast.Name) else ()


def within(name: str, *roots: str) -> bool:
    """Whether a full name is one of `roots` or lies below one."""
    return any(name == root or name.startswith(f"{root}.") for root in roots)
