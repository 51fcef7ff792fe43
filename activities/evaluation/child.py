"""The process in which JavaScript of flows runs: frames of JSON in, frames of JSON out, a fresh context each.

The process is the sandbox; the engine's own limits are politeness (SEC-06). It imports nothing of the house
but its jail, and is given no environment, no files and no network.
"""

import json
import os
import signal
import sys
from typing import Any, BinaryIO

# Not `quickjs`: it starts a thread when imported, and would take 8 MB of stack for what is not used here.
from _quickjs import Context, JSException, StackOverflow

from activities.evaluation import jail
from activities.evaluation.frames import MOST, Reply, framed

SETTING_UP = 0.1
"""CPU seconds that a context may take besides."""
TOLD = 300
"""Characters of what is told of an error."""
NAMES = ("vars", "inputs", "contact", "conversation", "trigger", "nodes", "execution", "now")
"""What code may read, by name; what it does not read is undefined or empty."""

HARNESS = """
(() => {
  "use strict";
  const { stringify } = JSON, { getPrototypeOf, freeze } = Object, Later = Promise;
  const kinds = [function () {}, async function () {}, function* () {}, async function* () {}];
  for (const one of kinds) delete getPrototypeOf(one).constructor;
  for (const name of ["Function", "eval", "Date", "performance", "SharedArrayBuffer", "Atomics", "WeakRef",
                      "FinalizationRegistry", "queueMicrotask", "Promise"]) delete globalThis[name];
  delete Math.random;
  return (code, scope, names, truth) => {
    const value = code(...names.map((name) => scope[name]));
    if (value instanceof Later) throw new TypeError("the result is a promise: nothing waits for it");
    if (truth) return value ? "true" : "false";
    return stringify(value) ?? "null";
  };
})()
"""


class Engine:
    """Evaluates one request after another; `told` are the limits of each."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told

    def evaluate(self, request: dict[str, Any]) -> Reply:
        """`{"value": …}`, or `{"problem": code, "message": …}`; never raises."""
        try:
            text = self._result(request)
        except StackOverflow:
            return _problem("SCRIPT_FAILED", "RangeError: the calls are nested too deep.")
        except JSException as error:
            return _classed(str(error).partition("\n")[0])
        except (ValueError, MemoryError, RecursionError):
            return _problem("SCRIPT_MEMORY", "The script takes more memory than it may.")
        if len(text) > self.told["result"]:
            return _problem("SCRIPT_RESULT", "The result is larger than may be kept.")
        return {"value": text}

    def _result(self, request: dict[str, Any]) -> str:
        context = Context()
        context.set_memory_limit(self.told["memory"])
        context.set_max_stack_size(self.told["stack"])
        scope = {"vars": {}, "inputs": {}, **request["scope"]}
        run, known = context.eval(HARNESS), context.parse_json(json.dumps(scope))
        names = context.parse_json(json.dumps(NAMES))
        context.set_time_limit(self.told["seconds"])
        return str(run(_compiled(context, request["code"]), known, names, bool(request["truth"])))


def _compiled(context: Context, code: str) -> Any:
    """The code as a function: an expression, else statements with a `return`."""
    head = f'(function ({", ".join(NAMES)}) {{ "use strict"; '
    try:
        return context.eval(f"{head}return (\n{code}\n); }})")
    except JSException as error:
        if not str(error).startswith("SyntaxError"):
            raise
    return context.eval(f"{head}\n{code}\n}})")


def _classed(error: str) -> Reply:
    if error.startswith("InternalError: interrupted"):
        return _problem("SCRIPT_TIMEOUT", "The script takes longer than it may.")
    if error in ("null", "InternalError: out of memory"):
        return _problem("SCRIPT_MEMORY", "The script takes more memory than it may.")
    return _problem("SCRIPT_FAILED", error)


def _problem(code: str, message: str) -> Reply:
    return {"problem": code, "message": message[:TOLD]}


def _read(stream: BinaryIO, size: int) -> bytes:
    """So many bytes; fewer where the parent is gone."""
    got = b""
    while len(got) < size and (more := stream.read(size - len(got))):
        got += more
    return got


def serve(engine: Engine, requests: BinaryIO, replies: BinaryIO) -> None:
    """Until the parent closes its end."""
    while len(head := _read(requests, 4)) == 4 and (size := int.from_bytes(head)) <= MOST:
        request = json.loads(_read(requests, size))
        # The engine does not look at its time limit everywhere: past twice of it the kernel ends the process.
        signal.setitimer(signal.ITIMER_PROF, 2 * engine.told["seconds"] + SETTING_UP)
        reply = engine.evaluate(request)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _tell(replies, reply)


def _tell(replies: BinaryIO, reply: Reply) -> None:
    replies.write(framed(json.dumps(reply).encode()))
    replies.flush()


def main() -> None:
    """Entry of the child: its limits are the one argument."""
    told = json.loads(sys.argv[1])
    Engine(told).evaluate({"code": "0", "scope": {}, "truth": False})  # what is loaded late is loaded now
    _tell(sys.stdout.buffer, {"jailed": jail.enter(told["lifetime"])})
    serve(Engine(told), sys.stdin.buffer, sys.stdout.buffer)
    os._exit(0)


if __name__ == "__main__":
    main()
