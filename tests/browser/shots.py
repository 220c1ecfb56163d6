"""Pictures of pages for a human look: kept in the folder SCREENSHOTS where that is set, never in the repository."""

import os
import re
from pathlib import Path

from playwright.sync_api import Page


def keep(page: Page, name: str) -> None:
    """Keep a picture of the whole page as it stands, as NAME.png. Without SCREENSHOTS: nothing."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        file = re.sub(r"\W+", "-", name).strip("-") + ".png"
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / file, full_page=True, animations="disabled")
