"""What holds for every test: bounded property tests, no silent skip, nobody's real files."""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

from hwlock.testing import pcsc

# Tests that may skip where CI runs: pattern of their node id → why that is no loss.
_ROOT_ONLY = "acting as other users and mounting need root; CI and a first run as root do it"
_NETWORK = "sending the kernel's events needs root and a network of one's own; CI has both"
DECLARED_SKIPS: dict[str, str] = (
    {}
    if os.geteuid() == 0
    else {
        "*tests/attack/test_store.py::*": _ROOT_ONLY,
        "*tests/unit/devices/hotplug/test_linux.py::*": _NETWORK,
    }
)

# Set before any test is collected: sentences are English whatever the developer's language is,
# and the PC/SC library, which asks once, finds the service of the tests and never the machine's.
os.environ["HWLOCK_LANG"] = "en"
pcsc.reserve()

set_hypothesis_home_dir(Path(__file__).parent.parent / ".cache" / "hypothesis")
settings.register_profile(
    "ci",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("nightly", deadline=None, max_examples=5000, print_blob=True)
settings.load_profile(os.environ.get("HWLOCK_HYPOTHESIS", "ci"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch that `tools/run test` sets."""
    parser.addoption(
        "--no-undeclared-skips",
        action="store_true",
        help="a skip that tests/conftest.py does not declare is a failure",
    )


def _refuse_skip(config: pytest.Config, report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip that nobody declared into a failure; an expected failure is no skip."""
    if not report.skipped or hasattr(report, "wasxfail"):
        return
    if not config.getoption("--no-undeclared-skips"):
        return
    if any(fnmatch.fnmatch(report.nodeid, pattern) for pattern in DECLARED_SKIPS):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"a skip that tests/conftest.py does not declare: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Look at each outcome of a test."""
    report = yield
    _refuse_skip(item.config, report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Look at each module: one that skips as a whole is a skip as well."""
    report = yield
    _refuse_skip(collector.config, report)
    return report


@pytest.fixture(autouse=True, scope="session")
def _nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep every test, and what it starts, away from the files and settings of a person."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("HWLOCK_") or name.startswith("XDG_"):
                patch.delenv(name)
        patch.setenv("HWLOCK_LANG", "en")
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        # p11-kit's module loads all others for itself, and none of them can then be loaded by
        # its own name in this process. One without tokens is the default of tests instead.
        for module in glob.glob("/usr/lib/*/pkcs11/p11-kit-trust.so"):
            patch.setenv("HWLOCK_PKCS11_MODULE", module)
        yield
