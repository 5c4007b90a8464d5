"""The command tree, and the one place where an error becomes an exit status.

Commands are named here and imported when they are called: `hwlock check` on a customer's
machine loads nothing of the vendor's desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from importlib import import_module

import click

from hwlock.cli.world import World
from hwlock.errors import HwlockError, InternalError, UnsupportedError, UsageError, speaking

__all__ = ["LazyGroup", "app", "run"]

# modules that an extra brings → the extra
_EXTRAS = {"sqlalchemy": "vendor", "alembic": "vendor", "rich": "vendor"}


class LazyGroup(click.Group):
    """A group whose commands are `name → module:attribute`, imported on use."""

    def __init__(self, *args: object, lazy: dict[str, str], **attrs: object) -> None:
        super().__init__(*args, **attrs)  # type: ignore[arg-type]  # click's own signature is untyped here
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which a newcomer needs them."""
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command."""
        if cmd_name not in self._lazy:
            return None
        module, _, attribute = self._lazy[cmd_name].partition(":")
        try:
            command: click.Command = getattr(import_module(module), attribute)
        except ModuleNotFoundError as exc:
            raise _missing(exc) from exc
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands; one whose extra is missing says what to install."""
        names = self.list_commands(ctx)
        limit = formatter.width - 6 - max(map(len, names))
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._summary(ctx, name, limit)) for name in names])

    def _summary(self, ctx: click.Context, name: str, limit: int) -> str:
        try:
            command = self.get_command(ctx, name)
        except UnsupportedError as exc:
            return f"({exc.hint})"
        return "" if command is None else command.get_short_help_str(limit)


def _missing(exc: ModuleNotFoundError) -> HwlockError:
    extra = _EXTRAS.get((exc.name or "").partition(".")[0])
    if extra is None:
        return InternalError("HWL-INTERNAL", detail=str(exc))
    return UnsupportedError("HWL-EXTRA-MISSING", extra=extra, module=exc.name)


@click.group(
    cls=LazyGroup,
    lazy={
        "request": "hwlock.cli.request:request",
        "activate": "hwlock.cli.activate:activate",
        "check": "hwlock.cli.check:check",
        "redeem": "hwlock.cli.redeem:redeem",
        "status": "hwlock.cli.status:status",
        "inspect": "hwlock.cli.inspect:inspect",
        "return": "hwlock.cli.give_back:give_back",
        "import": "hwlock.cli.import_:import_",
        "code": "hwlock.cli.code:code",
        "files": "hwlock.cli.integrity:files",
        "device": "hwlock.cli.device:device",
        "doctor": "hwlock.cli.doctor:doctor",
        "vendor": "hwlock.cli.vendor:vendor",
        "respond": "hwlock.cli.respond:respond",
        "demo": "hwlock.cli.demo:demo",
        "completion": "hwlock.cli.completion:completion",
    },
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="hwlock")
def app() -> None:
    """Hardware-bound offline activation.

    \b
    On the machine:      request → (send it in) → activate → check
    At the vendor's:     vendor init → product → entitlement → respond
    See it work:         hwlock demo
    """


def run(arguments: Sequence[str], world: World | None = None) -> int:
    """Run one command and return its exit status; no exception leaves."""
    world = world or World.here()
    world.output.as_json = "--json" in arguments
    with speaking("en") if world.output.as_json else nullcontext():  # machines read English
        return _run(arguments, world)


def _run(arguments: Sequence[str], world: World) -> int:
    try:
        status = app.main(list(arguments), "hwlock", standalone_mode=False, obj=world)
        return status if isinstance(status, int) else 0
    except click.exceptions.Exit as exc:
        return exc.exit_code
    except click.exceptions.NoArgsIsHelpError as exc:
        print(exc.ctx.get_help(), file=world.output.out)  # a bare command asks what there is
        return 0
    except (click.Abort, KeyboardInterrupt):
        return world.output.failure(UsageError("HWL-USAGE-ABORTED"))
    except click.ClickException as exc:
        return world.output.failure(_usage(exc))
    except HwlockError as exc:
        return world.output.failure(exc)
    except BrokenPipeError:
        return 0  # the reader of our output has seen enough
    except Exception as exc:  # the edge of the program: whatever is left is our own fault
        error = InternalError("HWL-INTERNAL", detail=f"{type(exc).__name__}: {exc}")
        error.__cause__ = exc
        return world.output.failure(error)


def _usage(exc: click.ClickException) -> UsageError:
    context = getattr(exc, "ctx", None)
    command = context.command_path if context is not None else "hwlock"
    sentence = exc.format_message().rstrip(".").replace("\n", " ")
    return UsageError("HWL-USAGE", detail=sentence[:1].lower() + sentence[1:], command=command)
