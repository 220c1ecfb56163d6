"""The two commands of this project, for a machine with nothing but Python 3.11.

python3 dev.py demo [--port N] [--no-serve]    a fictional town, filled and served
python3 dev.py test [pytest arguments]         every test
python3 dev.py test --full [the same]          their long forms too, and how well the heart of it is tested: hours
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = HERE / ".venv" / "bin" / "python"


def run(*command: str) -> None:
    """Print a command and run it; stop with its exit code when it fails."""
    print("$", " ".join(command), flush=True)
    if code := subprocess.run(command, cwd=HERE).returncode:
        sys.exit(code)


def install(requirements: str) -> None:
    """Make .venv and install these pinned packages, unless that was done before."""
    if sys.version_info < (3, 11):
        sys.exit(f"Wijkstem needs Python 3.11 or later; this is {sys.version.split()[0]}.")
    wanted = hashlib.sha256((HERE / requirements).read_bytes()).hexdigest()
    done = HERE / ".venv" / f"{requirements}.sha256"
    if done.exists() and done.read_text() == wanted:
        return
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        sys.exit("Python cannot make a virtual environment here. On Debian: apt-get install python3-venv")
    if not PYTHON.exists():
        run(sys.executable, "-m", "venv", str(HERE / ".venv"))
    run(str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", requirements)
    done.write_text(wanted)


def full(arguments: list[str]) -> None:
    """Run the long forms of the tests; then print how many branches of the heart its own tests take (all, or it
    fails), and how many planted mistakes they notice. What is measured, and by which tests, is in pyproject.toml.
    """
    import tomllib  # not there in a Python that is too old, which `install` says in a sentence

    os.environ["WIJKSTEM_FULL"] = "1"
    run(str(PYTHON), "-m", "pytest", *arguments)
    heart = tomllib.loads((HERE / "pyproject.toml").read_text())["tool"]["mutmut"]
    tests = heart["pytest_add_cli_args_test_selection"]
    run(str(PYTHON), "-m", "coverage", "run", "-m", "pytest", "-q", *tests)
    run(str(PYTHON), "-m", "coverage", "report", "--show-missing", "--fail-under=100")
    run(str(PYTHON), "-m", "mutmut", "run")
    run(str(PYTHON), "-m", "mutmut", "export-cicd-stats")
    found = json.loads((HERE / "mutants" / "mutmut-cicd-stats.json").read_text())
    noticed, planted = found["killed"] + found["timeout"], found["total"]
    print(f"{noticed} of {planted} planted mistakes were noticed: {noticed / planted:.0%}")


def main(arguments: list[str]) -> None:
    match arguments:
        case ["demo", *rest]:
            install("requirements.txt")
            os.chdir(HERE)
            print("$", PYTHON, "-m demo", *rest, flush=True)
            os.execv(PYTHON, [str(PYTHON), "-m", "demo", *rest])
        case ["test", *rest]:
            install("requirements-test.txt")
            run(str(PYTHON), "-m", "ruff", "check", ".")
            run(str(PYTHON), "-m", "ruff", "format", "--check", ".")
            run(str(PYTHON), "-m", "mypy")
            if "--full" not in rest:
                run(str(PYTHON), "-m", "pytest", *rest)
            else:
                full([each for each in rest if each != "--full"])
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
