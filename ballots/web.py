"""What every counter needs: the clock of the app, its secret files, and a refusal in the reader's language."""

from datetime import datetime

from flask import current_app
from flask_babel import gettext

from ballots.figures import values
from ballots.refusals import Refusal
from ballots.vault import Vault

# What pages may load: from this site only, and no script or style inside a page.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def now() -> datetime:
    """Return the moment by the clock the app was made with: aware, UTC."""
    moment: datetime = current_app.config["CLOCK"]()
    return moment


def vault() -> Vault:
    """Return the folder of secret files, beside the database and not in it."""
    return Vault(current_app.config["DATA_DIR"] / "keys")


def said(refusal: Refusal) -> str:
    """Return the sentence of a refusal, translated, with its values filled in."""
    return gettext(refusal.text, **values(refusal.values)) if refusal.values else gettext(refusal.text)
