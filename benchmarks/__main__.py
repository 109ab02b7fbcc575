"""Every measure of speed, one after the other, as ratios within one run.

python -m benchmarks          # small sizes, some minutes
python -m benchmarks --full   # the sizes that the figures in the README are stated for
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SMALL = {"reading.py": (), "traces.py": ()}
FULL = {"reading.py": ("--lines", "5000000"), "traces.py": ("--full",)}


def main() -> int:
    """Run each benchmark in a process of its own; the worst exit code counts."""
    sizes = FULL if "--full" in sys.argv[1:] else SMALL
    codes = [
        subprocess.run([sys.executable, HERE / name, *arguments], check=False).returncode
        for name, arguments in sizes.items()
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
