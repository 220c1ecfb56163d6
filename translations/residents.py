"""The strings residents meet: what a catalogue of another language has to hold.

.venv/bin/python translations/residents.py    after Dutch texts changed: brings residents.pot and each messages.po up
                                              to date; what is new there is empty, and a test says so until it is filled

Pages of staff are in Dutch only. A new language is a row in ballots/languages.py, and
`pybabel init -i translations/residents.pot -d translations -l CODE`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).resolve().parents[1]
FOLDER = HERE / "translations"

# Files that residents read whole; of others the names at the top that they read.
TEMPLATES = (
    *("_components.html", "_forms.html", "_languages.html", "base.html", "booth_base.html", "message.html"),
    *("ballots/**/*.html", "ballots/**/*.xml", "consult/public/*.html", "consult/_rule.html"),
    *("consult/letters/_told.html", "consult/plan/_parts.html", "consult/points/_words.html"),
    *("consult/points/send.html", "consult/points/thanks.html"),
)
SOURCES = (
    *("ballots/ballot_pages.py", "ballots/board_pages.py", "ballots/board_words.py", "ballots/booth.py"),
    *("ballots/codes.py", "ballots/explain.py", "ballots/explaining/*.py", "ballots/figures.py"),
    *("ballots/finding.py", "ballots/money.py", "ballots/refused.py", "ballots/web.py", "ballots/wording.py"),
    *("consult/next_steps.py", "consult/plan_story.py", "consult/point_box.py", "consult/reasons.py"),
    "consult/search.py",
    *("consult/public.py", "consult/custody_words.py", "consult/results.py", "consult/rule_words.py"),
)
NAMES = {
    "app.py": ("_missing", "_refused", "_broken"),
    "ballots/paper.py": ("YES_NO_OPTIONS",),
    "ballots/refusals.py": ("CodeUnknown", "ControlTaken", "MarkingWrong"),
    "consult/asked.py": ("_texts",),
    "consult/forms.py": ("wijk_choices", "required", "sized", "MoneyField"),
    "consult/pages.py": ("moment", "STAGES", "PHASES", "context", "lot_words", "verdict_words"),
}
# What these have to say is for staff, or for the command line.
NOT_RESIDENTS = (
    *("ballots/ballot_print.py", "ballots/counting/count.py", "ballots/pabulib/file.py", "ballots/shares.py"),
    *("consult/addresses.py", "consult/draft_check.py", "consult/option_lines.py", "consult/papers_shown.py"),
    *("consult/quorums.py", "consult/refusals.py", "ballots/envelopes.py", "ballots/printing.py"),
)
KEYWORDS = {
    "_": None, "N_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2),
}  # fmt: skip


def files() -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Yield each file that holds strings for residents, and of which names; of none: the whole file."""
    for patterns, folder in ((TEMPLATES, HERE / "templates"), (SOURCES, HERE)):
        for pattern in patterns:
            found = sorted(folder.glob(pattern))
            if not found:
                raise ValueError(f"{pattern} is not there")
            yield from ((path, ()) for path in found)
    for name, names in NAMES.items():
        yield HERE / name, names


def lines(path: Path, names: tuple[str, ...]) -> set[int]:
    """Return the lines on which these names of a file are defined."""
    found = {}
    for node in ast.parse(path.read_text()).body:
        targets = node.targets if isinstance(node, ast.Assign) else [node]
        for target in targets:
            name = getattr(target, "name", getattr(target, "id", None))
            found[name] = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    return {line for name in names for line in found[name]}


def extracted() -> Catalog:
    """Return the strings that residents meet, sorted."""
    met: dict[str, str | tuple[str, ...]] = {}
    for path, names in files():
        method = "python" if path.suffix == ".py" else "jinja2"
        wanted = lines(path, names) if names else None
        for line, message, _, _ in extract_from_file(method, path, keywords=KEYWORDS):  # type: ignore[arg-type]
            if wanted is None or line in wanted:
                key = message if isinstance(message, str) else message[0]
                met[key] = met[key] if isinstance(met.get(key), tuple) else message
    catalogue = Catalog(project="Wijkstem", fuzzy=False)
    for key in sorted(met):
        catalogue.add(met[key])
    return catalogue


def written(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue without places in the source, which would change with every line."""
    with path.open("wb") as file:
        write_po(
            file, catalogue, no_location=True, sort_output=True, omit_header=path.suffix == ".pot", width=110
        )


def main() -> None:
    template = extracted()
    written(FOLDER / "residents.pot", template)
    for path in sorted(FOLDER.glob("*/LC_MESSAGES/messages.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.parts[-3])
        catalogue.update(
            template, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False
        )
        catalogue.obsolete.clear()
        written(path, catalogue)


if __name__ == "__main__":
    main()
