"""`hwlock demo`: the whole story on one machine, with real parts, in about five seconds.

Every line that starts with `$` is the command itself, run in this process with a machine, a
home and a clock of its own; what follows is what it printed. The vendor's desk, the keys,
the files, the registry and the TPM are real (a software TPM where this machine has none
that we may use); the second machine is imaginary.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta, timezone
from io import StringIO

import click

from hwlock.cli.options import pass_world
from hwlock.cli.output import Output
from hwlock.cli.world import World
from hwlock.devices import registry
from hwlock.enforce.machine import Machine
from hwlock.errors import HwlockError, InternalError, UsageError
from hwlock.license.offers import ROOTS
from hwlock.record import replace
from hwlock.store.product_store import ProductStore
from hwlock.testing import host_tree
from hwlock.testing.swtpm import SoftwareTpm

__all__ = ["demo"]

_PRODUCT, _OTHER = "acme-cad", "acme-cam"
_NO_TPM = "tpm2:device:/dev/null"


@click.command(epilog="Example: hwlock demo --keep ./hwlock-demo")
@click.option(
    "--keep",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Leave all files here, to look at.",
)
@pass_world
def demo(world: World, *, keep: str | None) -> int:
    """Watch an offline machine become licensed by three files, and what must fail.

    Needs the extra `vendor`. Touches nothing outside its own folder, which is removed at
    the end unless --keep names one.
    """
    begun = time.perf_counter()
    folder = _empty(keep) if keep else tempfile.mkdtemp(prefix="hwlock-demo-")
    before = os.getcwd()
    try:
        os.chdir(folder)
        with _Stop() as stop, ExitStack() as opened:
            story = _Story(world.output, folder, opened, stop)
            with suppress(_WentWrong):
                story.tell()
    finally:
        os.chdir(before)
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    return story.close(time.perf_counter() - begun, keep)


def _empty(folder: str) -> str:
    """Return the absolute path of a folder that is new or empty; UsageError."""
    path = os.path.abspath(folder)
    try:
        os.makedirs(path, exist_ok=True)
        if os.listdir(path):
            raise UsageError("HWL-DEMO-FOLDER", path=path)
    except OSError as exc:
        raise UsageError("HWL-FILE-WRITE", path=path, detail=exc.strerror or str(exc)) from exc
    return path


class _Stop:
    """Lets what ends a program from outside go the way of Ctrl-C: files and TPMs go with it.

    The exception alone is not enough: Python drops one that is raised while it collects garbage.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[int, object] = {}

    def __enter__(self) -> _Stop:
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # the last is not on Windows
                if number := getattr(signal, name, 0):
                    self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(self, *exc: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what `signal` gave us

    def _heard(self, number: int, frame: object) -> None:
        self.asked = True
        raise KeyboardInterrupt


class _WentWrong(Exception):
    """A step failed that the rest of the story needs."""


class _Clock:
    """A clock that the story can turn."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(timezone.utc) + self.ahead


class _Actor:
    """Somebody who types commands: a machine of their own, and what they last saw."""

    def __init__(self, name: str, machine: Machine, environ: dict[str, str]) -> None:
        self.name = name
        self.machine = machine
        self.environ = environ


class _Story:
    """The steps of the demo, and how many went as they should."""

    def __init__(self, output: Output, folder: str, opened: ExitStack, stop: _Stop) -> None:
        self._stop = stop
        self._out = output.out
        self._wrong = 0
        self._refused = 0
        self._roots: tuple[bytes, ...] = ()
        self._clock = _Clock()
        self._vendor = _Actor(
            "vendor",
            self._machine("desk-machine"),
            {"HWLOCK_VENDOR": "desk", "HWLOCK_PASSPHRASE": secrets.token_urlsafe(24)},
        )
        self._customer = _Actor("machine", self._machine("machine"), {})
        self._binding = self._find_anchors(opened, folder)

    def tell(self) -> None:
        """Run all steps."""
        key = self._set_up_the_desk()
        self._three_files(key)
        self._what_must_fail(key)
        self._give_back(key)

    def close(self, took_s: float, keep: str | None) -> int:
        """Print the sum; return 0 where everything went as it should."""
        self._say("")
        if keep:
            self._say(
                f"all files are in {keep}; try: hwlock inspect {os.path.join(keep, 'my.hwreq')}"
            )
        else:
            self._say("to keep the files and look at them: hwlock demo --keep DIR")
        verdict = "everything went as it should" if not self._wrong else f"{self._wrong} WENT WRONG"
        self._say(f"{verdict}: {self._refused} refusals shown, {took_s:.1f} s in all")
        return 1 if self._wrong else 0

    # --- the machines --------------------------------------------------------------

    def _machine(self, home: str, **more: str) -> Machine:
        return Machine(
            user_root=os.path.abspath(home),
            system_root=os.path.abspath("nobody"),
            clock=self._clock,
            **more,  # type: ignore[arg-type]  # only URIs are given
        )

    def _find_anchors(self, opened: ExitStack, folder: str) -> str:
        """Choose what this machine can be bound to, make the other one, and say so."""
        self._title("What this machine has")
        tpm, other_tpm = self._tpms(opened, folder)
        host = self._host(folder)
        other = host_tree.VirtualHost(os.path.join(folder, "other-hardware"), host_tree.DESKTOP)
        self._customer.machine = self._machine("machine", key_uri=tpm or _NO_TPM, host_uri=host)
        self._other = _Actor(
            "other",
            self._machine("other-machine", key_uri=other_tpm, host_uri=other.uri),
            {},
        )
        if not tpm:
            return "host"
        return "tpm2(virtual)@attested and host" if self._roots else "tpm2 and host"

    def _tpms(self, opened: ExitStack, folder: str) -> tuple[str, str]:
        """Return the URIs of this machine's TPM and of another one; a URI of none where none."""
        own = ""
        try:
            with registry.open("tpm2:") as device:
                own = device.uri
                self._say(f"  a TPM: {device.describe().name}")
        except HwlockError as exc:
            self._say(f"  no TPM that we may use: {exc.message}")
        try:
            start = time.perf_counter()
            maker = os.path.join(folder, "tpm-maker")
            other = SoftwareTpm(os.path.join(folder, "other-tpm"), authority=maker)
            opened.enter_context(other)
            if not own:
                mine = SoftwareTpm(os.path.join(folder, "tpm"), authority=maker)
                own = opened.enter_context(mine).uri
                self._roots = mine.roots
            took = time.perf_counter() - start
            self._say(f"  swtpm makes the software TPMs that are missing ({took:.1f} s)")
            return own, other.uri
        except HwlockError as exc:
            self._say(f"  no software TPM: {exc.message}")
            if not own:
                self._say("  so the fingerprint is all that licenses are bound to")
            return own, _NO_TPM

    def _host(self, folder: str) -> str:
        """Return the URI of this machine, or of an imaginary one where it has no fingerprint."""
        try:
            with registry.open_host("host:") as host:
                described = host.describe()
                if described.problem is not None:
                    raise described.problem
                parts = ", ".join(part.kind for part in host.components())
        except HwlockError as exc:
            self._say(f"  no fingerprint: {exc.message}")
            self._say("  so the parts of an imaginary laptop stand in for it")
            return host_tree.VirtualHost(os.path.join(folder, "hardware"), host_tree.LAPTOP).uri
        self._say(f"  a fingerprint: {parts}")
        return "host:"

    # --- the steps -----------------------------------------------------------------

    def _set_up_the_desk(self) -> str:
        self._title("At the vendor's: a desk, a product, and one seat sold for 30 days")
        desk = self._vendor
        self._run(desk, "vendor init --name", "ACME Ltd")
        self._run(desk, f"vendor product add {_PRODUCT} --name", "ACME CAD")
        self._run(desk, f"vendor product export {_PRODUCT} -o {_PRODUCT}.hwproduct")
        self._trust_the_maker()
        self._run(desk, f"vendor product add {_OTHER} --name", "ACME CAM", quiet=True)
        self._run(desk, f"vendor product export {_OTHER} -o {_OTHER}.hwproduct", quiet=True)
        sold = f"vendor entitlement add --product {_PRODUCT} --customer Meyer --feature simulation"
        told = self._run(desk, f"{sold} --seats 1 --days 30 --bind", self._binding)
        return _activation_key(told)

    def _trust_the_maker(self) -> None:
        for number, certificate in enumerate(self._roots):
            with open(os.path.join("desk", ROOTS["tpm2"], f"maker-{number}.der"), "wb") as file:
                file.write(certificate)
        if self._roots:
            self._say("  the certificates of the software TPM's maker go into desk/tpm-roots")

    def _three_files(self, key: str) -> None:
        self._title("The machine asks, the vendor answers, the machine is licensed")
        self._run(self._customer, f"request --product {_PRODUCT}.hwproduct --key {key} -o my.hwreq")
        self._run(self._vendor, "respond my.hwreq -o my.hwres")
        self._run(self._customer, "activate my.hwres")
        self._run(self._customer, f"check --product {_PRODUCT}.hwproduct --feature simulation")

    def _what_must_fail(self, key: str) -> None:
        check = f"check --product {_PRODUCT}.hwproduct"
        self._title("The same response on another machine")
        self._refuse(self._other, "activate my.hwres", "HWL-RESPONSE-OTHER")
        self._title("The whole disk of the first machine, copied to another one")
        shutil.copytree("machine", "other-machine", dirs_exist_ok=True)
        _rewire("other-machine", self._other.machine)
        self._refuse(self._other, check, "")
        shutil.rmtree("other-machine")
        self._title("A second machine, when the one seat is taken")
        ask = f"request --product {_PRODUCT}.hwproduct --key {key} -o second.hwreq"
        self._run(self._other, ask)
        self._refuse(self._vendor, "respond second.hwreq -o second.hwres", "HWL-DESK-SEATS")
        self._title("One changed letter in the response")
        _change_a_letter("my.hwres", "changed.hwres")
        self._refuse(self._customer, "activate changed.hwres", "HWL-ARMOR-LINE")
        self._title("The license of one product for another")
        here = os.path.join("machine", _PRODUCT, "licenses")
        _copy_license(here, os.path.join("machine", _OTHER, "licenses"))
        self._refuse(self._customer, f"check --product {_OTHER}.hwproduct", "HWL-PRODUCT-OTHER")
        shutil.rmtree(os.path.join("machine", _OTHER))
        self._title("The clock set back by a month")
        self._clock.ahead = timedelta(days=-30)
        self._refuse(self._customer, check, "HWL-CLOCK-BACK")
        self._clock.ahead = timedelta()
        self._run(self._customer, check)

    def _give_back(self, key: str) -> None:
        check = f"check --product {_PRODUCT}.hwproduct"
        self._title("The license is given back; the vendor books the receipt")
        self._run(self._customer, f"return --product {_PRODUCT} -o my.hwret")
        self._run(self._vendor, "vendor receive my.hwret")
        self._refuse(self._customer, check, "HWL-LICENSE-NONE")
        self._title("The old response again, after the return")
        self._refuse(self._customer, "activate my.hwres", "HWL-RESPONSE-RETURNED")
        self._title("Now the seat is free for the second machine")
        self._run(self._vendor, "respond second.hwreq -o second.hwres")
        self._run(self._other, "activate second.hwres")
        self._title("31 days later")
        self._clock.ahead = timedelta(days=31)
        self._refuse(self._other, check, "HWL-TERM-ENDED")
        self._clock.ahead = timedelta()
        self._title("What the vendor's books say")
        self._run(self._vendor, "vendor audit verify")

    # --- how a command is run and shown --------------------------------------------

    def _run(self, actor: _Actor, words: str, *last: str, quiet: bool = False) -> str:
        """Run a command that must succeed; return what it printed."""
        status, told = self._command(actor, words, *last, quiet=quiet)
        if status != 0:
            self._fault(f"exit status {status}, expected 0")
            raise _WentWrong  # nothing that follows would mean anything
        return told

    def _refuse(self, actor: _Actor, words: str, code: str) -> None:
        """Run a command that must be refused, with `code` among the reasons."""
        status, told = self._command(actor, words)
        if status == 0 or code not in told:
            self._fault(f"exit status {status}, expected a refusal with {code}")
        else:
            self._refused += 1

    def _command(
        self, actor: _Actor, words: str, *last: str, quiet: bool = False
    ) -> tuple[int, str]:
        from hwlock.cli.app import run

        told = StringIO()
        world = World(machine=actor.machine, environ=actor.environ, output=Output(told, told))
        start = time.perf_counter()
        status = run([*words.split(), *last], world)
        if self._stop.asked or "HWL-USAGE-ABORTED" in told.getvalue():
            raise KeyboardInterrupt  # who stops a step means the demo
        took_ms = (time.perf_counter() - start) * 1000
        if not quiet:
            typed = " ".join((words, *(f"'{word}'" for word in last)))
            self._say(f"  {actor.name}$ hwlock {typed}")
            for line in told.getvalue().splitlines():
                self._say(f"      {line}")
            self._say(f"      ({took_ms:.0f} ms)")
        return status, told.getvalue()

    def _title(self, text: str) -> None:
        self._say(f"\n== {text}")

    def _fault(self, what: str) -> None:
        self._wrong += 1
        self._say(f"  !! {what}")

    def _say(self, text: str) -> None:
        print(text, file=self._out, flush=True)


def _activation_key(told: str) -> str:
    """Find the activation key in what `entitlement add` printed."""
    for word in told.split():
        if len(word) == 29 and word.count("-") == 4:
            return word
    raise InternalError("HWL-INTERNAL", detail="no activation key was printed")


def _rewire(home: str, machine: Machine) -> None:
    """Let a copied store look at the hardware that it now stands on, as a copied disk would."""
    store = ProductStore(os.path.abspath(home), _PRODUCT)
    with store.locked() as held:
        for kind, uri in (("tpm2", machine.key_uri), ("host", machine.host_uri)):
            enrolled = held.enrollment(kind)
            if enrolled is not None:
                held.put_enrollment(kind, replace(enrolled, uri=uri))


def _change_a_letter(path: str, changed: str) -> None:
    with open(path, encoding="ascii") as file:
        lines = file.read().splitlines()
    line = lines[4]
    lines[4] = line[:20] + ("A" if line[20] != "A" else "B") + line[21:]
    with open(changed, "w", encoding="ascii") as file:
        file.write("\n".join(lines))


def _copy_license(folder: str, to: str) -> None:
    os.makedirs(to, mode=0o700)
    for name in os.listdir(folder):
        shutil.copy(os.path.join(folder, name), to)
