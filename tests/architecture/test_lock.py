"""`requirements.lock`: every file by its hash, from no address, and all that pyproject.toml asks for."""

import re
import tomllib

import pytest

from wiring.files import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>\S+)(?P<marker> ; [^\\]+)? \\$")


def entries(lock: str) -> list[list[str]]:
    """The lines of each package: its pin, then all that is indented below."""
    found: list[list[str]] = []
    for line in lock.splitlines():
        if line.startswith(" "):
            found[-1].append(line.strip())
        elif not line.startswith("#"):
            found.append([line])
    return found


def unhashed(lock: str) -> list[str]:
    """Packages that are not pinned to a version and to hashes."""
    return [
        entry[0]
        for entry in entries(lock)
        if not PIN.match(entry[0])
        or not any(re.match(r"--hash=sha256:[0-9a-f]{64}( \\)?$", line) for line in entry[1:])
    ]


def wanted() -> dict[str, str]:
    """What pyproject.toml pins: name without extras, version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = [
        *project["dependencies"],
        *(pin for group in project["optional-dependencies"].values() for pin in group),
    ]
    pairs = (re.sub(r"\[.*\]", "", pin).split("==") for pin in pins)
    return {name: version for name, version in pairs}


def test_every_package_is_pinned_with_hashes() -> None:
    assert len(entries(LOCK)) > 50
    assert unhashed(LOCK) == []


@pytest.mark.parametrize(
    "entry", ["alpha==1.0\n", "alpha>=1.0 \\\n    --hash=sha256:" + "a" * 64, "alpha==1.0 \\\n    # via beta"]
)
def test_a_package_without_version_or_hash_is_found(entry: str) -> None:
    assert len(unhashed(entry)) == 1


def test_no_address_is_in_it() -> None:
    assert "://" not in LOCK
    assert "--index" not in LOCK
    assert "--find-links" not in LOCK


def test_it_holds_what_the_project_asks_for() -> None:
    locked = {match["name"]: match["version"] for entry in entries(LOCK) if (match := PIN.match(entry[0]))}
    assert {name: locked.get(name) for name in wanted()} == wanted()


def test_it_says_how_to_make_it_again() -> None:
    comment = "".join(line for line in LOCK.splitlines() if line.startswith("#"))
    assert "uv pip compile" in comment
    assert "--generate-hashes" in comment
    assert "--no-emit-index-url" in comment
