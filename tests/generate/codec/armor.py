"""Armor (docs/spec/encoding.md section 3): one block, what mail does to it, and what harms it.

The block is made here a second time, from the specification and not from the code.
"""

from __future__ import annotations

from base64 import b64encode
from binascii import crc32
from collections.abc import Iterator

DATA = bytes(range(200))


def armored(data: bytes, label: str = "REQUEST") -> list[str]:
    """Return the lines of the block of `data`."""
    whole = data + crc32(data).to_bytes(4, "big")
    parts = [whole[at : at + 45] for at in range(0, len(whole), 45)]
    lines = [f"-----BEGIN HWLOCK {label}-----"]
    for number, part in enumerate(parts, 1):
        place = number + (0x80000000 if number == len(parts) else 0)
        check = crc32(place.to_bytes(4, "big") + part) % 2**24
        chars = b64encode(part).rstrip(b"=") + b64encode(check.to_bytes(3, "big"))
        lines.append(chars.decode())
    return [*lines, f"-----END HWLOCK {label}-----"]


LINES = armored(DATA)
BEGIN, BODY, END = LINES[0], LINES[1:-1], LINES[-1]
TEXT = "\n".join(LINES) + "\n"
OTHER = armored(DATA[::-1])

FORGIVEN = {
    "plain": (TEXT, "as it was written"),
    "crlf": (TEXT.replace("\n", "\r\n"), "line ends of Windows"),
    "cr": (TEXT.replace("\n", "\r"), "line ends of an old Macintosh"),
    "joined": (" ".join(LINES), "all in one line"),
    "joined-tight": ("".join(LINES), "all in one line, without white space"),
    "rewrapped": (
        "\n".join(TEXT.replace("\n", "")[at : at + 37] for at in range(0, len(TEXT), 37)),
        "other line breaks, inside BEGIN and END too",
    ),
    "indented": ("".join(f"\t  {line}  \n" for line in LINES), "white space at both ends"),
    "spaced": (" ".join(TEXT), "a space after each character"),
    "nbsp": (TEXT.replace(" ", "\u00a0").replace("\n", "\u00a0\n"), "no-break spaces"),
    "zero-width": (
        "\ufeff" + TEXT.replace("Q", "Q\u200b"),
        "a mark in front, and zero-width spaces",
    ),
    "quoted": ("".join(f"> {line}\n" for line in LINES), "quoted in an answer"),
    "quoted-twice": ("".join(f">  > >{line}\n" for line in LINES), "quoted again and again"),
    "quoted-joined": ("".join(f"> {line} " for line in LINES), "quoted, then joined"),
    "quoted-html": ("".join(f"&gt;&nbsp;{line}\n" for line in LINES), "quoted as HTML"),
    "text-around": (f"Dear Sir,\n\n{TEXT}\n-- \nJane\n", "a letter around it"),
    "dash-en": (TEXT.replace("--", "\u2013"), "pairs of dashes made one en dash"),
    "dash-em": (TEXT.replace("-----", "\u2014"), "all dashes made one em dash"),
    "dash-one": (TEXT.replace("-----", "-"), "four dashes of five lost"),
    "lower-case": (
        "\n".join([BEGIN.lower(), *BODY, END.capitalize()]),
        "BEGIN and END in other letters",
    ),
    "quoted-printable": (
        TEXT.replace("-", "=2D").replace("A", "A=\r\n").replace("+", "=2B"),
        "escaped characters and soft line breaks",
    ),
    "twice": (TEXT + "On Monday you wrote:\n> " + "\n> ".join(LINES), "the same block, quoted"),
    "other-kind-too": (
        "\n".join(armored(b"another", "LICENSE")) + "\n" + TEXT,
        "a block of another kind next to the one that is wanted",
    ),
}


def lines(*body: str) -> str:
    """Return a block with these lines."""
    return "\n".join([BEGIN, *body, END])


ONE, TWO, THREE, FOUR, FIVE = BODY

HARMED = {
    "nothing": ("", "NONE", None, "an empty text"),
    "no-block": ("Please find the request attached.", "NONE", None, "only a letter"),
    "no-begin": ("\n".join([*BODY, END]), "BEGIN", None, "the first line was not copied"),
    "no-end": ("\n".join([BEGIN, *BODY]), "END", None, "the last line was not copied"),
    "end-of-another": (
        TEXT.replace("END HWLOCK REQUEST", "END HWLOCK LICENSE"),
        "END",
        None,
        "the END of a block of another kind",
    ),
    "begin-begin": ("\n".join([BEGIN, ONE, *LINES]), "SEVERAL", None, "one block in another"),
    "several": (TEXT + "\n".join(OTHER), "SEVERAL", None, "two different requests"),
    "other-kind": (
        "\n".join(armored(DATA, "LICENSE")),
        "LABEL",
        None,
        "a license, where a request is wanted",
    ),
    "no-lines": (lines(), "EMPTY", None, "BEGIN and END with nothing between"),
    "changed": (
        lines(ONE, TWO, THREE.replace("b", "c", 1), FOUR, FIVE),
        "LINE",
        3,
        "a character changed",
    ),
    "changed-case": (lines(ONE, TWO.lower(), THREE, FOUR, FIVE), "LINE", 2, "a line in lower case"),
    "lost-character": (
        lines(ONE, TWO[:9] + TWO[10:], THREE, FOUR, FIVE),
        "LINE",
        2,
        "a character lost, so that all later ones stand elsewhere",
    ),
    "added-character": (
        lines(ONE, TWO[:9] + "A" + TWO[9:], THREE, FOUR, FIVE),
        "LINE",
        2,
        "a character added",
    ),
    "check-changed": (
        lines(ONE, TWO, THREE, FOUR[:-1] + "_", FIVE),
        "LINE",
        4,
        "a character of the check made one that does not count",
    ),
    "last-shortened": (
        lines(ONE, TWO, THREE, FOUR, FIVE[:-1]),
        "LINE",
        5,
        "the last line lacks its last character",
    ),
    "first-missing": (lines(TWO, THREE, FOUR, FIVE), "MISSING", 1, "the first line lost"),
    "middle-missing": (lines(ONE, FOUR, FIVE), "MISSING", 2, "two lines lost"),
    "before-last-missing": (lines(ONE, TWO, THREE, FIVE), "MISSING", 4, "a line lost"),
    "last-missing": (lines(ONE, TWO, THREE, FOUR), "CUT", 4, "the last line lost"),
    "exchanged": (lines(ONE, THREE, TWO, FOUR, FIVE), "ORDER", 2, "two lines exchanged"),
    "repeated": (lines(ONE, TWO, TWO, THREE, FOUR, FIVE), "ORDER", 3, "a line stands there twice"),
    "mixed": (
        lines(ONE, OTHER[2], THREE, FOUR, FIVE),
        "MIXED",
        None,
        "the second line of another request",
    ),
    "kind-unknown": (
        "\n".join(armored(DATA, "LEASE")),
        "LABEL",
        None,
        "a kind of block that there is not",
    ),
}


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the vectors; a request is wanted in all of them."""
    for name, (text, comment) in FORGIVEN.items():
        yield (
            name,
            {
                "comment": comment,
                "read": "armor",
                "stage": None,
                "code": None,
                "text": text,
                "data": DATA.hex(),
            },
        )
    for name, (text, fault, line, comment) in HARMED.items():
        yield (
            name,
            {
                "comment": comment,
                "read": "armor",
                "stage": "armor",
                "code": f"HWL-ARMOR-{fault}",
                "line": line,
                "text": text,
            },
        )
