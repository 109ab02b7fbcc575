"""Every measure of speed, one after the other, as ratios within one run.

    python -m benchmarks          # small sizes, some minutes
    python -m benchmarks --full   # the sizes that the figures in the README are stated for

Each can be run alone, with options of its own (`--help`):

    python -m benchmarks.reading     reading and rolling up logs, against other engines
    python -m benchmarks.traces      reading and timing traces, against an orjson loop
    python -m benchmarks.diagnosis   diagnosing, against reading
    python -m benchmarks.notebooks   the whole set of notebooks, against bare kernels

`python -m benchmarks.accuracy` measures how often the kit is right.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.command_line import command_line

SMALL: dict[str, tuple[str, ...]] = {"reading": (), "traces": (), "diagnosis": (), "notebooks": ()}
FULL = {"reading": ("--lines", "5000000"), "traces": ("--full",), "diagnosis": ("--full",), "notebooks": ()}


def main() -> int:
    """Run each benchmark in a process of its own; the worst exit code counts."""
    parser = command_line(__doc__)
    parser.add_argument("--full", action="store_true", help="the sizes that the figures are stated for")
    sizes = FULL if parser.parse_args().full else SMALL
    codes = [
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments], check=False).returncode
        for name, arguments in sizes.items()
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
