"""The sequences that must survive a crash, for tests that stop them; also a program.

`python sequences.py SEQUENCE PREPARED OUT` copies the prepared root once for each step of
the sequence, runs it there in a process of its own, and kills that process at the step.
It prints the number of processes that were killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hwlock.store.product_store import Enrollment, ProductStore
from hwlock.testing.disk import Step, SteppedDisk

if TYPE_CHECKING:
    from collections.abc import Callable

    from hwlock.store.disk import Disk

PRODUCT = "acme-cad"
REQUEST = "00112233aabbccdd"
LICENSE = "0123456789abcdef0123456789abcdef"
BEFORE, AFTER = b"state before", b"state after" * 20
BYTES, OLD_BYTES = b"license" * 40, b"an older license of the same id"


def prepare_nothing(root: str) -> None:
    """Leave the machine as new."""


def ask(root: str, disk: Disk | None = None) -> None:
    """Ask for a license: product, enrollment, state, then the pending request."""
    with ProductStore(root, PRODUCT, disk=disk).locked() as kept:
        kept.put_product(b"product")
        kept.put_enrollment("tpm2", Enrollment(uri="tpm2:", record=b"keys"))
        kept.put_state(BEFORE)
        kept.put_pending(REQUEST, b"request")


def prepare_renewal(root: str) -> None:
    """Have an older license of the same id, and a request that waits."""
    ask(root)
    with ProductStore(root, PRODUCT).locked() as kept:
        kept.put_license(LICENSE, OLD_BYTES)


def activate(root: str, disk: Disk | None = None) -> None:
    """Turn the request into a license."""
    with ProductStore(root, PRODUCT, disk=disk).locked() as kept:
        kept.activate(LICENSE, BYTES, request_id=REQUEST, state=AFTER)


def prepare_return(root: str) -> None:
    """Be activated, with a second copy of the license that a deployment tool dropped in."""
    ask(root)
    activate(root)
    copy = Path(root, PRODUCT, "licenses", "site.hwlic")
    copy.write_bytes(BYTES)
    copy.chmod(0o600)


def give_back(root: str, disk: Disk | None = None) -> None:
    """Turn the license into a receipt, or finish doing so."""
    with ProductStore(root, PRODUCT, disk=disk).locked() as kept:
        kept.begin_return(LICENSE, b"what the receipt says")
        (begun,) = kept.unfinished_returns() or [None]
        if begun is None:
            return
        files = [file.name for file in kept.licenses() if file.data() == BYTES]
        kept.finish_return(LICENSE, b"signed: " + begun.data(), files=files)


SEQUENCES: dict[str, tuple[Callable[[str], None], Callable[..., None]]] = {
    "ask": (prepare_nothing, ask),
    "activate": (ask, activate),
    "renew": (prepare_renewal, activate),
    "give_back": (prepare_return, give_back),
}


def _die_at(number: int) -> Callable[[Step], None]:
    def before(step: Step) -> None:
        if step.number == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return before


def main(sequence: str, prepared: str, out: str) -> int:
    """Kill a process at each step; return how many were."""
    number = 0
    while True:
        root = os.path.join(out, str(number + 1))
        if os.path.isdir(prepared):
            shutil.copytree(prepared, root)
        child = os.fork()
        if child == 0:
            SEQUENCES[sequence][1](root, SteppedDisk(_die_at(number + 1)))
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if status == 0:
            return number
        if not os.WIFSIGNALED(status):
            raise SystemExit(f"step {number + 1}: status {status}")
        number += 1


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
