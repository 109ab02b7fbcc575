"""Every measure of speed, one after the other, as ratios within one run.

    python -m benchmarks          # small sizes, some minutes
    python -m benchmarks --full   # the sizes that the figures in the README are stated for

Each can be run alone, with options of its own (`--help`):

    python -m benchmarks.reading     reading and rolling up logs, against other engines
    python -m benchmarks.formats     reading each log format
    python -m benchmarks.traces      reading and timing traces, against an orjson loop
    python -m benchmarks.diagnosis   diagnosing, against reading
    python -m benchmarks.notebooks   the whole set of notebooks, against bare kernels

`python -m benchmarks.accuracy` measures how often the kit is right.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.command_line import command_line

AT_FULL_SIZE: dict[str, tuple[str, ...]] = {
    "reading": ("--lines", "5000000"),
    "formats": (),
    "traces": ("--full",),
    "diagnosis": ("--full",),
    "notebooks": (),
}
"""The benchmarks, each with the options that give it the size its figures are stated for."""


def main() -> int:
    """Run each benchmark in a process of its own; the worst exit code counts."""
    parser = command_line(__doc__)
    parser.add_argument("--full", action="store_true", help="the sizes that the figures are stated for")
    full = parser.parse_args().full
    commands = [
        [sys.executable, "-m", f"benchmarks.{name}", *(options if full else ())]
        for name, options in AT_FULL_SIZE.items()
    ]
    codes = [subprocess.run(command, check=False).returncode for command in commands]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
