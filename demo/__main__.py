"""`python -m demo`: fill the town in instance/demo, afresh each time, then hand over to the server.

It touches no other data. The server that follows has the real clock.
"""

import argparse
import os
import secrets
import shutil
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app import create_app
from ballots import serving
from ballots.database import db
from ballots.refusals import Refusal
from ballots.web import vault
from consult import accounts, consultations
from consult.models import Staff
from demo.story import fill

FOLDER = Path(__file__).resolve().parent.parent / "instance" / "demo"


def main() -> None:
    options = argparse.ArgumentParser(prog="python3 dev.py demo", description=__doc__)
    options.add_argument("--port", type=int, default=8000, help="where to serve on loopback (default 8000)")
    options.add_argument("--no-serve", action="store_true", help="stop after the story")
    chosen = options.parse_args()
    if not 1 <= chosen.port <= 65535:
        options.error("een poort ligt tussen 1 en 65535")
    if not chosen.no_serve and serving.taken(chosen.port):
        sys.exit(
            f"Poort {chosen.port} is bezet. Kies een andere: python3 dev.py demo --port {chosen.port + 1}"
        )
    print("Wij vullen een verzonnen gemeente. Dit is het verhaal van één wijkraadpleging.", flush=True)
    key = secrets.token_hex(32)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, mode=0o700)
    settings = {
        "SECRET_KEY": key,
        "DATA_DIR": str(FOLDER),
        "DATABASE_URL": f"sqlite:///{FOLDER / 'wijkstem.db'}",
        "DEMO": "1",
    }
    base = f"http://127.0.0.1:{chosen.port}"
    codes = fill(settings, base)
    print()
    print(f"  De brieven van de open wijkraadpleging   {FOLDER / 'letters.pdf'}")
    print(f"  Het dossier van de afgeronde             {FOLDER / 'dossier.zip'}")
    if chosen.no_serve:
        return
    print(f"  De openbare pagina                       {base}/")
    print(f"  Stemmen met een brief                    {base}/s#{codes.consultation}")
    print(f"  Het buurtbudget verdelen met een brief   {base}/s#{codes.ballot}")
    print(f"  Een plan volgen met een eigen link       {base}/mijn-plan/{codes.plan}")
    app = create_app(settings)
    with app.app_context():
        for name, role in (("Samira Bakker", "gemeente"), ("Joke Visser", "regiegroep")):
            staff = db.session.scalars(select(Staff).where(Staff.name == name)).one()
            link = accounts.demo_link(key, staff, datetime.now(UTC))
            print(f"  Inloggen als {role:<27} {base}/demo/inloggen/{link}")
    print(f"  Inloggen als iemand anders, of nog eens  {base}/demo")
    print("\n  Stoppen: Ctrl+C", flush=True)
    os.environ.update(settings)
    serving.compress_static()
    command = serving.command("demo.__main__:served", chosen.port)
    os.execv(command[0], command)


def served() -> Flask:
    """Return the app of the demo for the server, with a tick every minute. The server's end is its end."""
    app = create_app()
    parent = os.getppid()

    def minutes() -> None:
        ticked = 0.0
        while os.getppid() == parent:
            if time.monotonic() - ticked >= 60 or not ticked:
                ticked = time.monotonic()
                with app.app_context(), suppress(Refusal, OperationalError):  # the next minute tries again
                    consultations.tick(db.session, vault(), datetime.now(UTC))
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=minutes, daemon=True).start()
    return app


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nGestopt. De demo was nog niet klaar.")
