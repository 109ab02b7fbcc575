"""Every measure of speed, one after the other, as ratios within one run.

python -m benchmarks          # small sizes, some minutes
python -m benchmarks --full   # the sizes that the figures in the README are stated for
"""

from __future__ import annotations

import subprocess
import sys

SMALL: dict[str, tuple[str, ...]] = {"reading": (), "traces": (), "diagnosis": (), "notebooks": ()}
FULL = {"reading": ("--lines", "5000000"), "traces": ("--full",), "diagnosis": ("--full",), "notebooks": ()}


def main() -> int:
    """Run each benchmark in a process of its own; the worst exit code counts."""
    sizes = FULL if "--full" in sys.argv[1:] else SMALL
    codes = [
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments], check=False).returncode
        for name, arguments in sizes.items()
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
