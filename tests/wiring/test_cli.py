"""The command line: what goes where, and the exit codes."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from wiring.cli import check as checks
from wiring.cli.app import app
from wiring.cli.doctor import examine, locked
from wiring.cli.options import PORT, port_of, state_dir_of
from wiring.files import ROOT
from wiring.keys import load_or_create
from wiring.supervise.ports import LOOPBACK, PortTakenError, free_port

TRUE, FALSE = (sys.executable, "-c", ""), (sys.executable, "-c", "raise SystemExit(3)")


def tembea(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wiring.cli", *arguments],
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def test_the_doctors_findings_are_json_on_standard_output_and_nothing_else(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["doctor", "--json", "--state-dir", str(tmp_path / "none")])
    findings = {finding["check"]: finding for finding in json.loads(done.stdout)}
    assert list(findings) == [
        "python",
        "packages",
        "postgres",
        "temporal",
        "keys",
        "kinds",
        "settings",
        "ports",
    ]
    assert findings["python"]["state"] == "good"
    assert done.exit_code == int(any(finding["state"] == "bad" for finding in findings.values()))
    assert done.stderr == ""
    assert not (tmp_path / "none").exists(), "looking makes nothing"


def test_the_doctors_table_is_talk(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["doctor", "--state-dir", str(tmp_path)])
    assert done.stdout == ""
    assert "postgres" in done.stderr


@pytest.mark.parametrize(
    ("setting", "check"),
    [
        ({"DATABASE_URL": "postgresql://nobody:s3cr3t@127.0.0.1:1/x"}, "postgres"),
        ({"TEMPORAL_ADDRESS": "127.0.0.1:1"}, "temporal"),
        ({"TEMBEA_KEYS": '{"jwtKey": "s3cr3t"}'}, "keys"),
        ({"AT_USERNAME": "duka", "AT_API_KEY": "s3cr3t"}, "settings"),
    ],
)
def test_what_does_not_work_is_bad_exits_1_and_repeats_no_secret(
    tmp_path: Path, setting: dict[str, str], check: str
) -> None:
    done = CliRunner().invoke(app, ["doctor", "--json", "--state-dir", str(tmp_path)], env=setting)
    states = {finding["check"]: finding["state"] for finding in json.loads(done.stdout)}
    assert (states[check], done.exit_code) == ("bad", 1)
    assert "s3cr3t" not in done.output


@pytest.mark.parametrize(
    ("more", "state", "detail"),
    [
        ({}, "note", "AT_CALLBACK_SECRET and TEMBEA_PUBLIC_URL not set: nobody can reach a flow by phone"),
        ({"TEMBEA_PUBLIC_URL": "https://t.example"}, "note", "AT_CALLBACK_SECRET not set"),
        (
            {"AT_CALLBACK_SECRET": "x" * 32, "TEMBEA_PUBLIC_URL": "https://t.example"},
            "good",
            "Africa's Talking, production",
        ),
    ],
)
async def test_what_is_missing_to_be_reached_by_phone_is_worth_knowing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, str], state: str, detail: str
) -> None:
    named = {"AT_USERNAME": "duka", "AT_API_KEY": "k", "AT_ENVIRONMENT": "production"}
    for name, value in {**named, **more}.items():
        monkeypatch.setenv(name, value)
    [found] = [one for one in await examine(tmp_path) if one.check == "settings"]
    assert (found.state, detail in found.detail) == (state, True)


async def test_keys_that_others_can_read_are_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEMBEA_KEYS", raising=False)
    load_or_create(tmp_path)
    assert {f.check: f.state for f in await examine(tmp_path)}["keys"] == "good"
    (tmp_path / "keys.json").chmod(0o644)
    assert {f.check: f.state for f in await examine(tmp_path)}["keys"] == "bad"


def test_the_doctor_reads_the_whole_lock() -> None:
    names = {name for name, _, _ in locked()}
    assert {"alembic", "temporalio", "uvicorn", "uuid-utils"} <= names
    assert len(names) > 50


def test_check_stops_at_the_first_step_that_fails(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "STEPS", {"first": TRUE, "second": FALSE, "third": TRUE})
    with pytest.raises(typer.Exit) as raised:
        checks.check()
    assert raised.value.exit_code == 1
    out, talk = capfd.readouterr()
    assert out == ""
    assert [line.split(" (")[0] for line in talk.splitlines()] == ["first: good", "second: FAILED"]


def test_check_is_content_when_every_step_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "STEPS", {"first": TRUE})
    checks.check()


def test_check_is_lint_format_types_contracts_and_bare_tests() -> None:
    assert list(checks.STEPS) == ["lint", "format", "types", "contracts", "bare tests"]
    assert checks.STEPS["bare tests"][-2:] == ("-m", "not real")


@pytest.mark.real
def test_test_hands_its_arguments_to_pytest() -> None:
    done = tembea("test", "tests/wiring/test_ports.py", "--collect-only", "-q")
    assert done.returncode == 0
    assert "test_zero_is_any_free_port" in done.stdout


@pytest.mark.real
def test_what_is_expected_to_go_wrong_is_one_line_and_1() -> None:
    done = tembea("test", TEMBEA_TEMPORAL_BIN="/none")
    assert done.returncode == 1
    assert done.stderr.startswith("tembea: TEMBEA_TEMPORAL_BIN names /none")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("wrong", [["no-such-command"], ["doctor", "--no-such-option"]])
def test_wrong_usage_is_2(wrong: list[str]) -> None:
    done = CliRunner().invoke(app, wrong)
    assert (done.exit_code, done.stdout) == (2, "")


def test_a_state_folder_is_explicit_only_when_it_was_named(tmp_path: Path) -> None:
    assert state_dir_of(tmp_path) == (tmp_path, True)


def test_a_named_port_is_explicit_and_a_default_is_not() -> None:
    wanted = free_port()
    assert port_of(wanted, PORT, "--port") == wanted
    assert port_of(None, wanted, "--port") == wanted
    with pytest.raises(PortTakenError, match="--port"):
        _while_taken(lambda port: port_of(port, PORT, "--port"))


def _while_taken(use: Callable[[int], int]) -> int:
    with socket.create_server((LOOPBACK, 0)) as server:
        return use(server.getsockname()[1])


HEAVY = {"sqlalchemy", "temporalio", "fastapi", "alembic", "asyncpg", "httpx", "networkx", "cryptography"}


@pytest.mark.real
def test_help_waits_for_no_driver() -> None:
    script = "import sys; from wiring.cli.app import app; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert HEAVY & set(loaded.stdout.split()) == set()


def test_every_command_has_help() -> None:
    done = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    for name in ("demo", "dev", "api", "worker", "single", "migrate", "doctor", "check", "test"):
        assert name in done.stdout
        assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0


@pytest.mark.real
@pytest.mark.parametrize("command", ["api", "worker", "single", "migrate"])
def test_a_process_without_a_database_says_what_is_missing(command: str) -> None:
    done = tembea(command, DATABASE_URL="")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("tembea: DATABASE_URL is not set")
    assert done.stderr.count("\n") == 1


@pytest.mark.real
def test_a_database_that_does_not_answer_is_one_line_without_its_password() -> None:
    done = tembea("migrate", DATABASE_URL="postgresql://me:s3cr3t@127.0.0.1:1/x")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "tembea: DATABASE_URL: no PostgreSQL answers there, or not to this login\n"
