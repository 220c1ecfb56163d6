"""The two commands say what they do, and what is missing."""

import builtins
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import dev

HERE = Path(__file__).parents[1]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without an environment, and a list of what would have been run."""
    monkeypatch.setattr(dev, "HERE", tmp_path)
    monkeypatch.setattr(dev, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    (tmp_path / "requirements.txt").write_text("flask==1\n")
    return tmp_path


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []

    def run(*command: str) -> None:
        found.append(command)
        if "venv" in command:
            (Path(command[-1]) / "bin").mkdir(parents=True)
            (Path(command[-1]) / "bin" / "python").touch()

    monkeypatch.setattr(dev, "run", run)
    return found


@pytest.mark.parametrize("arguments", [[], ["dmeo"], ["--help"], ["Test"]])
def test_anything_else_prints_how_to_use_it(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "dev.py", *arguments], cwd=HERE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "python3 dev.py demo" in done.stderr
    assert "python3 dev.py test" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_venv_module_is_said(
    elsewhere: Path, ran: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *more: Any, **named: Any) -> Any:
        if name == "ensurepip":
            raise ImportError(name)
        return real(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        dev.install("requirements.txt")
    assert ran == []
    assert not (elsewhere / ".venv").exists()


def test_an_old_python_is_said(
    elsewhere: Path, ran: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    monkeypatch.setattr(sys, "version", "3.10.4 (main)")
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or later; this is 3\.10\.4"):
        dev.install("requirements.txt")
    assert ran == []


def test_installed_once_for_the_same_packages(elsewhere: Path, ran: list[tuple[str, ...]]) -> None:
    dev.install("requirements.txt")
    assert [command[1:3] for command in ran] == [("-m", "venv"), ("-m", "pip")]
    assert "--require-hashes" in ran[1]
    dev.install("requirements.txt")
    assert len(ran) == 2
    (elsewhere / "requirements.txt").write_text("flask==2\n")
    dev.install("requirements.txt")
    assert [command[1:3] for command in ran[2:]] == [("-m", "pip")]


def test_a_failed_install_is_tried_again(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*command: str) -> None:
        sys.exit(7)

    monkeypatch.setattr(dev, "run", fail)
    for _ in range(2):
        with pytest.raises(SystemExit, match="7"):
            dev.install("requirements.txt")


def test_a_command_that_fails_ends_with_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    dev.run(sys.executable, "-c", "pass")
    with pytest.raises(SystemExit) as ended:
        dev.run(sys.executable, "-c", "raise SystemExit(3)")
    assert ended.value.code == 3
    assert capsys.readouterr().out.startswith(f"$ {sys.executable} -c pass\n")


def test_test_runs_every_check_and_passes_arguments_on(
    ran: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[str] = []
    monkeypatch.setattr(dev, "install", installed.append)
    dev.main(["test", "-x", "tests/test_dev.py"])
    assert installed == ["requirements-test.txt"]
    assert [command[2] for command in ran] == ["ruff", "ruff", "mypy", "pytest"]
    assert ran[-1][3:] == ("-x", "tests/test_dev.py")


def test_the_full_test_adds_its_long_forms_and_two_figures(
    ran: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(dev, "install", lambda requirements: None)
    monkeypatch.setattr(dev, "HERE", tmp_path)
    monkeypatch.delenv("WIJKSTEM_FULL", raising=False)
    (tmp_path / "pyproject.toml").write_bytes((HERE / "pyproject.toml").read_bytes())
    (tmp_path / "mutants").mkdir()
    counted = '{"killed": 88, "timeout": 2, "survived": 10, "total": 100}'
    (tmp_path / "mutants" / "mutmut-cicd-stats.json").write_text(counted)
    dev.main(["test", "--full", "-x"])
    assert [command[2] for command in ran] == [
        *("ruff", "ruff", "mypy", "pytest"),
        *("coverage", "coverage", "mutmut", "mutmut"),
    ]
    assert ran[3][3:] == ("-x",)
    assert "tests/ballots/test_casting.py" in ran[4]
    assert os.environ.pop("WIJKSTEM_FULL") == "1"
    assert "90 of 100 planted mistakes were noticed: 90%" in capsys.readouterr().out


def test_demo_hands_its_process_over(monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[str] = []
    handed: list[Any] = []
    monkeypatch.setattr(dev, "install", installed.append)
    monkeypatch.setattr("os.execv", lambda *given: handed.append(given))
    monkeypatch.setattr("os.chdir", lambda folder: None)
    dev.main(["demo", "--port", "8123"])
    assert installed == ["requirements.txt"]
    assert handed == [(dev.PYTHON, [str(dev.PYTHON), "-m", "demo", "--port", "8123"])]


def test_dev_itself_needs_nothing_but_python() -> None:
    told = "import sys, dev; print(sorted(set(sys.modules) & {'flask', 'click', 'sqlalchemy', 'dotenv'}))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", told], cwd=HERE, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
