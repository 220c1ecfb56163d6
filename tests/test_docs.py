"""What the papers of the project must say, and must not."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

from app import SETTINGS

HERE = Path(__file__).parents[1]
README = (HERE / "README.md").read_text()
GROUPS = ("ballots", "consult", "staff", "town", "tick", "serve")
TEXTS = {
    ".py",
    ".md",
    ".toml",
    ".yml",
    ".txt",
    ".html",
    ".css",
    ".js",
    ".svg",
    ".typ",
    ".ini",
    ".pot",
    ".mako",
    "",
}

# Written in two halves, so that this file does not hold them itself.
WORKPLACES = re.compile("/" + r"(work|farm|home|root|Users)/[a-z.]")
HOSTS = re.compile("|".join(["pypi" + r"\.org", "files\\.python" + "hosted", "registry\\." + "npmjs"]))
AVOIDED = re.compile(r"\b(verkiezing\w*|stembureau\w*|stempas\w*|referend\w*)", re.IGNORECASE)


def files() -> Iterator[Path]:
    """Yield every text file that is or will be in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    if not listed:
        pytest.skip("no git here")
    for name in listed:
        path = HERE / name
        if path.is_file() and path.suffix in TEXTS:
            yield path


def commands(group: click.Command, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(group, click.Group):
        for name, inner in group.commands.items():
            yield from commands(inner, (*path, name))
    else:
        yield " ".join(path)


@pytest.mark.parametrize("name", list(SETTINGS))
def test_readme_names_every_setting(name: str) -> None:
    assert f"`{name}`" in README


def test_readme_names_every_command(app: Flask) -> None:
    ours = [each for name in GROUPS for each in commands(app.cli.commands[name], ("flask", name))]
    assert len(ours) >= 10
    assert [each for each in ours if each not in README] == []


def test_every_command_group_is_ours_or_flasks(app: Flask) -> None:
    assert set(app.cli.commands) == {*GROUPS, "db"}


@pytest.mark.parametrize("command", ["python3 dev.py demo", "python3 dev.py test"])
def test_readme_names_both_commands_of_dev(command: str) -> None:
    assert command in README


@pytest.mark.parametrize("part", ["map of the house", "words", "settings", "decisions", "licen"])
def test_readme_has_its_parts(part: str) -> None:
    headings = " ".join(re.findall(r"^#+ .*$", README, re.M)).lower()
    assert part in headings


def test_readme_points_at_files_that_are_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (HERE / target).exists(), target
    for name in set(re.findall(r"\b((?:ballots|consult|docs)/[\w/]+\.(?:py|md))\b", README)):
        assert (HERE / name).exists(), name


def test_readme_map_names_files_that_are_there() -> None:
    drawn = README.split("```")[1]
    for name in set(re.findall(r"\b(\w+\.(?:py|md))\b", drawn)):
        rooms = (
            "",
            "ballots",
            "ballots/counting",
            "ballots/pabulib",
            "ballots/explaining",
            "consult",
            "docs",
            "translations",
        )
        assert any((HERE / room / name).exists() for room in rooms), name


def test_changelog_and_licence() -> None:
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    assert project["license"] == "EUPL-1.2"
    assert "EUPL" in (HERE / "LICENSE").read_text()
    assert project["version"] in (HERE / "CHANGELOG.md").read_text()
    assert "EUPL-1.2" in README


def test_no_workplace_and_no_registry_in_any_file() -> None:
    found = [
        f"{path.relative_to(HERE)}:{number}: {line.strip()[:120]}"
        for path in files()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if WORKPLACES.search(line) or HOSTS.search(line)
    ]
    assert found == []


def test_words_we_avoid() -> None:
    shown = [*(HERE / "templates").rglob("*.*"), *(HERE / "translations").rglob("*.po*")]
    shown += [path for room in ("ballots", "consult") for path in (HERE / room).rglob("*.py")] + [
        HERE / "app.py"
    ]
    found = [
        f"{path.relative_to(HERE)}:{number}: {line.strip()[:120]}"
        for path in shown
        if path.is_file()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if AVOIDED.search(line)
    ]
    assert found == []


def test_the_patterns_find_what_they_look_for() -> None:
    assert WORKPLACES.search("see /" + "work/main")
    assert HOSTS.search("https://pypi" + ".org/simple")
    assert AVOIDED.search("een verkiezing")
    assert AVOIDED.search("het Referendum")
    assert not AVOIDED.search("de stembus")
