"""The two commands of this project, for a machine with nothing but Python 3.11.

python3 dev.py demo [--port N] [--no-serve]    a fictional town, filled and served
python3 dev.py test [pytest arguments]         every test
"""

import hashlib
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
            run(str(PYTHON), "-m", "pytest", *rest)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
