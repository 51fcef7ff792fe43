"""The command line `tembea`: data on standard output, talk on standard error, exit code 0, 1 or 2 (usage)."""

import sys

import typer

from wiring.cli.check import check, test
from wiring.cli.demo import demo
from wiring.cli.dev import dev
from wiring.cli.doctor import doctor
from wiring.cli.parts import api, migrate, worker
from wiring.embedded.errors import EmbeddedError
from wiring.keys import KeysError
from wiring.scenario import TalkError
from wiring.settings import SettingsError
from wiring.supervise.part import PartError
from wiring.supervise.ports import PortTakenError
from wiring.supervise.record import StateDirTakenError
from wiring.talk import Talk

EXPECTED = (
    EmbeddedError, KeysError, PartError, PortTakenError, SettingsError, StateDirTakenError, TalkError,
)  # fmt: skip

app = typer.Typer(
    name="tembea",
    help="Draw a conversation, and a durable workflow walks it.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # locals hold secrets
)
app.command()(demo)
app.command()(dev)
app.command()(api)
app.command()(worker)
app.command()(migrate)
app.command()(doctor)
app.command()(check)
app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(test)


def main() -> None:
    """Run the command line; what is expected to go wrong is one line, not a traceback."""
    try:
        app()
    except EXPECTED as error:
        Talk().say(f"tembea: {error}")
        sys.exit(1)
