"""A skip is a failure where CI runs, unless it is declared."""

from __future__ import annotations

from pathlib import Path

import pytest

CONFTEST = Path(__file__).parent.parent / "conftest.py"
TESTS = """
import pytest

def test_fine():
    pass

def test_skips():
    pytest.skip("no such hardware")

@pytest.mark.xfail(reason="known")
def test_expected_to_fail():
    assert False
"""


@pytest.fixture
def project(pytester):
    """Make a project that has our conftest.py and some tests."""
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile(test_some=TESTS)
    return pytester


def test_a_skip_is_a_skip_for_a_person(project):
    """Who runs the tests by hand, without the hardware, may skip."""
    project.runpytest_subprocess().assert_outcomes(passed=1, skipped=1, xfailed=1)


def test_a_skip_is_a_failure_in_ci(project):
    """With the switch that `tools/run test` sets, the skip fails and says why."""
    result = project.runpytest_subprocess("--no-undeclared-skips")
    result.assert_outcomes(passed=1, failed=1, xfailed=1)
    result.stdout.fnmatch_lines(["*does not declare: Skipped: no such hardware*"])


def test_a_module_that_skips_is_a_failure_in_ci(project):
    """A module that skips as a whole does not vanish silently."""
    project.makepyfile(test_other="import pytest\npytest.importorskip('no_such_module')\n")
    result = project.runpytest_subprocess("--no-undeclared-skips")
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*does not declare:*could not import 'no_such_module'*"])
