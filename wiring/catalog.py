"""The catalogue: every kind of node there is, found in our folders of kinds and in installed packages."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType

from dsl.kind import Kind
from dsl.messages import CLOSE_WAIT, CONTINUE_ON, EVALUATE, FLUSH, PARSE_ANSWER, PERFORM, SEND_MESSAGE
from wiring.packages import Custom, custom, kind_of

FOLDERS = ("compiler.nodes", "activities.nodes")
OURS = frozenset({PERFORM, FLUSH, CLOSE_WAIT, SEND_MESSAGE, PARSE_ANSWER, EVALUATE, CONTINUE_ON})
"""Activities that no author draws: a kind of such a name would take their place in histories."""

Kinds = MappingProxyType[str, type[Kind]]


@cache
def catalogue() -> Kinds:
    """The kinds by name, those of packages too; `aliases` of each name it as well."""
    added = {name: found.kind for name, found in customs().added.items()}
    return MappingProxyType(dict(sorted({**own(), **added}.items())))


@cache
def own() -> Kinds:
    """The kinds that are part of the product."""
    return by_name(kind_of(module) for folder in FOLDERS for module in _modules(folder))


@cache
def customs() -> Custom:
    """What installed packages add, and what of theirs had to be left out."""
    return custom({*OURS, *own(), *(alias for kind in own().values() for alias in kind.aliases)})


def by_name(kinds: Iterable[type[Kind]]) -> Kinds:
    """Kinds by name, in order; two of one name or alias raise TypeError, as does a name of ours."""
    found: dict[str, type[Kind]] = {}
    taken = set(OURS)
    for kind in sorted(kinds, key=lambda kind: kind.kind()):
        names = {kind.kind(), *kind.aliases}
        if clash := names & taken:
            raise TypeError(
                f"{kind.__module__} names itself {', '.join(sorted(clash))}, as another kind or activity does"
            )
        taken |= names
        found[kind.kind()] = kind
    return MappingProxyType(found)


def _modules(folder: str) -> list[ModuleType]:
    package = import_module(folder)
    return [import_module(f"{folder}.{found.name}") for found in iter_modules(package.__path__)]
