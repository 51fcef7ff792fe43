"""What a condition or a script comes to: the pure activity `evaluate`; its result is in history."""

import asyncio
import json
import re
from typing import Any

from pydantic import Field

from activities.evaluation.frames import Reply
from activities.evaluation.sandbox import Sandbox
from activities.patterns import Pattern, PatternError
from dsl.filters import text_of
from dsl.messages import ErrorInfo, Outcome
from dsl.model import Json, Message

MOST_DEPTH = 60
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_WIDEST = 2**63


class Evaluation(Message):
    """Whether a `text` matches a `pattern`, or whether `javascript` holds, or what a `script` gives.

    `scope` is what the code reads; `kept` the node's value, which a condition on an edge leaves as it is.
    """

    text: Json = None
    pattern: Json = None
    javascript: str | None = None
    script: str | None = None
    scope: dict[str, Json] = Field(default_factory=dict)
    kept: Json = None


class Unstorable(ValueError):
    """A result that cannot be kept; says why."""


async def evaluate(args: dict[str, Any], sandbox: Sandbox) -> Outcome:
    """A condition leaves by `true` or `false`, a script by `next` or `error`.

    A condition that cannot be decided is false, like a comparison of what cannot be compared. Raises only
    where our own machine fails.
    """
    asked = Evaluation.model_validate(args)
    if asked.script is not None:
        return _given(await sandbox.run(asked.script, asked.scope), sandbox.limits.result)
    if asked.javascript is not None:
        reply = await sandbox.run(asked.javascript, asked.scope, truth=True)
        return _decided(asked, reply.get("value") == "true", _problem(reply))
    # The engine lets go of the interpreter: a long text keeps a thread busy, and nobody else.
    return await asyncio.to_thread(matched, asked)


def matched(asked: Evaluation) -> Outcome:
    """Whether the pattern occurs in the text."""
    try:
        return _decided(asked, Pattern(text_of(asked.pattern)).occurs(text_of(asked.text)), None)
    except PatternError as error:
        return _decided(asked, False, ErrorInfo(code="INVALID_PATTERN", message=str(error)))


def _decided(asked: Evaluation, holds: bool, problem: ErrorInfo | None) -> Outcome:
    """What kept it from being decided becomes the node's value, where that has none of its own."""
    told = {"problem": problem.model_dump(include={"code", "message"})} if problem is not None else None
    return Outcome(exit="true" if holds else "false", value=told if asked.kept is None else asked.kept)


def _given(reply: Reply, most: int) -> Outcome:
    """A child that code broke out into may say anything: it is read as what a stranger sent."""
    if (problem := _problem(reply)) is not None:
        return Outcome(exit="error", error=problem)
    try:
        return Outcome(exit="next", value=storable(json.loads(str(reply.get("value"))[: most + 1])))
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, Unstorable) else "nothing that can be read"
        return Outcome(exit="error", error=ErrorInfo(code="SCRIPT_RESULT", message=f"The result is {why}."))


def _problem(reply: Reply) -> ErrorInfo | None:
    if "problem" not in reply:
        return None
    return ErrorInfo(code=str(reply["problem"])[:40], message=str(reply.get("message"))[:300])


def storable(value: Json, depth: int = 0) -> Json:
    """The value, whole numbers beyond 64 bits as floats; raises `Unstorable` for what a database refuses."""
    if depth > MOST_DEPTH:
        raise Unstorable("nested too deep")
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise Unstorable("a text with a NUL character or half a surrogate pair")
    elif isinstance(value, int) and not -_WIDEST <= value < _WIDEST:
        return float(value)
    elif isinstance(value, list):
        return [storable(one, depth + 1) for one in value]
    elif isinstance(value, dict):
        return {storable(key): storable(one, depth + 1) for key, one in value.items()}
    return value
