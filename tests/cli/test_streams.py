"""Streams that are closed, full, gone or poor in characters, and what may stand at -o."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys

import pytest

from hwlock.cli import files
from hwlock.errors import UsageError
from hwlock.testing.vendor import Vendor


@pytest.fixture
def typed(tmp_path):
    """Return what runs a shell line with $HWLOCK in it, in a home of its own."""
    (tmp_path / "acme-cad.hwproduct").write_bytes(Vendor().product.raw)

    def run(line, **environ):
        environ = {
            "PATH": os.environ["PATH"],
            "HWLOCK": f"{sys.executable} -m hwlock",
            "HWLOCK_HOME": str(tmp_path / "home"),
            "HWLOCK_SYSTEM_HOME": str(tmp_path / "system"),
            **environ,
        }
        environ = {name: value for name, value in environ.items() if value}
        return subprocess.run(
            ("bash", "-c", line), env=environ, cwd=tmp_path, capture_output=True, timeout=60
        )

    return run


CHECK = "$HWLOCK check --product acme-cad.hwproduct"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("json_option", ["", " --json"])
def test_a_closed_stream_changes_no_status(typed, closed, json_option):
    """A service without standard streams gets the exit status of the verdict."""
    done = typed(f"{CHECK}{json_option} {closed}")
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr


def test_a_closed_standard_input_holds_nothing(typed):
    """A command that reads standard input finds no block where there is no input."""
    done = typed("$HWLOCK inspect - <&-")
    assert done.returncode == 4
    assert b"HWL-ARMOR-NONE" in done.stderr


@pytest.mark.parametrize("where", [">&-", "> /dev/full"])
def test_a_file_that_cannot_be_delivered_is_an_error(typed, where):
    """`-o -` never says that all is well when nobody got the file."""
    done = typed(
        f"HWLOCK_PASSPHRASE=x $HWLOCK vendor init > out; $HWLOCK vendor audit export {where}",
        HOME="/nowhere",
        HWLOCK_VENDOR="desk",
    )
    assert done.returncode == 2
    assert b"HWL-FILE-WRITE" in done.stderr


def test_full_output_is_an_error_of_a_command_that_went_well(typed):
    """A verdict that nobody can read is not delivered in silence; a no stays a no."""
    done = typed("$HWLOCK status > /dev/full")
    assert (done.returncode, done.stderr.count(b"HWL-FILE-WRITE")) == (2, 1)
    assert b"Exception ignored" not in done.stderr
    assert typed(f"{CHECK} > /dev/full").returncode == 1


def test_a_reader_that_went_away_is_no_error(typed):
    """`hwlock check | true` ends with the status of the verdict and says nothing more."""
    done = typed(f"{CHECK} | true; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
def test_any_encoding_will_do(typed, encoding):
    """Help, a sentence and a JSON object are written whatever the terminal lacks."""
    assert typed("$HWLOCK --help", PYTHONIOENCODING=encoding).returncode == 0
    name = "/Zo\u00eb/\u4e16\u754c/\U0001f600"
    done = typed(f"$HWLOCK inspect '{name}' --json", PYTHONIOENCODING=encoding)
    assert done.returncode == 2
    assert name in json.loads(done.stdout.decode(encoding))["error"]["message"]
    done = typed("$HWLOCK status --json", PYTHONIOENCODING=encoding, HWLOCK_HOME=name)
    assert json.loads(done.stdout.decode(encoding))["home"] == name


def test_a_user_without_a_home_can_do_what_needs_none(typed, tmp_path):
    """Without a home the machine's commands say so, and the others work."""
    program = tmp_path / "as_nobody.py"
    program.write_text(
        "import os\nfrom hwlock.cli import main\nos.getuid = lambda: 3999999999\nmain()\n"
    )
    environ = {"HWLOCK": f"{sys.executable} {program}", "HWLOCK_HOME": ""}
    done = typed("$HWLOCK status", **environ)
    assert (done.returncode, b"HWL-STORE-HOME" in done.stderr) == (7, True)
    assert b"Traceback" not in done.stderr
    assert typed("$HWLOCK inspect acme-cad.hwproduct", **environ).returncode == 0
    assert typed("$HWLOCK --help", **environ).returncode == 0
    done = typed("$HWLOCK vendor product list", **environ)
    assert (done.returncode, b"HWL-DESK-HOME" in done.stderr) == (2, True)


def test_a_folder_with_the_name_of_the_product_is_no_product_file(typed, tmp_path):
    """`--product acme-cad` means the product, beside a folder acme-cad as well."""
    (tmp_path / "acme-cad").mkdir()
    done = typed("$HWLOCK check --product acme-cad")
    assert b"HWL-PRODUCT-UNKNOWN" in done.stderr


def test_a_product_file_comes_through_a_pipe(typed):
    """`--product -` is standard input, as everywhere."""
    done = typed("$HWLOCK check --product - < acme-cad.hwproduct")
    assert b"HWL-LICENSE-NONE" in done.stdout


def test_what_is_no_plain_file_stays_what_it_is(tmp_path):
    """Writing to a pipe, a device or a link goes into it and does not take its place."""
    real, link, pipe = tmp_path / "real", tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(real)
    files.write_raw(str(link), b"one")
    assert (link.is_symlink(), real.read_bytes()) == (True, b"one")
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    files.write_raw(str(pipe), b"two")
    assert (os.read(reading, 9), stat.S_ISFIFO(pipe.stat().st_mode)) == (b"two", True)
    os.close(reading)
    files.write_raw(os.devnull, b"three")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_a_device_that_is_full_is_an_error(tmp_path):
    """A device that takes nothing is told like a disk that is full."""
    with pytest.raises(UsageError) as caught:
        files.write_raw("/dev/full", b"data")
    assert caught.value.code == "HWL-FILE-WRITE"


@pytest.mark.parametrize(
    ("language", "encoding", "said"),
    [
        ("de_DE.UTF-8", "utf-8", "keine Lizenz für acme-cad"),
        ("de_DE.UTF-8", "ascii", "keine Lizenz f\\u00fcr acme-cad"),
        ("ja_JP.UTF-8", "euc-jp", "このマシンには acme-cad のライセンスがありません"),
        ("ja_JP.UTF-8", "latin-1", "\\u3053\\u306e\\u30de\\u30b7\\u30f3\\u306b\\u306f acme-cad"),
    ],
)
def test_a_terminal_that_lacks_characters_of_a_language(typed, language, encoding, said):
    """The sentence is said with escapes, under the same code and exit status."""
    done = typed(CHECK, LANG=language, PYTHONIOENCODING=encoding)
    told = done.stdout.decode(encoding)
    assert (done.returncode, done.stderr) == (1, b"")
    assert said in told
    assert "[HWL-LICENSE-NONE]" in told


def test_json_of_another_language_is_json(typed):
    """A script reads English, whatever its user speaks, and JSON in any encoding."""
    done = typed(f"{CHECK} --json", LANG="ja_JP.UTF-8", PYTHONIOENCODING="ascii")
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["code"] == "HWL-LICENSE-NONE"
    assert finding["message"] == "there is no license for acme-cad on this machine"
