"""Sum what callgrind counted by source file: instructions of one operation.

    python csrc/tests/profile.py PROGRAM OPERATION...

PROGRAM is profile.c, built. Code that was inlined counts for the file that it stands in.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter

_ROW = re.compile(r"\s*([\d,]+)\s+\([^)]*\)\s+(\S+?):\S+")
_MOST = 7


def count(program: str, operation: str) -> Counter[str]:
    """Return the instructions of one `operation`, by the name of the source file."""
    with tempfile.TemporaryDirectory() as folder:
        counted = os.path.join(folder, "counted")
        subprocess.run(
            (
                "valgrind",
                "-q",
                "--tool=callgrind",
                "--toggle-collect=measured",
                f"--callgrind-out-file={counted}",
                program,
                operation,
            ),
            check=True,
        )
        told = subprocess.run(
            ("callgrind_annotate", "--threshold=100", counted),
            check=True,
            capture_output=True,
            text=True,
        )
    found: Counter[str] = Counter()
    for row in map(_ROW.match, told.stdout.splitlines()):
        if row is not None:
            found[os.path.basename(row[2])] += int(row[1].replace(",", ""))
    return found


def main(program: str, *operations: str) -> None:
    """Print a line for each operation."""
    for operation in operations:
        found = count(program, operation)
        parts = ", ".join(f"{name} {number:,}" for name, number in found.most_common(_MOST))
        print(f"{operation:18}{found.total():>10,}  {parts}")


if __name__ == "__main__":
    main(*sys.argv[1:])
