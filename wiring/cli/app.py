"""The command line `tembea`: data on standard output, talk on standard error, exit code 0, 1 or 2 (usage)."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from wiring.cli.options import SAMPLE, FlowFile, Port, StateDir, TemporalPort, UiPort, places_of
from wiring.talk import Talk

# Each command imports its work when it runs: help and usage errors do not wait for database drivers.

app = typer.Typer(
    name="tembea",
    help="Draw a conversation, and a durable workflow walks it.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # locals hold secrets
)


@app.command()
def demo(
    flow: FlowFile = SAMPLE,
    state_dir: StateDir = None,
    port: Port = None,
    temporal_port: TemporalPort = None,
    ui_port: UiPort = None,
) -> None:
    """Play a flow's conversation on real PostgreSQL and Temporal; the last line is the result as JSON."""
    from wiring.cli.demo import run

    run(flow, places_of(state_dir, port, temporal_port, ui_port))


@app.command()
def dev(
    state_dir: StateDir = None, port: Port = None, temporal_port: TemporalPort = None, ui_port: UiPort = None
) -> None:
    """Run servers, a local Chatwoot, API and worker until Ctrl-C; one that dies comes back."""
    from wiring.cli.dev import run

    run(places_of(state_dir, port, temporal_port, ui_port))


@app.command()
def api() -> None:
    """Run the API process against the servers that the environment names."""
    from wiring.cli.processes import run

    run("api")


@app.command()
def worker() -> None:
    """Run a worker process: the walk, its activities and the relay."""
    from wiring.cli.processes import run

    run("worker")


@app.command()
def migrate() -> None:
    """Bring the database's tables up to this version, and see to the first API key."""
    from wiring.cli.processes import migrate

    migrate()


@app.command()
def doctor(
    state_dir: StateDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Findings as JSON on standard output")] = False,
) -> None:
    """Look at everything the product needs; exit code 1 when something is missing."""
    from wiring.cli.doctor import run

    run(state_dir, as_json=as_json)


@app.command()
def check() -> None:
    """Lint, types, import contracts and the tests that need no server; stops at the first that fails."""
    from wiring.cli.check import check

    check()


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """The whole suite, PostgreSQL and Temporal included; what follows goes to pytest."""
    from wiring.cli.check import test

    test(context.args)


@app.command()
def bench(
    out: Annotated[Path, typer.Option(help="Where the figures go, as JSON")],
    quick: Annotated[bool, typer.Option("--quick", help="Two repetitions, in memory alone")] = False,
) -> None:
    """Measure Tembea against hand-written workflows, on this machine, now."""
    from wiring.cli.check import bench

    bench(out, quick=quick)


def main() -> None:
    """Run the command line; what is expected to go wrong is one line, not a traceback."""
    try:
        app()
    except Exception as error:
        from wiring.cli.expected import EXPECTED

        if not isinstance(error, EXPECTED):
            raise
        Talk().say(f"tembea: {error}")
        sys.exit(1)
