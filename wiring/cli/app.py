"""The command line `tembea`: data on standard output, talk on standard error, exit code 0, 1 or 2 (usage)."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from wiring.cli.expected import is_expected
from wiring.cli.options import (
    DEFAULT_STATE_DIR,
    SAMPLE,
    ApiKey,
    AsJson,
    ChannelName,
    DrawingForm,
    FlowFile,
    Port,
    StateDir,
    TemporalPort,
    UiPort,
    Url,
    places_of,
    target_of,
)
from wiring.talk import Talk

# Each command imports its work when it runs: help and usage errors do not wait for database drivers.

HERE = [Path()]

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
def play(
    flow: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A flow, in any dialect")],
    at: Annotated[str | None, typer.Option(help="When it begins, ISO 8601 (a Monday, 9:00)")] = None,
    variables: Annotated[str | None, typer.Option(help="Variables it begins with, as JSON")] = None,
    channel: Annotated[
        ChannelName | None, typer.Option(help="Where it takes place (default: as its trigger says)")
    ] = None,
) -> None:
    """Talk with a flow in the terminal, in the simulator: nothing is sent, and time passes as you say."""
    from wiring.cli.play import play

    play(flow, at, variables, channel.value if channel else None)


@app.command("test-flow")
def conversations(
    paths: Annotated[list[Path], typer.Argument(help="Flows, *.talk.json files, or folders")] = HERE,
    junit: Annotated[Path | None, typer.Option(help="Where a JUnit report goes")] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="Which nodes and exits none took")] = False,
    min_coverage: Annotated[
        float | None, typer.Option(min=0, max=100, help="Percent that each flow must reach")
    ] = None,
) -> None:
    """Play the conversation tests beside flows in the simulator; exit code 1 when one fails."""
    from wiring.cli.test_flow import run

    run(paths, report=junit, coverage=coverage, min_coverage=min_coverage)


@app.command()
def dev(
    state_dir: StateDir = None, port: Port = None, temporal_port: TemporalPort = None, ui_port: UiPort = None
) -> None:
    """Run servers, a local Chatwoot, API and worker until Ctrl-C; one that dies comes back."""
    from wiring.cli.dev import run

    run(places_of(state_dir, port, temporal_port, ui_port))


@app.command()
def dial(
    number: Annotated[str, typer.Argument(help="A service code in quotes ('*384*1#'), or a number of ours")],
    phone: Annotated[str, typer.Option(help="The number of the phone that dials")] = "+254700000001",
    state_dir: StateDir = None,
) -> None:
    """A phone in the terminal: dial a service code or call a number of the `tembea dev` that runs here."""
    from wiring.cli.dial import run

    run(state_dir or DEFAULT_STATE_DIR, number, phone)


@app.command()
def api() -> None:
    """Run the API process against the servers that the environment names."""
    from wiring.start import be

    be("api")


@app.command()
def worker() -> None:
    """Run a worker process: the walk, its activities and the relay."""
    from wiring.start import be

    be("worker")


@app.command()
def single() -> None:
    """Run API and worker in one process: for one machine; runs start faster."""
    from wiring.start import be

    be("single")


@app.command()
def migrate() -> None:
    """Bring the database's tables up to this version, and see to the first API key."""
    from wiring.cli.processes import migrate

    migrate()


@app.command()
def doctor(
    state_dir: StateDir = None,
    as_json: AsJson = False,
) -> None:
    """Look at everything the product needs; exit code 1 when something is missing."""
    from wiring.cli.doctor import run

    run(state_dir, as_json=as_json)


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Flow files")],
    as_json: AsJson = False,
) -> None:
    """Check flow files: what is wrong, on which line, how to mend it; exit code 1 when there are errors."""
    from wiring.cli.validate import run

    run(files, json=as_json)


@app.command()
def graph(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A flow")],
    form: Annotated[
        DrawingForm | None, typer.Option("--format", help="Default: by --out, else mermaid")
    ] = None,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="A file to write it to")] = None,
) -> None:
    """Draw a flow file; nodes with errors are marked."""
    from wiring.cli.graph import run

    run(file, form, out)


@app.command()
def push(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A flow")],
    ui: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="What an editor keeps beside it, as JSON")
    ] = None,
    base: Annotated[
        int | None, typer.Option(min=1, help="Only if this is the latest version: what you have changed")
    ] = None,
    url: Url = None,
    api_key: ApiKey = None,
    state_dir: StateDir = None,
) -> None:
    """Save a flow file in a running service, as the latest version of the flow with its id."""
    from wiring.cli.push import run

    run(file, ui, base, target_of(url, api_key, state_dir))


@app.command()
def publish(
    flow: Annotated[str, typer.Argument(metavar="ID", help="The flow's own id, or its UUID")],
    version: Annotated[int | None, typer.Option(min=1, help="Default: the latest")] = None,
    rollback: Annotated[bool, typer.Option("--rollback", help="The version that ran before")] = False,
    as_json: AsJson = False,
    url: Url = None,
    api_key: ApiKey = None,
    state_dir: StateDir = None,
) -> None:
    """Let a version of a flow run from now on, in a running service."""
    if rollback and version:
        raise typer.BadParameter("--rollback chooses the version by itself")
    from wiring.cli.publish import run

    run(flow, version, target_of(url, api_key, state_dir), rollback=rollback, as_json=as_json)


@app.command()
def tail(
    execution: Annotated[str | None, typer.Option(help="The id of an execution")] = None,
    flow: Annotated[str | None, typer.Option(help="A flow: its executions, those to come included")] = None,
    as_json: AsJson = False,
    url: Url = None,
    api_key: ApiKey = None,
    state_dir: StateDir = None,
) -> None:
    """Follow what an execution does, to its end; or those of a flow, until Ctrl-C."""
    if (execution is None) == (flow is None):
        raise typer.BadParameter("name either --execution or --flow")
    from wiring.cli.tail import run

    run(target_of(url, api_key, state_dir), execution=execution, flow=flow, as_json=as_json)


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
    peers: Annotated[
        bool, typer.Option("--peers", help="DBOS and Restate too; they are fetched once")
    ] = False,
    plot: Annotated[Path | None, typer.Option(help="Where a drawing of the figures goes, as SVG")] = None,
    backend: Annotated[
        list[str] | None, typer.Option(help="memory, file or postgres: what Temporal keeps its state in")
    ] = None,
) -> None:
    """Measure Tembea against hand-written workflows, on this machine, now."""
    from wiring.cli.check import bench

    bench(out, plot, quick=quick, peers=peers, backends=backend or [])


@app.command()
def torture(
    out: Annotated[Path, typer.Option(help="Where the figures go, as JSON")],
    seed: Annotated[
        int | None, typer.Option(help="What is drawn; another one each time where absent")
    ] = None,
    minutes: Annotated[float, typer.Option(min=0.5, help="For which things are broken")] = 10,
    sabotage: Annotated[
        str | None, typer.Option(help="Break the product by this name (or `all`), in a copy: is it found?")
    ] = None,
) -> None:
    """Break a Tembea of our own under load, and look for what got lost or was done twice."""
    from wiring.cli.check import torture

    torture(out, seed, minutes, sabotage)


def main() -> None:
    """Run the command line; what is expected to go wrong is one line, not a traceback."""
    try:
        app()
    except Exception as error:
        if not is_expected(error):
            raise
        Talk().say(f"tembea: {error}")
        sys.exit(1)
