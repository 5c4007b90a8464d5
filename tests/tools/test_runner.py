"""The runner does only what is needed, and says what a person must do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from runner import environment, machine, main, package, ring, steps, venv
from vm import image

RUN = Path(main.__file__).parent.parent / "run"


def run(*arguments, env=None, cwd=None):
    """Run tools/run in a process of its own."""
    command = [sys.executable, str(RUN), *arguments]
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, check=False)


def test_without_a_verb_it_lists_them():
    """The runner alone explains itself, and does nothing."""
    result = run(env={}, cwd="/")
    assert result.returncode == 2
    assert [line.split()[0] for line in result.stdout.splitlines()[2:]] == list(main.VERBS)


def test_an_unknown_verb_is_refused():
    """A typing error starts nothing."""
    result = run("tset", env={})
    assert result.returncode == 2
    assert "no verb 'tset'" in result.stdout


def test_an_empty_environment_gets_a_path(monkeypatch):
    """Without a PATH, the folders of the system are still found."""
    monkeypatch.delenv("PATH", raising=False)
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    env = environment()
    assert "/usr/bin" in env["PATH"].split(os.pathsep)
    assert "/usr/sbin" in env["PATH"].split(os.pathsep)
    assert "PYTHONPATH" not in env


def test_the_callers_path_comes_first(monkeypatch):
    """What a person put on the PATH stays in front, and stands there once."""
    monkeypatch.setenv("PATH", "/opt/mine:/usr/bin")
    entries = environment()["PATH"].split(os.pathsep)
    assert entries[:2] == ["/opt/mine", "/usr/bin"]
    assert len(entries) == len(set(entries))


def test_only_what_is_missing_is_missing(monkeypatch):
    """A package whose content is there, from wherever, is not asked for."""
    here = machine.Need("here", "why", lambda: True, "build")
    gone = machine.Need("gone", "why", lambda: False, "build test")
    other = machine.Need("other", "why", lambda: False, "tpm")
    monkeypatch.setattr(machine, "NEEDS", (here, gone, other))
    assert machine.missing(["build", "test"]) == [gone]


def test_packages_stand_once():
    """A package has one row, and every group of the table is one that a verb names."""
    names = [need.package for need in machine.NEEDS]
    assert len(names) == len(set(names))
    groups = {group for verb in main.VERBS.values() for group in verb.groups}
    assert {group for need in machine.NEEDS for group in need.groups} <= groups


def lacking(monkeypatch, tools):
    """Make a machine that lacks one package and has only `tools`."""
    monkeypatch.setattr(
        machine, "NEEDS", (machine.Need("gone", "a purpose", lambda: False, "build"),)
    )
    monkeypatch.setattr(machine.shutil, "which", lambda name, path: tools.get(name))


def test_without_root_it_says_what_to_run(monkeypatch, capsys):
    """A user who may not install is told the exact command for an administrator."""
    lacking(monkeypatch, {"apt-get": "/usr/bin/apt-get"})
    monkeypatch.setattr(machine.os, "geteuid", lambda: 1000)
    with pytest.raises(steps.Failed, match=r"apt-get install --no-install-recommends gone"):
        machine.ensure(["build"])
    assert "a purpose" in capsys.readouterr().out


def test_elsewhere_it_says_what_is_needed(monkeypatch):
    """On a system without apt, the person is told what to look for."""
    lacking(monkeypatch, {})
    with pytest.raises(steps.Failed, match=r"not a Debian-like system.*gone"):
        machine.ensure(["build"])


def test_the_digest_is_of_names_and_contents(tmp_path, monkeypatch):
    """Any changed byte, any new or renamed file makes the core be built again."""
    monkeypatch.setattr(venv, "TOP", str(tmp_path))
    (tmp_path / "csrc").mkdir()
    source = tmp_path / "csrc" / "a.c"
    seen = [venv.digest(("csrc", "absent.py"))]
    source.write_text("int a;")
    seen.append(venv.digest(("csrc", "absent.py")))
    source.write_text("int b;")
    seen.append(venv.digest(("csrc", "absent.py")))
    source.rename(tmp_path / "csrc" / "b.c")
    seen.append(venv.digest(("csrc", "absent.py")))
    assert len(set(seen)) == 4


def test_a_step_shows_the_output_of_failures_only(capsys):
    """What succeeds is one line; what fails shows all that it said."""
    good = steps.step("good", [sys.executable, "-c", "print('chatter')"])
    assert good.ok
    assert "chatter" not in capsys.readouterr().out
    bad = steps.step("bad", [sys.executable, "-c", "print('the cause'); raise SystemExit(3)"])
    assert not bad.ok
    assert "| the cause" in capsys.readouterr().out


def test_a_step_that_cannot_start_fails(capsys):
    """A tool that is not there is a failed step with its name, not a trace."""
    assert not steps.step("none", ["/nowhere/tool"]).ok
    assert "cannot start /nowhere/tool" in capsys.readouterr().out


def test_followed_work_gives_its_last_line(capfd):
    """The closing line of what ran in full view can be said again at the end."""
    outcome = steps.follow(
        "pytest", [sys.executable, "-c", "print('a'); print('b')"], env=environment()
    )
    assert (outcome.ok, outcome.note) == (True, "b")
    assert capfd.readouterr().out == "a\nb\n"


def test_what_is_shipped_is_looked_at(tmp_path):
    """An sdist or a wheel that lacks a file, or has one too many, is refused."""
    with pytest.raises(steps.Failed, match="expected one sdist and one wheel"):
        package.built(str(tmp_path))
    with pytest.raises(steps.Failed, match="missing in what is shipped"):
        package.look_at([], [], "hwlock-1-cp310-abi3-linux.whl")
    sources, files = list(package.IN_SDIST), list(package.IN_WHEEL)
    package.look_at(sources, files, "hwlock-1-cp310-abi3-linux.whl")
    with pytest.raises(steps.Failed, match=r"must not be shipped: hwlock/a\.pyc"):
        package.look_at(sources, [*files, "hwlock/a.pyc"], "hwlock-1-cp310-abi3-linux.whl")
    with pytest.raises(steps.Failed, match="one wheel must do"):
        package.look_at(sources, files, "hwlock-1-cp311-cp311-linux.whl")


def test_the_demo_goes_on_without_a_software_tpm(monkeypatch, capsys):
    """Where only the software TPM is missing and cannot be had, the demo says so and runs."""
    need = machine.Need("swtpm", "a software TPM", lambda: False, "tpm")
    monkeypatch.setattr(machine, "NEEDS", (need,))
    monkeypatch.setattr(machine.shutil, "which", lambda name, path: None)
    monkeypatch.setattr(main.os, "access", lambda path, mode: False)
    monkeypatch.setattr(venv, "ensure", lambda extras: None)
    monkeypatch.setitem(main.VERBS, "demo", main.Verb("", lambda arguments: 0))
    assert main.main(["demo"]) == 0
    assert "Going on without a TPM" in capsys.readouterr().out


def test_who_cannot_make_a_machine_is_told_what_to_run(monkeypatch, capsys):
    """Without root and without sudo the tests in a machine fail, and name the one command."""
    monkeypatch.setattr(image, "ready", lambda: False)
    monkeypatch.setattr(machine, "root_prefix", lambda: None)
    assert ring.main([]) == 1
    said = capsys.readouterr().out
    assert "made by root" in said
    assert "tools/vm/image.py" in said


def test_the_tests_do_not_go_on_without_one(monkeypatch, capsys):
    """CI without a TPM stack would prove less than it says: it fails, loudly."""
    need = machine.Need("swtpm", "a software TPM", lambda: False, "tpm")
    monkeypatch.setattr(machine, "NEEDS", (need,))
    monkeypatch.setattr(machine.shutil, "which", lambda name, path: None)
    assert main.main(["test"]) == 1
    assert "swtpm" in capsys.readouterr().out
