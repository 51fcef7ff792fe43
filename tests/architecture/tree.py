"""The files of the project, as they are or would be committed."""

import subprocess
from pathlib import Path

from wiring.files import ROOT


def project_files(root: Path = ROOT) -> list[Path]:
    """Every file that git tracks or would take, which leaves out what is ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = (root / name for name in set(listed.stdout.split("\0")) if name)
    return sorted(path for path in paths if path.is_file())


def modules(root: Path = ROOT) -> list[Path]:
    """The Python modules among them."""
    return [path for path in project_files(root) if path.suffix == ".py"]
