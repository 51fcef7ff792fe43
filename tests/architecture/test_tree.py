"""Nothing is committed that belongs to one machine, one registry or one secret."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.architecture.tree import project_files
from wiring.files import ROOT

# Written so that no pattern finds itself.
FORBIDDEN = {
    "a private key": r"-{5}BEGIN [A-Z ]*PRIVATE KEY-{5}",
    "an access key": r"\b(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[bp]-[0-9A-Za-z-]{20,})\b",
    "a provider's API key": r"\bsk-(ant-|proj-)?[A-Za-z0-9_-]{32,}",
    "a signed token": r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}",
    "a package registry": r"pypi[.]org|pythonhosted[.]org|proxy[.]golang[.]org|npmjs[.]org|artifactor[y]",
    "an index option": r"--(extra-)?index-url[ =]|^-i http",
    "a machine's path": r"(?<![\w.])/(work|root|tmp|Users|home)[/]\w",
}


def offences(root: Path, files: Iterable[Path]) -> list[str]:
    """What is forbidden and where, never the text itself."""
    return [
        f"{path.relative_to(root)}:{number}: {what}"
        for path in files
        for number, line in enumerate(_lines(path), start=1)
        for what, pattern in FORBIDDEN.items()
        if re.search(pattern, line)
    ]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:  # a picture
        return []


def test_the_tree_is_free_of_secrets_registries_and_machine_paths() -> None:
    files = project_files()
    assert len(files) > 100
    assert offences(ROOT, files) == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a private key", "-----BEGIN RSA " + "PRIVATE KEY-----"),
        ("an access key", "key = AKIA" + "A1B2C3D4" * 2),
        ("a provider's API key", "sk-" + "a1B2" * 10),
        ("a signed token", ".".join(["ey" + "J" + "a" * 30] * 2 + ["b" * 30])),
        ("a package registry", "https://pypi" + ".org/simple"),
        ("an index option", "--extra-index" + "-url https://example.com"),
        ("a machine's path", "open('/home" + "/somebody/x')"),
    ],
)
def test_each_kind_of_offence_is_found(tmp_path: Path, what: str, line: str) -> None:
    file = tmp_path / "file.txt"
    file.write_text(f"fine\n{line}\n")
    assert offences(tmp_path, [file]) == [f"file.txt:2: {what}"]


def test_what_git_ignores_is_not_committed() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in project_files()}
    assert "requirements.lock" in names
    assert not names & {".venv", ".tembea", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
