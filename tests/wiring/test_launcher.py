"""The launcher `tembea`, with a small Python in the place of the real one so that nothing is downloaded."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wiring.files import ROOT

pytestmark = pytest.mark.real

# Answers `-c` like the real one; `-m venv` makes programs which write down what they are asked.
PYTHON = """#!/bin/sh
case "$1 $2" in
"-c "*) exec {python} "$@" ;;
"-m venv")
    echo venv >> {journal}
    mkdir -p "$4/bin" "$4/lib/python{version}/site-packages"
    cd "$4/bin"
    printf '#!/bin/sh\\necho "python $*" >> {journal}; [ "$1" = -P ] && echo "ran $*"; exit 0\\n' > python
    printf '#!/bin/sh\\necho "uv $*" >> {journal}; sleep 0.2; exit ${{UV_FAILS:-0}}\\n' > uv
    chmod +x python uv
    [ -z "$BREAK" ] || kill -9 $PPID ;;
esac
"""
LOCK = """# packages
alpha==1.0 \\
    --hash=sha256:aa
uv==0.1 \\
    --hash=sha256:bb
    # via tembea
zeta==2.0 \\
    --hash=sha256:cc
"""


class Clone:
    """A folder with the launcher, and a PATH with little on it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a clone"
        self.bin = folder / "bin"
        self.journal = folder / "journal"
        self.root.mkdir()
        self.bin.mkdir()
        self.journal.touch()
        shutil.copy(ROOT / "tembea", self.root)
        (self.root / "requirements.lock").write_text(LOCK)
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        script = PYTHON.format(python=sys.executable, journal=self.journal, version=version)
        self.program("python3", script)

    def program(self, name: str, script: str = "#!/bin/sh\n") -> None:
        (self.bin / name).write_text(script)
        (self.bin / name).chmod(0o755)

    def start(self, *arguments: str, path: str | None = None, **env: str) -> subprocess.Popen[str]:
        program, *rest = arguments or (str(self.root / "tembea"), "doctor", "--json")
        return subprocess.Popen(
            ["/bin/sh", program, *rest],
            env={"PATH": path or f"{self.bin}:/usr/bin:/bin", "HOME": "/nowhere"} | env,
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, path: str | None = None, **env: str) -> tuple[int, str, str]:
        process = self.start(*arguments, path=path, **env)
        out, talk = process.communicate(timeout=60)
        return process.returncode, out, talk

    def set_ups(self) -> int:
        return self.journal.read_text().splitlines().count("venv")


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_it_is_plain_sh() -> None:
    subprocess.run(["/bin/sh", "-n", str(ROOT / "tembea")], check=True)
    assert (ROOT / "tembea").read_text().startswith("#!/bin/sh\n")
    assert os.access(ROOT / "tembea", os.X_OK)


def test_the_first_use_sets_up_and_runs_the_command_and_the_second_only_runs_it(clone: Clone) -> None:
    code, out, talk = clone.run()
    assert (code, out) == (0, "ran -P -m wiring.cli doctor --json\n")
    assert "Setting up" in talk
    assert clone.run() == (0, "ran -P -m wiring.cli doctor --json\n", "")
    assert clone.set_ups() == 1


def test_only_uv_is_installed_by_pip_and_the_rest_by_uv_all_with_hashes(clone: Clone) -> None:
    clone.run()
    journal = clone.journal.read_text()
    venv = clone.root / ".venv"
    assert f"python -m pip install --quiet --require-hashes -r {venv}/uv.lock" in journal
    assert f"--require-hashes --python {venv}/bin/python {clone.root}/requirements.lock" in journal
    assert "--compile-bytecode" in journal
    assert (venv / "uv.lock").read_text() == LOCK[LOCK.index("uv==") : LOCK.index("zeta")]


def test_where_uv_fails_pip_installs_all_with_hashes(clone: Clone) -> None:
    clone.run(UV_FAILS="1")
    assert f"--require-hashes -r {clone.root}/requirements.lock" in clone.journal.read_text().splitlines()[-2]


def test_the_environment_finds_the_product_and_the_command_line(clone: Clone) -> None:
    clone.run()
    venv = clone.root / ".venv"
    assert [path.read_text() for path in venv.glob("lib/*/site-packages/tembea.pth")] == [f"{clone.root}\n"]
    assert (venv / "bin" / "tembea").resolve() == clone.root / "tembea"
    assert clone.run(str(venv / "bin" / "tembea"), "x")[1] == "ran -P -m wiring.cli x\n"


def test_it_works_through_a_chain_of_symbolic_links(clone: Clone, tmp_path: Path) -> None:
    (tmp_path / "near").symlink_to("a clone/tembea")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "far").symlink_to("../near")
    assert clone.run(str(tmp_path / "links" / "far"), "x")[1] == "ran -P -m wiring.cli x\n"
    assert (clone.root / ".venv" / "stamp").exists()


@pytest.mark.parametrize("change", ["lock", "move"])
def test_another_lock_or_another_place_is_set_up_again(clone: Clone, change: str) -> None:
    clone.run()
    if change == "lock":
        (clone.root / "requirements.lock").write_text(LOCK.replace("2.0", "2.1"))
    else:
        clone.root = clone.root.rename(clone.root.with_name("elsewhere"))
    clone.run()
    clone.run()
    assert clone.set_ups() == 2


def test_a_set_up_that_was_killed_is_done_again(clone: Clone) -> None:
    code, _, _ = clone.run(BREAK="1")
    assert code == -9
    assert clone.run()[0] == 0
    assert clone.set_ups() == 2


def test_of_concurrent_first_uses_one_sets_up_and_all_run(clone: Clone) -> None:
    processes = [clone.start() for _ in range(4)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert outputs == ["ran -P -m wiring.cli doctor --json\n"] * 4
    assert clone.set_ups() == 1


def test_an_empty_home_is_enough(clone: Clone) -> None:
    assert clone.run(HOME="")[0] == 0


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("apt-get", "apt-get install -y python3 python3-venv"),
        ("dnf", "dnf install -y python3"),
        ("brew", "brew install python@3.12"),
    ],
)
def test_without_python_it_prints_the_command_that_installs_it(
    clone: Clone, manager: str, command: str
) -> None:
    (clone.bin / "python3").unlink()
    clone.program(manager)
    code, out, talk = clone.run(path=str(clone.bin))
    assert (code, out) == (2, "")
    assert talk.endswith(f"{command}\n")
    assert not (clone.root / ".venv").exists()


def test_without_a_known_package_manager_it_still_says_what_is_needed(clone: Clone) -> None:
    (clone.bin / "python3").unlink()
    code, _, talk = clone.run(path=str(clone.bin))
    assert code == 2
    assert "Python 3.11" in talk


def test_an_old_python_is_not_enough_but_a_newer_one_beside_it_is(clone: Clone) -> None:
    good = (clone.bin / "python3").read_text()
    clone.program("apt-get")
    clone.program("python3", "#!/bin/sh\necho 3.9\nexit 1\n")
    code, _, talk = clone.run(path=str(clone.bin))
    assert code == 2
    assert talk.endswith("apt-get install -y python3.11 python3.11-venv\n")
    clone.program("python3.12", good)
    assert clone.run()[0] == 0


def test_a_python_without_venv_names_the_package_that_has_it(clone: Clone) -> None:
    clone.program("apt-get")
    script = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\nexec ' + sys.executable + ' "$@"\n'
    clone.program("python3", script)
    code, _, talk = clone.run()
    assert code == 2
    assert talk.endswith(f"apt-get install -y python3.{sys.version_info.minor}-venv\n")
