"""Log lines: JSON, allow-listed, with neither secrets nor what people said."""

import errno
import io
import json
import logging
import sys
import warnings
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from dsl.inputs import Input
from tests.wiring.log_capture import captured_logs
from wiring.codec import CodecError
from wiring.logs import configure, hide

CANARY = "Wanjiku"
SECRET = 'k"ey/of+the=house'


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    with captured_logs(SECRET) as stream:
        yield stream


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def log() -> Any:
    return structlog.get_logger("intake.relay")


def test_a_line_is_one_json_object_with_its_fields(out: io.StringIO) -> None:
    log().info("lane_delivered", lane="l1", seq=3, ms=1.5, workspace=None, at=["a:1", "b:2"])
    [line] = lines(out)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        **{"event": "lane_delivered", "level": "info", "logger": "intake.relay"},
        **{"lane": "l1", "seq": 3, "ms": 1.5, "workspace": None, "at": ["a:1", "b:2"]},
    }


def test_fields_nobody_allowed_are_dropped_and_counted(out: io.StringIO) -> None:
    log().info("told", text=CANARY, body={"name": CANARY}, phone="+254700000001", seq=1)
    [line] = lines(out)
    assert (line["dropped"], line["seq"]) == (3, 1)
    assert CANARY not in out.getvalue()
    assert "254700000001" not in out.getvalue()


@pytest.mark.parametrize(
    "value",
    [{"name": CANARY}, [{"name": CANARY}], SecretStr(CANARY), Decimal(7), [[CANARY]], CodecError(CANARY)],
)
def test_an_allowed_field_takes_plain_values_only(out: io.StringIO, value: object) -> None:
    log().info("told", reason=value)
    assert CANARY not in out.getvalue()
    assert "<" in str(lines(out)[0]["reason"])


def test_texts_and_lists_are_cut(out: io.StringIO) -> None:
    log().info("told", reason="é" * 5_000, at=list(range(500)))
    [line] = lines(out)
    assert len(line["reason"]) == 300
    assert len(line["at"]) == 20


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (f"key {SECRET} there", SECRET),
        ("Authorization: Bearer abc.def-1", "abc.def-1"),
        ("postgresql://tembea:hunter2@db/tembea", "hunter2"),
        ("GET https://example.org/send?token=abc&to=5", "token=abc"),
        ("said by jane.doe@example.org", "jane.doe"),
        ("from +254700000001 to 0712345678", "254700000001"),
        ("from +254700000001 to 0712345678", "0712345678"),
    ],
)
def test_secrets_and_what_looks_personal_is_masked(out: io.StringIO, text: str, hidden: str) -> None:
    log().info("told", reason=text)
    log().info(text)
    logging.getLogger("some.library").warning("said %s", text)
    assert hidden not in "".join(str(list(line.values())) for line in lines(out))
    assert [("***" in str(line)) for line in lines(out)] == [True] * 3


def test_ids_and_times_stay_readable(out: io.StringIO) -> None:
    uuid, path = "01932f5e-8c3d-7000-8000-123456789012", "default/main/45"
    log().info("told", execution_id=uuid, workflow_id=path, reason="2026-11-21T10:00:00Z")
    [line] = lines(out)
    assert (line["execution_id"], line["workflow_id"]) == (uuid, path)
    assert line["reason"] == "2026-11-21T10:00:00Z"


def test_a_secret_learnt_later_is_hidden_too(out: io.StringIO) -> None:
    hide("learnt-later")
    log().info("told", reason="it is learnt-later")
    assert lines(out)[0]["reason"] == "it is ***"


def test_an_error_shows_type_and_place_but_not_what_it_quotes(out: io.StringIO) -> None:
    try:
        Input.model_validate({"id": CANARY, "seq": CANARY})
    except ValueError:
        log().exception("reading_failed")
    [line] = lines(out)
    assert line["exception"][0] == "ValidationError"
    assert any("test_logs.py" in place for place in line["exception"])
    assert CANARY not in out.getvalue()


def test_errors_of_ours_and_of_the_system_say_why(out: io.StringIO) -> None:
    try:
        try:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")
        except OSError as error:
            raise CodecError(f"no key, {SECRET}") from error
    except CodecError as error:
        log().error("failed", exc_info=error)
    told = lines(out)[0]["exception"]
    assert told[0] == "CodecError: no key, ***"
    assert "ConnectionRefusedError: refused" in told


def test_libraries_are_heard_from_warnings_up_by_their_first_line(out: io.StringIO) -> None:
    library = logging.getLogger("some.library")
    library.info("body %s", CANARY)
    library.warning("gave up\nfuture: <Task exception=Error('%s')>", CANARY, extra={"body": CANARY})
    try:
        raise ValueError(CANARY)
    except ValueError:
        library.exception("failed")
    first, second = lines(out)
    assert (first["event"], first["logger"], first["level"]) == ("gave up", "some.library", "warning")
    assert second["exception"][0] == "ValueError"
    assert CANARY not in out.getvalue()


def test_below_the_level_nothing_is_said(out: io.StringIO) -> None:
    log().debug("told", seq=1)
    logging.getLogger("intake.gateway").info("by %s", "logging")
    assert [line["event"] for line in lines(out)] == ["by logging"]


def test_a_line_that_cannot_be_written_is_not_repeated_elsewhere(
    out: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    log().info("told", seq=2**70, reason=CANARY)
    assert [line["event"] for line in lines(out)] == ["a log line could not be written"]
    assert CANARY not in capsys.readouterr().err


def test_warnings_of_python_are_lines_too(out: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(f"careful\n{CANARY}", stacklevel=1)
    [line] = lines(out)
    assert line["logger"] == "py.warnings"
    assert CANARY not in out.getvalue()


def test_what_ends_the_process_is_told_without_what_it_quotes(out: io.StringIO) -> None:
    error = ValueError(CANARY)
    sys.excepthook(ValueError, error, None)
    [line] = lines(out)
    assert (line["event"], line["level"], line["exception"]) == ("process_failed", "critical", ["ValueError"])


def test_a_terminal_gets_text_instead_of_json(out: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    configure("info", stream=terminal)
    log().info("lane_delivered", lane="l1", body=CANARY)
    assert "lane_delivered" in terminal.getvalue()
    assert "l1" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")
    assert CANARY not in terminal.getvalue()
