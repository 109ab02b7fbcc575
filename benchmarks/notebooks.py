"""The whole set of notebooks on the sample, against as many bare kernels; prints a Markdown table.

    python -m benchmarks.notebooks

A bare kernel starts, imports pandas and matplotlib, and stops: less no notebook can take. The set is `report
--all` as a user runs it, pages and PDFs included. Both are whole processes, started in turn; the exit code is
1 where the set takes more than `MAX_RATIO` as long.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks.command_line import command_line
from incident_kit.reports.notebooks.bundle import sample_path
from incident_kit.reports.notebooks.parameters import NOTEBOOKS

SAMPLE = "slow-database"
MAX_RATIO = 8.0
KERNEL = """
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3")
reply = client.execute_interactive("import pandas, matplotlib.pyplot", timeout=120)
assert reply["content"]["status"] == "ok"
client.stop_channels()
manager.shutdown_kernel(now=True)
"""


def seconds(*command: str) -> float:
    """Run a process to its end and return how long it took."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    return time.perf_counter() - started


def whole_set() -> float:
    """Run every notebook on the sample and write its pages."""
    log, traces = (str(sample_path(SAMPLE, name)) for name in ("access.log.gz", "traces.jsonl.gz"))
    with tempfile.TemporaryDirectory() as folder:
        return seconds("-m", "incident_kit", "report", log, "--traces", traces, "--all", "-o", folder)


def main() -> int:
    """Run both in turn and print the table."""
    parser = command_line(__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run; the median counts")
    kernels, sets = [], []
    for _ in range(parser.parse_args().rounds):
        kernels.append(seconds("-c", KERNEL))
        sets.append(whole_set())
    kernel, whole = statistics.median(kernels), statistics.median(sets)
    ratio = whole / (len(NOTEBOOKS) * kernel)
    print("| what | seconds |\n|---|--:|")
    print(f"| bare kernel with pandas and matplotlib | {kernel:.2f} |")
    print(f"| {len(NOTEBOOKS)} notebooks, `report --all` | {whole:.2f} |")
    print(f"\nRatio for each notebook: {ratio:.2f} (at most {MAX_RATIO:g}).")
    return int(ratio > MAX_RATIO)


if __name__ == "__main__":
    sys.exit(main())
