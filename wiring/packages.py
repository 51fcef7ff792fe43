"""Kinds from installed packages: entry points of the group `tembea.kinds`, each a module that defines one."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from inspect import getmembers, isabstract, isclass
from types import ModuleType

from activities.base import Action
from dsl.kind import Kind

GROUP = "tembea.kinds"
WHY_LENGTH = 300
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


class Unfit(TypeError):
    """A module cannot be a kind; the text says why."""


@dataclass(frozen=True)
class Package:
    """An installed package, as it names itself."""

    name: str
    version: str


@dataclass(frozen=True)
class LeftOut:
    """An entry point that became no kind, and why."""

    entry: str
    package: Package
    why: str

    def __str__(self) -> str:
        return f"'{self.entry}' of {self.package.name} {self.package.version}: {self.why}"


@dataclass(frozen=True)
class Added:
    """A kind and the package that it came with."""

    kind: type[Kind]
    package: Package

    def names(self) -> set[str]:
        """Every name an author may use for it."""
        return {self.kind.kind(), *self.kind.aliases}


@dataclass(frozen=True)
class Custom:
    """What installed packages add to the kinds there are, by name, and what was left out."""

    added: Mapping[str, Added] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()


def custom(taken: Collection[str]) -> Custom:
    """The kinds of the packages installed here.

    Names in histories are contracts: a kind that takes one of the names `taken` is left out, and of two that
    share a name both are, for none may run in the other's place.
    """
    fit, left_out = list[Added](), list[LeftOut]()
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        package = _package(entry)
        try:
            fit.append(Added(_kind(entry), package))
        except (Exception, SystemExit) as error:  # a stranger's module is run: it may do anything
            left_out.append(LeftOut(entry.name, package, _why(error)))
    clashes = {name for name, count in Counter(n for one in fit for n in one.names()).items() if count > 1}
    added = dict[str, Added]()
    for one in fit:
        if clash := one.names() & (clashes | set(taken)):
            why = f"another kind or activity is named {', '.join(sorted(clash))} too"
            left_out.append(LeftOut(one.kind.kind(), one.package, why))
        else:
            added[one.kind.kind()] = one
    return Custom(added, tuple(left_out))


def kind_of(module: ModuleType) -> type[Kind]:
    """The one kind that a module of nodes defines; none or several raise TypeError."""
    own = [
        member
        for _, member in getmembers(module, isclass)
        if issubclass(member, Kind) and member.__module__ == module.__name__
    ]
    if len(own) != 1:
        raise Unfit(f"{module.__name__} defines {len(own)} kinds; a module of nodes defines one")
    return own[0]


def _kind(entry: EntryPoint) -> type[Kind]:
    if entry.attr:
        raise Unfit(f"'{entry.value}' names something in a module; an entry point names the module")
    kind = kind_of(import_module(entry.module))
    for problem in _problems(entry.name, kind):
        raise Unfit(problem)
    kind.model_json_schema(by_alias=True)  # editors ask for it
    return kind


def _problems(name: str, kind: type[Kind]) -> Iterator[str]:
    if kind.kind() != name:
        yield f"the entry point is named '{name}', its kind '{kind.kind()}': the module's name is both"
    if not all(_NAME.fullmatch(each) for each in (name, *kind.aliases)):
        yield "its name or an alias is not letters, digits and _, at most 64"
    if isabstract(kind):
        yield f"{kind.__name__} does not define {', '.join(sorted(kind.__abstractmethods__))}"
    if issubclass(kind, Action) and not kind.exits:
        yield f"{kind.__name__} has no exit to leave by"
    if not kind.__doc__:
        yield f"{kind.__name__} has no docstring, which is its documentation"


def _package(entry: EntryPoint) -> Package:
    return Package(entry.dist.name, entry.dist.version) if entry.dist else Package("unknown", "0")


def _why(error: BaseException) -> str:
    text = str(error) if isinstance(error, Unfit) else f"{type(error).__name__}: {error}"
    return text[:WHY_LENGTH]
