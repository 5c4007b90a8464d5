"""The pages that are generated say what the code says."""

from __future__ import annotations

import click
import pytest

import docs
from hwlock.errors.table import TABLE


@click.group()
def tool():
    """A tool of two levels.

    \b
    kept   as
    it     is
    """


@tool.command()
@click.argument("file")
@click.argument("more", nargs=-1, required=False)
@click.option("-o", "--output", required=True, metavar="FILE", help="Where | to write.")
@click.option("--kind", type=click.Choice(["a", "b"]), multiple=True, help="What kind.")
@click.option("--json", is_flag=True, help="Print JSON.")
@click.option("--secret", hidden=True)
def make(**_):
    """Make it."""


@tool.command(hidden=True)
def internal():
    """Be invisible."""


@tool.group()
def inner():
    """Hold more."""


@inner.command("list")
def list_them():
    """List them."""


@pytest.fixture(scope="module")
def page():
    """Return the page of the group above."""
    return docs.render_commands(tool, "tool")


def test_commands_are_walked_in_order(page):
    """Groups come before what they hold, in the order of the group; hidden ones are left out."""
    headings = [line[3:] for line in page.splitlines() if line.startswith("## ")]
    assert headings == ["tool", "tool inner", "tool inner list", "tool make"]


def test_usage_names_arguments(page):
    """A person sees what must be given, what may be, and what may be repeated."""
    assert "tool make [OPTION]... FILE [MORE]..." in page
    assert "tool inner COMMAND" in page


def test_options_are_rows(page):
    """An option says its value, whether it is required, and whether it may be repeated."""
    assert "| `-o, --output FILE` | Where \\| to write. (required) |" in page
    assert "| `--kind {a,b}` | What kind. (may be repeated) |" in page
    assert "| `--json` | Print JSON. |" in page
    assert "--secret" not in page


def test_kept_lines_are_kept(page):
    """A paragraph that asks for its own lines gets them."""
    assert "```\nkept   as\nit     is\n```" in page


def test_every_code_has_an_anchor():
    """Each code of the table is a heading, so that its link lands."""
    headings = [line[4:] for line in docs.errors_page().splitlines() if line.startswith("### ")]
    assert headings == list(TABLE)
