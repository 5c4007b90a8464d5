"""Bounds of the limbs of a field element, carried through the C that computes with them.

The functions are read from the headers of csrc/src by a parser of C, and run on intervals
instead of numbers: each variable is a range of what it can hold, loops are unrolled, calls are
followed. What must never happen is an error:

- an operation whose result does not fit into its type, in 64 or 128 bits, signed or not;
- a cast or a shift that loses bits, unless the next thing done to its value is a mask, or it is
  packed into a word `w`, whose neighbor holds the rest.

So the comments on bounds in those headers are theorems about that text, not promises. An
interval knows nothing of how two variables depend on each other: it can only be too wide.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from pycparser import c_ast, c_parser

__all__ = ["Interval", "Machine", "Overflow"]

SRC = Path(__file__).parents[2] / "csrc" / "src"

TYPES = {
    "word": (64, False),
    "uint64_t": (64, False),
    "dword": (128, False),
    "sdword": (128, True),
    "int64_t": (64, True),
    "int": (32, True),
    "unsigned": (32, False),
    "__m512i": (64, False),
}
PRELUDE = """
typedef unsigned long word; typedef unsigned long uint64_t; typedef long int64_t;
typedef unsigned long dword; typedef long sdword; typedef unsigned long __m512i;
#define IFMA_PART static
"""


class Overflow(Exception):
    """Something does not fit where it is put."""


class Interval(NamedTuple):
    """What a variable can hold, from `low` to `high`; `cut` where bits above were lost."""

    low: int
    high: int
    bits: int = 64
    signed: bool = False
    cut: bool = False


def limits(bits: int, signed: bool) -> tuple[int, int]:
    """Return the smallest and the largest number of a type."""
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)


def fit(low: int, high: int, bits: int, signed: bool, what: str) -> Interval:
    """Return the interval of a result; Overflow where its type cannot hold it."""
    least, most = limits(bits, signed)
    if low < least or high > most:
        raise Overflow(f"{what}: from {low:#x} to {high:#x} in {bits} bits")
    return Interval(low, high, bits, signed)


def cast(value: Interval, bits: int, signed: bool) -> Interval:
    """Return `value` in another type; bits that are lost are remembered."""
    least, most = limits(bits, signed)
    if least <= value.low and value.high <= most:
        return Interval(value.low, value.high, bits, signed, value.cut)
    return Interval(least, most, bits, signed, cut=True)


def lane(name: str, arguments: list[Interval]) -> Interval:
    """Return what an instruction for eight lanes makes of one of them, a number without a sign.

    The factors of a multiplication of 52 bits must have 52 bits: it would drop others.
    """
    if name == "_mm512_setzero_si512":
        return Interval(0, 0)
    if name == "all8":
        return cast(arguments[0], 64, False)
    a, b = arguments[-2:]
    if name == "_mm512_and_si512":
        return _masked(a, b, 64, False)
    if name == "_mm512_srli_epi64":
        return Interval(a.low >> b.low, a.high >> b.low)
    if name == "_mm512_add_epi64":
        return fit(a.low + b.low, a.high + b.high, 64, False, "a sum of lanes")
    if name == "_mm512_sub_epi64":
        return fit(a.low - b.high, a.high - b.low, 64, False, "a difference of lanes")
    most = a.high * b.high
    if name == "_mm512_mullo_epi64":
        return fit(a.low * b.low, most, 64, False, "a product of lanes")
    for each in (a, b):
        fit(each.low, each.high, 52, False, "a factor of 52 bits")
    if name == "_mm512_madd52hi_epu64":
        low, high = a.low * b.low >> 52, most >> 52
    else:
        assert name == "_mm512_madd52lo_epu64"
        low, high = (a.low * b.low, most) if most < 1 << 52 else (0, (1 << 52) - 1)
    total = arguments[0]
    return fit(total.low + low, total.high + high, 64, False, "a sum of products of lanes")


class Machine:
    """The functions of headers of csrc/src, ready to be called with intervals."""

    def __init__(self, *headers: str) -> None:
        command = ["gcc", "-E", "-P", "-undef", "-x", "c", "-"]
        text = "\n".join((SRC / header).read_text() for header in headers)
        text = re.sub(r"#include[^\n]*", "", text)
        text = PRELUDE + text.replace("UINT64_C(", "(")
        made = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        tree = c_parser.CParser().parse(made.stdout.replace("inline", ""))
        self.functions = {
            each.decl.name: each for each in tree.ext if isinstance(each, c_ast.FuncDef)
        }

    def call(self, name: str, *arguments: Any) -> Any:
        """Run a function; arguments and result are intervals, or dicts and lists of them."""
        function = self.functions[name]
        names = [each.name for each in function.decl.type.args.params]
        scope = dict(zip(names, map(copy, arguments), strict=True))
        for parameter in function.decl.type.args.params:  # arrays are the caller's
            if isinstance(parameter.type, c_ast.ArrayDecl | c_ast.PtrDecl):
                scope[parameter.name] = arguments[names.index(parameter.name)]
        return _Run(self, scope).block(function.body)


def copy(value: Any) -> Any:
    """Return a struct as C passes it: by value."""
    if isinstance(value, dict):
        return {key: copy(each) for key, each in value.items()}
    return [copy(each) for each in value] if isinstance(value, list) else value


class _Return(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


class _Run:
    """One call: its variables, and what each construct of C does to them."""

    def __init__(self, machine: Machine, scope: dict[str, Any]) -> None:
        self.machine = machine
        self.scope = scope

    def block(self, body: c_ast.Compound) -> Any:
        try:
            self.do(body)
        except _Return as done:
            return done.value
        return None

    def do(self, node: Any) -> None:
        kind = type(node).__name__
        if kind == "Compound":
            for each in node.block_items or ():
                self.do(each)
        elif kind == "Decl":
            self.scope[node.name] = self.declared(node)
        elif kind == "DeclList":
            for each in node.decls:
                self.do(each)
        elif kind == "For":
            self.do(node.init)
            while self.value(node.cond).high:
                self.do(node.stmt)
                self.value(node.next)
        elif kind == "DoWhile":
            self.do(node.stmt)
        elif kind == "Return":
            raise _Return(copy(self.value(node.expr)))
        else:
            self.value(node)

    def declared(self, node: Any) -> Any:
        name = _type_of(node.type)
        if node.init is None:
            structs = ("fe", "fp", "fp_wide", "fe8", "wide8")
            return {"limb": {}, "column": {}} if name in structs else {}
        value = self.value(node.init)
        if isinstance(value, list):  # {{a, b, …}}: the one member of a struct
            member = "column" if name == "fp_wide" else "limb"
            bits, signed = (128, True) if member == "column" else (64, name == "fp")
            return {member: [_stored(cast(each, bits, signed), "a limb") for each in value[0]]}
        if isinstance(value, Interval) and name in TYPES:
            return _stored(cast(value, *TYPES[name]), node.name)
        return copy(value)

    def value(self, node: Any) -> Any:
        return getattr(self, type(node).__name__)(node)

    def Constant(self, node: Any) -> Interval:
        number = int(node.value.rstrip("uUlL"), 0)
        return Interval(number, number, 32 if number < 1 << 31 else 64, number < 1 << 63)

    def ID(self, node: Any) -> Any:
        return self.scope[node.name]

    def InitList(self, node: Any) -> list[Any]:
        return [self.value(each) for each in node.exprs]

    def StructRef(self, node: Any) -> Any:
        return self.value(node.name)[node.field.name]

    def ArrayRef(self, node: Any) -> Any:
        return self.value(node.name)[self.value(node.subscript).low]

    def Cast(self, node: Any) -> Interval:
        return cast(self.value(node.expr), *TYPES[_type_of(node.to_type)])

    def ExprList(self, node: Any) -> Any:
        return [self.value(each) for each in node.exprs]

    def FuncCall(self, node: Any) -> Any:
        arguments = [self.value(each) for each in node.args.exprs] if node.args else []
        name = node.name.name
        if name.startswith("_mm512_") or name == "all8":
            return lane(name, arguments)
        if name == "ct_hide":
            return arguments[0]
        if name == "ct_mask":
            assert arguments[0].low >= 0 and arguments[0].high <= 1
            return Interval(0, (1 << 64) - 1, 64, False, cut=True)
        return self.machine.call(name, *arguments)

    def UnaryOp(self, node: Any) -> Any:
        if node.op == "&":
            return self.value(node.expr)
        if node.op in ("p++", "++"):
            return self.assign(node.expr, self.operate("+", self.value(node.expr), _one()))
        value = self.value(node.expr)
        assert node.op == "-"
        return fit(-value.high, -value.low, value.bits, True, "a negation")

    def Assignment(self, node: Any) -> Any:
        value = self.value(node.rvalue)
        if node.op != "=":
            value = self.operate(node.op[:-1], self.value(node.lvalue), value)
        return self.assign(node.lvalue, value)

    def assign(self, target: Any, value: Any) -> Any:
        if isinstance(target, c_ast.ID):
            old = self.scope.get(target.name)
            if isinstance(old, Interval):
                value = _stored(cast(value, old.bits, old.signed), target.name)
            self.scope[target.name] = copy(value)
            return value
        assert isinstance(target, c_ast.ArrayRef)
        place = self.value(target.subscript).low
        into = self.value(target.name)
        known = isinstance(into, list) or place in into
        if known:
            old = into[place]
            value = cast(value, old.bits, old.signed)
        packed = isinstance(target.name, c_ast.ID) and target.name.name == "w"
        into[place] = value if packed else _stored(value, "an element")
        return value

    def TernaryOp(self, node: Any) -> Any:
        return self.value(node.iftrue if self.value(node.cond).low else node.iffalse)

    def BinaryOp(self, node: Any) -> Interval:
        return self.operate(node.op, self.value(node.left), self.value(node.right))

    def operate(self, op: str, a: Interval, b: Interval) -> Interval:
        if op == "==":
            assert a.low == a.high and b.low == b.high
            return Interval(int(a.low == b.low), int(a.low == b.low), 32, True)
        if op == "<" or op == ">":
            low = a.high < b.low if op == "<" else a.low > b.high
            high = a.low < b.high if op == "<" else a.high > b.low
            return Interval(int(low), int(high), 32, True)
        if op in ("<<", ">>"):
            return self.shift(op, a, b)
        bits = max(a.bits, b.bits, 32)
        signed = all(each.signed for each in (a, b) if each.bits == bits)
        a, b = cast(a, bits, signed), cast(b, bits, signed)
        if op == "&":
            return _masked(a, b, bits, signed)
        if op in ("|", "^"):
            return _joined(a, b, bits, signed)
        for each in (a, b):
            _stored(each, "an operand")
        if op == "+":
            return fit(a.low + b.low, a.high + b.high, bits, signed, "a sum")
        if op == "-":
            return fit(a.low - b.high, a.high - b.low, bits, signed, "a difference")
        assert op == "*"
        corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
        return fit(min(corners), max(corners), bits, signed, "a product")

    def shift(self, op: str, a: Interval, b: Interval) -> Interval:
        assert b.low == b.high and 0 <= b.low < a.bits
        if op == ">>":
            _stored(a, "what is shifted right")
            return Interval(a.low >> b.low, a.high >> b.low, a.bits, a.signed)
        if a.signed:
            return fit(a.low << b.low, a.high << b.low, a.bits, True, "a shift")
        return cast(Interval(a.low << b.low, a.high << b.low, 256), a.bits, False)


def _one() -> Interval:
    return Interval(1, 1, 32, True)


def _type_of(node: Any) -> str:
    while not isinstance(node, c_ast.IdentifierType):
        node = node.type
    return str(node.names[-1])


def _stored(value: Interval, what: str) -> Interval:
    """Return `value` if nothing of it was lost on the way."""
    if value.cut:
        raise Overflow(f"{what} lost bits, and no mask says that it may")
    return value


def _masked(a: Interval, b: Interval, bits: int, signed: bool) -> Interval:
    masks = [each for each in (a, b) if each.low == each.high >= 0]
    if not masks:  # a mask of all ones or all zeros that is computed
        kept = b if a.cut else a
        return Interval(0, _stored(kept, "what a mask chooses").high, bits, signed)
    mask = min(each.high for each in masks)
    other = b if masks[0] is a else a
    whole = not other.cut and other.low >= 0 and other.high <= mask
    low, high = (other.low, other.high) if whole and mask & mask + 1 == 0 else (0, mask)
    return Interval(low, high, bits, signed)


def _joined(a: Interval, b: Interval, bits: int, signed: bool) -> Interval:
    assert min(a.low, b.low) >= 0
    most = (1 << max(a.high.bit_length(), b.high.bit_length())) - 1
    return Interval(0, most, bits, signed, a.cut or b.cut)
