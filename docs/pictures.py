"""Take the pictures of the README again: `python docs/pictures.py` (needs Chromium)."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from PIL import Image

from incident_kit.reports.notebooks.bundle import sample_path
from incident_kit.reports.pages.pdf import FLAGS, browser
from incident_kit.reports.run import report

IMAGES = Path(__file__).parent / "images"
SAMPLE = "slow-database"
WIDTH, HEIGHT = 1000, 1290  # of the index, down to the last target
COLOURS = 128  # enough for what is drawn, in a quarter of the bytes


def photograph(page: Path, picture: Path) -> None:
    """Write the top of a page as a reader sees it, in few colours."""
    program = browser()
    if program is None:
        raise SystemExit("There is no Chromium; install it, or name it in CHROME_BIN.")
    size = f"--window-size={WIDTH},{HEIGHT}"
    with tempfile.TemporaryDirectory() as profile:
        command = [program, *FLAGS, "--hide-scrollbars", f"--user-data-dir={profile}", size]
        subprocess.run([*command, f"--screenshot={picture}", page.as_uri()], check=True, capture_output=True)
    with Image.open(picture) as taken:
        taken.convert("RGB").quantize(COLOURS).save(picture, optimize=True)


def main() -> None:
    """Write a report on the sample, and photograph its index."""
    log, traces = (sample_path(SAMPLE, name) for name in ("access.log.gz", "traces.jsonl.gz"))
    with tempfile.TemporaryDirectory() as folder:
        written = report(log, traces=traces, output=folder, pdf=False)
        photograph(Path(written.index).resolve(), IMAGES / "report.png")


if __name__ == "__main__":
    main()
