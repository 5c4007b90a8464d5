"""Read the sources for every place that raises or finds something of the table.

Three ways of naming a code are understood: a literal first argument; a choice of literals
(`"HWL-A" if … else "HWL-B"`, `CODES.get(number, "HWL-A")`, also through a local name); and a
function that puts a family's prefix before the fault it is given (`f"HWL-CBOR-{fault}"`),
called with literals.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

import hwlock

SRC = Path(hwlock.__file__).parent


class Site:
    """One place that names a code: where, by which class, with which particulars.

    `others` are the codes that it may name instead; `exact` is False where further
    particulars may come by `**`.
    """

    def __init__(
        self, where: str, codes: list[str], code: str, kind: str, names: set[str], exact: bool
    ) -> None:
        self.where = where
        self.code = code
        self.others = set(codes) - {code}
        self.kind = kind
        self.names = names
        self.exact = exact

    def __repr__(self) -> str:
        return f"{self.where}: {self.kind}({self.code!r})"


@pytest.fixture(scope="session")
def sites() -> tuple[Site, ...]:
    """Return all places in src/hwlock that name a code."""
    return tuple(site for path in sorted(SRC.rglob("*.py")) for site in sites_in(path))


def sites_in(path: Path) -> Iterator[Site]:
    """Yield the sites of one file; the table itself has none."""
    if path == SRC / "errors" / "table.py":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = path.relative_to(SRC.parent).as_posix()
    for scope in ast.walk(tree):
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _prefixing(tree, scope, name)
    for call in _calls(tree):
        yield from _sites(name, call, _codes(call.args[0], tree, call), _called(call), [call])


def _sites(
    name: str, call: ast.Call, codes: list[str], kind: str, calls: list[ast.Call]
) -> Iterator[Site]:
    keywords = [keyword for one in calls for keyword in one.keywords]
    names = {keyword.arg for keyword in keywords if keyword.arg is not None}
    exact = all(keyword.arg is not None for keyword in calls[-1].keywords)
    for code in codes:
        yield Site(f"{name}:{call.lineno}", codes, code, kind, names, exact)


def _prefixing(
    tree: ast.AST, function: ast.FunctionDef | ast.AsyncFunctionDef, name: str
) -> Iterator[Site]:
    """Yield the sites of a function that raises f"HWL-FAMILY-{fault}", one per call of it."""
    for raising in _calls(function):
        prefix = _prefix(raising.args[0])
        if prefix is None:
            continue
        for call in _calls(tree):
            if _called(call) == function.name:
                codes = [prefix + word for word in _words(call.args[0], tree, call)]
                yield from _sites(name, call, codes, _called(raising), [raising, call])


def _prefix(node: ast.expr) -> str | None:
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        text = str(node.values[0].value)
        return text if text.startswith("HWL-") else None
    return None


def _codes(node: ast.expr, tree: ast.AST, call: ast.Call) -> list[str]:
    return [word for word in _words(node, tree, call) if word.startswith("HWL-")]


def _words(node: ast.expr, tree: ast.AST, call: ast.Call) -> list[str]:
    """Return the literals that `node` may stand for at `call`; a name is followed once."""
    if isinstance(node, ast.Name):
        values = _assigned(node.id, tree, call)
        return [word for value in values for word in _literals(value, tree)]
    return _literals(node, tree)


def _literals(node: ast.expr, tree: ast.AST) -> list[str]:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.IfExp):
        return [*_literals(node.body, tree), *_literals(node.orelse, tree)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        return [*_values(node.func.value, tree), *_literals(node.args[-1], tree)]
    return []


def _values(node: ast.expr, tree: ast.AST) -> list[str]:
    """Return the literal values of the dict of this module that `node` names."""
    name = _target(node)
    for assign in ast.walk(tree):
        if isinstance(assign, ast.Assign | ast.AnnAssign) and isinstance(assign.value, ast.Dict):
            targets = assign.targets if isinstance(assign, ast.Assign) else [assign.target]
            if name in map(_target, targets):
                return [word for value in assign.value.values for word in _literals(value, tree)]
    return []


def _assigned(name: str, tree: ast.AST, call: ast.Call) -> Iterator[ast.expr]:
    """Yield what is assigned to `name` in the innermost function around `call`."""
    inside = [
        scope
        for scope in ast.walk(tree)
        if isinstance(scope, ast.FunctionDef) and any(node is call for node in ast.walk(scope))
    ]
    for node in ast.walk(inside[-1]) if inside else ():
        if isinstance(node, ast.Assign) and name in map(_target, node.targets):
            yield node.value


def _target(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


@functools.cache
def _calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""
