"""Packages as they lie in `site-packages`, laid there without a network and without a build."""

import shutil
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
GREETING = HERE / "tembea_greeting"


def install(project: Path, site: Path) -> Path:
    """Lay a pure-Python project, a folder with `pyproject.toml`, into `site`; returns `site`."""
    told = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    module = told["name"].replace("-", "_")
    shutil.copytree(project / module, site / module, ignore=shutil.ignore_patterns("__pycache__"))
    return record(site, told["name"], told["version"], told["entry-points"]["tembea.kinds"])


def record(site: Path, name: str, version: str, entries: dict[str, str]) -> Path:
    """Write what an installer writes of a distribution with these entry points; returns `site`."""
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = [f"{entry} = {value}" for entry, value in entries.items()]
    (folder / "entry_points.txt").write_text("\n".join(["[tembea.kinds]", *lines, ""]))
    return site
