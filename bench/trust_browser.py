"""What recounting in a browser costs, beside the same SHA-256 calls alone, in one and the same page.

Run it as `python -m bench.trust_browser [--ballots N]`. It invents a signed bundle of a yes/no poll, serves it
on loopback and recounts it in Chromium, as a resident's browser does: every file hashed, every record and
checkpoint verified, every commitment made again, counted and compared. The hashes alone are those of every
commitment, letter, leaf and node of the tree, and of every file, on messages that lie ready. They are made in
two ways, by our own SHA-256 and by that of the browser, and the fastest of the two counts. The sides take
turns, and of each the median counts, in seconds of the clock. It prints a Markdown table.
"""

import argparse
import os
import shutil
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from ballots.paper import YES_NO_OPTIONS, Kind, Question
from tests.browser import lab
from tests.conftest import RULE
from tests.trust import bundles

BALLOTS = 100_000
ROUNDS = 5
TARGET = 4.0
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")

LOAD = """async (names) => {
    window.files = new Map();
    for (const name of names) {
        const answer = await fetch(`/bundle/${name}`);
        files.set(name, new Uint8Array(await answer.arrayBuffer()));
    }
    const { bytes, sha256 } = lab, lines = (name) => bytes.textOf(files.get(name)).split('\\n').slice(1, -1);
    const definition = lab.definition.readDefinition(files, null, () => {});
    const messages = [];
    for (const line of lines('openings.csv')) {
        const [number, , , secret, marking] = line.split(';');
        messages.push(bytes.packed('stem', definition.poll, number, bytes.unhex(secret, 32), marking.padEnd(6)));
    }
    for (const line of lines('redemptions.csv')) {
        messages.push(bytes.packed('brief', definition.poll, bytes.unhex(line.slice(0, 64), 32)));
    }
    for (const line of lines('commitments.csv')) {
        messages.push(bytes.concat(Uint8Array.of(0, Number(line[0])), bytes.unhex(line.slice(2), 32)));
        messages.push(new Uint8Array(65).fill(1)); // a node of the tree: one for each leaf but the first
    }
    messages.pop();
    window.messages = messages;
    window.ready = messages.map((message) => {
        const buffer = new Uint8Array(sha256.padded(message.length));
        buffer.set(message);
        sha256.pad(buffer, message.length);
        return buffer;
    });
    window.timed = async (work) => {
        const start = performance.now();
        await work();
        return (performance.now() - start) / 1000;
    };
    window.hashFiles = async () => { for (const data of files.values()) { await sha256.sha256File(data); } };
    return messages.length;
}"""

TASKS = {
    "recount": """() => timed(async () => {
        const end = await lab.recount.recount(files, {}, (kind, key) => { window.last = key; });
        if (end !== 'right') { throw new Error(last); }
    })""",
    "own": """() => timed(async () => {
        const out = new Uint8Array(32);
        for (const message of ready) { lab.sha256.hashPadded(message, message.length, out); }
        await hashFiles();
    })""",
    "browser": """() => timed(async () => {
        for (const message of messages) { await crypto.subtle.digest('SHA-256', message); }
        await hashFiles();
    })""",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--ballots", type=int, default=BALLOTS, help="how many (100,000)")
    ballots = parser.parse_args().ballots
    question = Question("Voor of tegen?", Kind.YES_NO, YES_NO_OPTIONS)
    files, _ = bundles.made(bundles.Case(((question, RULE),), web=ballots))
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        (folder / "js").symlink_to(lab.STATIC / "js")
        (folder / "bundle").mkdir()
        for file, data in files.items():
            (folder / "bundle" / file).write_bytes(data)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        with lab.served(folder) as base:
            page = browser.new_page()
            page.goto(base)
            page.evaluate(lab.START)
            hashes = page.evaluate(LOAD, sorted(files))
            taken: dict[str, list[float]] = {task: [] for task in TASKS}
            for turn in range(ROUNDS + 1):
                for task, script in TASKS.items():
                    seconds = page.evaluate(script)
                    if turn:  # the first is not measured: the browser is still compiling
                        taken[task].append(seconds)
        browser.close()
    found = {task: median(seconds) for task, seconds in taken.items()}
    ratio = found["recount"] / min(found["own"], found["browser"])
    print("| work | recount | SHA-256 alone, ours | SHA-256 alone, the browser's | ratio | target | met |")
    print("|---|---|---|---|---|---|---|")
    print(
        f"| {ballots:,} yes/no ballots, {hashes:,} short messages | {found['recount']:.2f} s | {found['own']:.2f} s "
        f"| {found['browser']:.2f} s | {ratio:.2f}× | ≤ {TARGET:g}× | {'yes' if ratio <= TARGET else '**no**'} |"
    )


if __name__ == "__main__":
    main()
