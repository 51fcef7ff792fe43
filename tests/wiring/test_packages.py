"""Kinds from installed packages: found beside ours, and left out with a reason where they cannot be."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from activities.base import Action
from compiler.compile import compile_flow
from tests.packages.installing import GREETING, install, record
from wiring.catalog import OURS, catalogue, customs, own
from wiring.files import ROOT
from wiring.packages import Custom, custom

KIND = '''
from collections.abc import Iterable
from dsl.kind import Kind, Place
from dsl.plan import Choose, Step

class Wink(Kind):
    """Goes on."""

    aliases = {aliases}

    def lower(self, place: Place) -> Iterable[Step]:
        yield Choose(id=place.id(), node=place.node, cases=(), to="!next")
'''
_NUMBERS = count(1)
Lay = Callable[..., str]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.fixture
def lay(site: Path) -> Lay:
    """Install a package of one kind: its module's text, the entry's name and value, the package's name."""

    def laid(text: str, *, entry: str = "wink", value: str = "", package: str = "winking") -> str:
        top = f"winking_{next(_NUMBERS)}"  # imported modules stay
        (site / top).mkdir()
        (site / top / "__init__.py").touch()
        (site / top / "wink.py").write_text(text)
        record(site, package, "0.1", {entry: (value or "{top}.wink").format(top=top)})
        return top

    return laid


def kind(*aliases: str) -> str:
    return KIND.format(aliases=repr(aliases))


def whys(found: Custom) -> list[str]:
    assert not found.added
    return [one.why for one in found.left_out]


def test_without_packages_there_are_our_kinds_alone() -> None:
    assert (customs(), dict(catalogue())) == (Custom(), dict(own()))


def test_a_package_brings_its_kind_and_says_which_it_is(site: Path) -> None:
    install(GREETING, site)
    found = custom(own())
    (greeting,) = found.added.values()
    assert issubclass(greeting.kind, Action)
    assert (greeting.kind.kind(), greeting.names()) == ("greeting", {"greeting", "greet"})
    assert (greeting.package.name, greeting.package.version) == ("tembea-greeting", "1.2.0")
    assert found.left_out == ()


def test_a_kind_of_a_package_compiles_as_one_of_ours(lay: Lay) -> None:
    lay(kind("blink"))
    kinds = {**own(), **{name: one.kind for name, one in custom(own()).added.items()}}
    edges = [{"from": "s", "to": "w"}, {"from": "w", "to": "e"}]
    nodes = [{"id": "s", "type": "start"}, {"id": "w", "type": "blink"}, {"id": "e", "type": "end"}]
    result = compile_flow({"id": "f", "name": "F", "nodes": nodes, "edges": edges}, kinds)
    assert result.success, result.errors


@pytest.mark.parametrize("taken", ["wink", "blink"])
def test_a_name_that_is_taken_stays_with_whom_it_belongs_to(lay: Lay, taken: str) -> None:
    lay(kind("blink"))
    assert whys(custom({taken})) == [f"another kind or activity is named {taken} too"]


@pytest.mark.parametrize("name", sorted({*OURS, "api", "http_request", "handoff"}))
def test_our_kinds_aliases_and_activities_keep_their_names(lay: Lay, name: str) -> None:
    lay(kind(name))
    customs.cache_clear()
    try:
        assert whys(customs()) == [f"another kind or activity is named {name} too"]
    finally:
        customs.cache_clear()


def test_of_two_packages_that_share_a_name_neither_is_used(lay: Lay) -> None:
    """Which of them an execution began with is not known: another's executor might do something else."""
    for package in ("one", "two"):
        lay(kind(), package=package)
    found = custom(())
    assert whys(found) == ["another kind or activity is named wink too"] * 2
    assert {one.package.name for one in found.left_out} == {"one", "two"}


@pytest.mark.parametrize(
    ("text", "entry", "value", "why"),
    [
        ("", "wink", "", "defines 0 kinds"),
        ("import no_such_module", "wink", "", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("1 / 0", "wink", "", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "wink", "", "SystemExit: 3"),
        ("def (", "wink", "", "SyntaxError: "),
        ("x" * 2_000, "wink", "", "NameError: "),
        (kind(), "wave", "", "the entry point is named 'wave', its kind 'wink'"),
        (kind(), "wink", "{top}.wink:Wink", "an entry point names the module"),
        (kind(), "wink", "{top}.nothing", "ModuleNotFoundError: "),
        (kind("no name"), "wink", "", "is not letters, digits and _"),
        (KIND.replace('"""Goes on."""', ""), "wink", "", "has no docstring"),
        ("from dsl.kind import Kind\nclass Wink(Kind):\n    'Goes on.'", "wink", "", "does not define lower"),
        (
            "from activities.base import Action\nclass Wink(Action):\n    'x'",
            "wink",
            "",
            "not define execute",
        ),
    ],
)
def test_what_cannot_be_a_kind_is_left_out_with_the_reason(
    lay: Lay, text: str, entry: str, value: str, why: str
) -> None:
    lay(text.replace("{aliases}", "()"), entry=entry, value=value)
    (told,) = whys(custom(()))
    assert why in told
    assert len(told) <= 300


def test_one_that_cannot_be_used_does_not_keep_the_others_out(lay: Lay, site: Path) -> None:
    lay("1 / 0")
    install(GREETING, site)
    found = custom(own())
    assert (list(found.added), [one.entry for one in found.left_out]) == (["greeting"], ["wink"])
    assert str(found.left_out[0]) == "'wink' of winking 0.1: ZeroDivisionError: division by zero"


def test_the_page_shows_the_example_as_it_is() -> None:
    page = (ROOT / "docs" / "custom-kinds.md").read_text()
    for file in ("pyproject.toml", "tembea_greeting/greeting.py"):
        assert (GREETING / file).read_text() in page
