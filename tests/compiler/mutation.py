"""Documents by chance: any JSON at all, and good flows with something done to them."""

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any

from compiler.compile import compile_flow
from tests.golden.published import PUBLISHED
from tests.goldens import FOLDER, REPOSITORY
from wiring.catalog import catalogue

Path = tuple[Any, ...]


def _samples() -> list[Any]:
    """Flows of every dialect: examples, golden flows and broken ones."""
    files = [
        *REPOSITORY.glob("examples/*/*.json"),
        *FOLDER.glob("flows/*/*.json"),
        *FOLDER.glob("dialects/**/*.json"),
        *FOLDER.glob("broken/*.json"),
    ]
    texts = (path.read_text() for path in sorted(files) if ".talk." not in path.name and path.stem != "plan")
    read = [json.loads(text) for text in texts if len(text) < 40_000]
    return [document for document in read if isinstance(document, dict) and "nodes" in document]


SAMPLES = _samples()
GOOD = [sample for sample in SAMPLES if compile_flow(sample, catalogue(), PUBLISHED).success]
KEYS = (
    "id name nodes edges type config transitions startNodeId from to exit condition all any not left "
    "operator right text saveTo choices value onError default retry attempts settings sessionTtl "
    "variables timeout error unknown next answer invalid source target sourceHandle data position "
    "trigger weights fields cases branches items flow inputs outputs javascript doubleText "
    "interrupts return true start end fail handoff gte between matches 30m P1M (?=x) x.y"
)
WORDS = (
    *KEYS.split(),
    *("", "{{name}}", "{{ a | upper }}", "{{", "{{nodes.x.y}}", "{{@.text}}", "vars.name > 1", "a" * 200),
)
STRANGE = (
    *("\x00", "\ud800", "\u202e", "\U0001f600", "\uff4e\uff41me", "a/b", "a~b", "~1", "0", "-1"),
    *("__class__", "x" * 70_000),
)
HUGE = (2**63, -(2**63) - 1, 10**400, 1e308, float("inf"), float("nan"), -0.0, 2**31, 5e-324)


