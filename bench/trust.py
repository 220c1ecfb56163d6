"""What trust costs, each time beside what it is measured against, in one and the same run.

Run it as `python -m bench.trust [row …] [--size 0.1]`; rows are recount. Both sides of a row take turns,
and of each the least counts, in seconds of processor time: all of it is work for one processor, and
whatever else the machine does only adds to it. It prints a Markdown table.
"""

import argparse
import hashlib
import importlib.util
import io
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType

from ballots import bundle
from bench.counting import Row, Task, spent
from tests.conftest import RULE
from tests.trust.bundles import PROGRAM, YES_NO, Case, Files, made

ROUNDS = 7


def least(*tasks: Task, rounds: int = ROUNDS) -> list[float]:
    """Return the least seconds of each task; they take turns."""
    taken: list[list[float]] = [[] for _ in tasks]
    for _ in range(rounds):
        for task, seconds in zip(tasks, taken, strict=True):
            start = spent()
            task()
            seconds.append(spent() - start)
    return list(map(min, taken))


# -- the recount -------------------------------------------------------------------------------------


def recount_row(folder: Path, size: float) -> Iterator[Row]:
    """A yes/no poll recounted, beside the same SHA-256 calls alone.

    Which calls these are the recount tells itself, in one turn that is not measured: over the ballots,
    the letters, the tree and the files. It may make no others than are needed for that.
    """
    number = int(100_000 * size)
    files, _ = made(Case(((YES_NO, RULE),), web=number))
    hash = hashlib.sha256(files["definition.json"]).hexdigest()
    unpacked, packed = written(folder, files)
    program, calls = recount_program(), list[bytes]()

    def recount(path: Path) -> None:
        with redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")):
            assert program.main([str(path), "--hash", hash]) == 0

    def recorded(data: bytes) -> object:
        calls.append(data)
        return hashlib.sha256(data)

    program.sha256 = recorded  # type: ignore[attr-defined]  # for one turn
    recount(unpacked)
    program.sha256 = hashlib.sha256  # type: ignore[attr-defined]
    assert 4 * number - 50 < len(calls) < 4 * number + 50

    def alone() -> None:
        for data in calls:
            hashlib.sha256(data).digest()

    def unzip() -> None:
        with zipfile.ZipFile(packed) as archive:
            for name in archive.namelist():
                archive.read(name)

    ours, zipped, bare, unzipped = least(lambda: recount(unpacked), lambda: recount(packed), alone, unzip)
    work = f"{number:,} yes/no ballots recounted"
    yield Row(f"{work}, from the unpacked dossier (its {len(calls):,} SHA-256 calls alone)", ours, bare, 4)
    also = f"; the calls alone {zipped / bare:.2f}×"
    yield Row(f"{work}, from the zip (the calls and unzipping alone{also})", zipped, bare + unzipped, 4)


def written(folder: Path, files: Files) -> tuple[Path, Path]:
    """Write a bundle as a folder and as a zip, packed as the service does; return where."""
    unpacked, packed = folder / "dossier", folder / "dossier.zip"
    unpacked.mkdir()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=bundle.LEVEL) as archive:
        for name in sorted(files):
            (unpacked / name).write_bytes(files[name])
            archive.writestr(name, files[name])
    return unpacked, packed


def recount_program() -> ModuleType:
    """Return the recount as a module."""
    spec = importlib.util.spec_from_file_location("narekenen", PROGRAM)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ROWS = {"recount": recount_row}


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("rows", nargs="*", metavar="row", help=", ".join(ROWS))
    arguments.add_argument("--size", type=float, default=1.0, help="this part of the ballots")
    given = arguments.parse_args()
    if unknown := set(given.rows) - set(ROWS):
        arguments.error(f"no such row: {min(unknown)}")
    print("| work (beside it) | ours | beside it | ratio | target | met |\n|---|---|---|---|---|---|")
    for name in given.rows or ROWS:
        with tempfile.TemporaryDirectory() as folder:
            for row in ROWS[name](Path(folder), given.size):
                print(row, flush=True)


if __name__ == "__main__":
    main()
