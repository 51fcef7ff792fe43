"""The logs of a process: one JSON object a line, allow-listed fields, no secret, nothing anybody said."""

import logging
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, TextIO
from uuid import UUID

import orjson
import structlog
from structlog.typing import EventDict, Processor

from wiring.redaction import Redactor

HOUSE = (
    "__main__", "activities", "api", "compiler", "dsl", "emulators", "intake", "providers", "store", "wiring",
    "worker", "workflows",
)  # fmt: skip
FIELDS = frozenset(
    {
        "event", "level", "logger", "timestamp", "exception", "dropped",
        "activity", "at", "attempt", "bytes", "channel", "code", "connection", "count", "digest", "error",
        "execution_id", "flow_id", "flow_version", "host", "kind", "lane", "method", "ms", "namespace",
        "node", "number", "part", "pid", "port", "provider", "queue", "reason", "request_id",
        "retry_after", "route", "run_id", "seconds", "seq", "server", "state", "status", "version",
        "visit", "workflow_id", "workspace",
    }
)  # fmt: skip
"""Names a line may have; any other is dropped, and `dropped` counts them."""
LONGEST = 300
MOST = 20
FRAMES = 5
CAUSES = 5

_redact = Redactor()


def configure(level: str, *, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Send all logging of this process to `stream` (standard error), as JSON, or in colours on a terminal.

    `level` (debug, info, warning, error) is that of our own loggers; of others' only warnings are taken.
    """
    hide(*secrets)
    out = stream or sys.stderr
    handler = _Handler(out)
    handler.setFormatter(_formatter(colours=out.isatty()))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in HOUSE:
        logging.getLogger(name).setLevel(level.upper())
    logging.captureWarnings(True)
    _spare()
    sys.excepthook = _last_words
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_ORIGIN, _formatted],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _spare() -> None:
    """Looks up nothing for a line that no line tells: what Python's own documentation of logging offers."""
    logging._srcfile = None  # walking the stack for the caller costs the most
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def hide(*secrets: str) -> None:
    """Never print these values, wherever they turn up."""
    _redact.hide(*secrets)


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines; what cannot be written is not repeated."""

    def handleError(self, record: logging.LogRecord) -> None:
        level = record.levelname.lower()
        self.stream.write(f'{{"level":"{level}","event":"a log line could not be written"}}\n')


_ORIGIN: tuple[Processor, ...] = (
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
_formatted = structlog.stdlib.ProcessorFormatter.wrap_for_formatter


def _formatter(*, colours: bool) -> logging.Formatter:
    plain = structlog.processors.JSONRenderer(serializer=_json)
    renderer = structlog.dev.ConsoleRenderer() if colours else plain
    clean = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        processors=[_first_line, clean, _tell_exception, _allow, renderer], foreign_pre_chain=_ORIGIN
    )


def _json(line: Mapping[str, Any], **_: object) -> str:
    return orjson.dumps(line).decode()


def _first_line(_: object, __: str, line: EventDict) -> EventDict:
    """Libraries put reprs of objects, and so what people said, below the first line."""
    if not line["_from_structlog"]:
        line["event"] = str(line["event"]).partition("\n")[0]
    return line


def _tell_exception(_: object, __: str, line: EventDict) -> EventDict:
    told = line.pop("exc_info", None)
    error = told if isinstance(told, BaseException) else told[1] if isinstance(told, tuple) else None
    if told is True:
        error = sys.exc_info()[1]
    return {**line, "exception": list(_chain(error))} if error else line


def _allow(_: object, __: str, line: EventDict) -> EventDict:
    allowed = {name: _value(value) for name, value in line.items() if name in FIELDS}
    dropped = len(line) - len(allowed)
    return {**allowed, "dropped": dropped} if dropped else allowed


def _value(value: object) -> object:
    """A value as it may stand in a line: a number, a short text without secrets, or a few of them."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str | UUID):
        return _redact(str(value))[:LONGEST]
    if isinstance(value, list | tuple):
        return [
            _value(item) if isinstance(item, str | int | float) else _named(item) for item in value[:MOST]
        ]
    return _named(value)


def _named(value: object) -> str:
    return f"<{type(value).__name__}>"


def _chain(error: BaseException | None) -> Iterator[str]:
    """Types and places of an error and its causes. Only our own texts, and the system's, quote nobody."""
    for _ in range(CAUSES):
        if error is None:
            return
        yield _title(error)
        for frame in traceback.extract_tb(error.__traceback__)[-FRAMES:]:
            yield f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _title(error: BaseException) -> str:
    kind = type(error)
    ours = kind.__module__.partition(".")[0] in HOUSE
    text = str(error) if ours else error.strerror if isinstance(error, OSError) else None
    return f"{kind.__name__}: {text}" if text else kind.__name__


def _last_words(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    structlog.get_logger("wiring.logs").critical("process_failed", exc_info=error)