def anything(chance: Random, depth: int = 0) -> Any:
    """Some JSON value."""
    form = chance.randrange(8 if depth < 4 else 6)
    if form < 6:
        return chance.choice(
            [None, True, False, chance.randint(-3, 99), chance.random(), *chance.sample(WORDS, 4),
             chance.choice(STRANGE), chance.choice(HUGE)]
        )  # fmt: skip
    if form == 6:
        return [anything(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice(WORDS): anything(chance, depth + 1) for _ in range(chance.randrange(6))}


def places(value: Any, path: Path = ()) -> list[Path]:
    """The path of every value inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in inner for found in places(item, (*path, key)))]


def value_at(document: Any, path: Path) -> Any:
    """What stands there."""
    for key in path:
        document = document[key]
    return document


def mutated(chance: Random) -> Any:
    """A sample with one to four things done to it."""
    document = copy.deepcopy(chance.choice(chance.choice([SAMPLES, GOOD])))
    for _ in range(chance.choice((1, 1, 2, 3, 4))):
        paths = [path for path in places(document) if path]
        if not paths:
            break
        path = chance.choice(paths)
        chance.choice(MUTATIONS)(chance, document, path, paths)
    return document


def _drop(chance: Random, document: Any, path: Path, paths: list[Path]) -> None:
    del value_at(document, path[:-1])[path[-1]]


def _double(chance: Random, document: Any, path: Path, paths: list[Path]) -> None:
    holder = value_at(document, path[:-1])
    value = copy.deepcopy(holder[path[-1]])
    if isinstance(holder, list):
        holder.insert(chance.randint(0, len(holder)), value)
    else:
        holder[chance.choice([*WORDS, *holder])] = value


def _replace(chance: Random, document: Any, path: Path, paths: list[Path]) -> None:
    value_at(document, path[:-1])[path[-1]] = anything(chance)


def _retarget(chance: Random, document: Any, path: Path, paths: list[Path]) -> None:
    """A text becomes another text of the document: an edge goes elsewhere, a variable has another's name."""
    texts = [found for found in paths if isinstance(value_at(document, found), str)]
    if texts:
        one = chance.choice(texts)
        other = chance.choice([found for found in texts if found[-1] == one[-1]])
        value_at(document, one[:-1])[one[-1]] = value_at(document, other)


def _retype(chance: Random, document: Any, path: Path, paths: list[Path]) -> None:
    kinds = [*catalogue(), *(alias for kind in catalogue().values() for alias in kind.aliases)]
    types = [found for found in paths if found[-1] == "type"]
    if types:
        holder = value_at(document, chance.choice(types)[:-1])
        holder["type"] = chance.choice([str(anything(chance)), *kinds, *map(str.upper, kinds)])


def _rename(chance: Random, document: Any, path: Path, paths: list[Path]) -> None:
    holder = value_at(document, path[:-1])
    if isinstance(holder, dict):
        holder[chance.choice([*WORDS, *STRANGE])] = holder.pop(path[-1])


def _deepen(chance: Random, document: Any, path: Path, paths: list[Path]) -> None:
    value = value_at(document, path)
    for _ in range(chance.choice([1, 2, 10, 70])):
        value = chance.choice([[value], {chance.choice(WORDS): value}])
    value_at(document, path[:-1])[path[-1]] = value


def _estrange(chance: Random, document: Any, path: Path, paths: list[Path]) -> None:
    value = value_at(document, path)
    strange = chance.choice(STRANGE)
    value_at(document, path[:-1])[path[-1]] = f"{value}{strange}" if isinstance(value, str) else strange


def _enlarge(chance: Random, document: Any, path: Path, paths: list[Path]) -> None:
    value_at(document, path[:-1])[path[-1]] = chance.choice(HUGE)


def _swap(chance: Random, document: Any, path: Path, paths: list[Path]) -> None:
    other = chance.choice(paths)
    one, another = copy.deepcopy(value_at(document, path)), copy.deepcopy(value_at(document, other))
    value_at(document, path[:-1])[path[-1]] = another
    if other[: len(path)] != path and path[: len(other)] != other:
        value_at(document, other[:-1])[other[-1]] = one


def _dress(chance: Random, document: Any, path: Path, paths: list[Path]) -> None:
    """Something that a node, its config or an edge may well have."""
    form = chance.choice(list(CLOTHES))
    held = [value_at(document, found) for found in paths if FORMS[form](found)]
    held = [one for one in held if isinstance(one, dict)]
    if held:
        chance.choice(held).update(copy.deepcopy(chance.choice(CLOTHES[form])))


FORMS: dict[str, Callable[[Path], bool]] = {
    "node": lambda path: len(path) == 2 and path[0] == "nodes",
    "edge": lambda path: len(path) == 2 and path[0] == "edges",
    "config": lambda path: len(path) == 3 and path[2] in ("config", "data"),
    "settings": lambda path: path == ("settings",),
}
CLOTHES: dict[str, list[dict[str, Any]]] = {
    "node": [{"onError": {"default": "x"}}, {"retry": {"attempts": 3}}, {"label": "é"}],
    "edge": [
        {"condition": {"left": "{{x}}", "operator": "is_set"}}, {"condition": {"javascript": "vars.x > 1"}},
        {"condition": {"left": "x", "operator": "matches", "right": "x+"}}, {"exit": "error"}, {"to": "end"},
        {"exit": "invalid"}, {"exit": "timeout"}, {"exit": "unknown"}, {"exit": "a"}, {"priority": 2},
    ],
    "config": [
        {"timeout": "5m"}, {"maxTries": 2}, {"expects": "choice", "choices": [{"value": "a"}]},
        {"doubleText": "merge"}, {"interrupts": True}, {"reminders": [{"after": "1m", "text": "?"}]},
        {"buttons": [{"title": "a"}]}, {"saveTo": "x"}, {"resumeOn": "never"}, {"text": "{{now}}"},
    ],
    "settings": [{"onError": "handoff"}, {"onError": "end"}, {"sessionTtl": "1d"}, {"region": "KE"}],
}  # fmt: skip
MUTATIONS: tuple[Callable[[Random, Any, Path, list[Path]], None], ...] = (
    _drop, _drop, _double, _replace, *4 * (_retarget,), _retype, _rename, _deepen, _estrange, _enlarge,
    _swap, *8 * (_dress,),
)  # fmt: skip
