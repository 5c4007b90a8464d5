"""Write the test vectors of every room.

`tests/generate/<room>/<topic>.py` makes `tests/vectors/<room>/<topic>-<name>.json`:

    python tests/generate/write.py

A topic is a short program with a function `cases()` that yields (name, case): one fault a
case, and the stage and code at which a reader must catch it (null where there is no fault).
A test makes all of them again and compares.
"""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
VECTORS = HERE.parent / "vectors"


def vectors(room: str) -> Iterator[tuple[Path, str]]:
    """Yield path and text of each vector of `room`."""
    for program in sorted((HERE / room).glob("*.py")):
        for name, case in runpy.run_path(str(program))["cases"]():
            path = VECTORS / room / f"{program.stem.replace('_', '-')}-{name}.json"
            yield path, json.dumps(case, indent=1, ensure_ascii=True) + "\n"


def main() -> None:
    """Write the vectors of every room that has a program here."""
    for room in sorted(path.name for path in HERE.iterdir() if path.is_dir()):
        if room.startswith("__"):
            continue
        for path, text in vectors(room):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
