"""The catalogue: every kind of node there is, found by looking into the folders of kinds."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from inspect import getmembers, isclass
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType

from dsl.kind import Kind
from dsl.messages import CLOSE_WAIT, EVALUATE, FLUSH, PARSE_ANSWER, PERFORM, SEND_MESSAGE

FOLDERS = ("compiler.nodes", "activities.nodes")
OURS = frozenset({PERFORM, FLUSH, CLOSE_WAIT, SEND_MESSAGE, PARSE_ANSWER, EVALUATE})
"""Activities that no author draws: a kind of such a name would take their place in histories."""


@cache
def catalogue() -> MappingProxyType[str, type[Kind]]:
    """The kinds by name; `aliases` of each name it too."""
    return by_name(kind_of(module) for folder in FOLDERS for module in _modules(folder))


def by_name(kinds: Iterable[type[Kind]]) -> MappingProxyType[str, type[Kind]]:
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


def kind_of(module: ModuleType) -> type[Kind]:
    """The one kind that a module of nodes defines; none or several raise TypeError."""
    own = [
        member
        for _, member in getmembers(module, isclass)
        if issubclass(member, Kind) and member.__module__ == module.__name__
    ]
    if len(own) != 1:
        raise TypeError(f"{module.__name__} defines {len(own)} kinds; a module of nodes defines one")
    return own[0]


def _modules(folder: str) -> list[ModuleType]:
    package = import_module(folder)
    return [import_module(f"{folder}.{found.name}") for found in iter_modules(package.__path__)]
