"""Write the generated parts of the pages again: `python docs/generate.py` (or `--check` to only compare).

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`; the rest of a page is prose.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from incident_kit.diagnosis import patterns, threats
from incident_kit.measure.requests.failure_reasons import REASONS
from incident_kit.schema import REJECTED, REQUESTS, SPANS, Schema

HERE = Path(__file__).parent
ROOT = HERE.parent
SAMPLE = "sample_data/slow-database"
BLOCK = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL)


def columns(schema: Schema) -> str:
    """Return a schema as a Markdown table."""
    rows = ["| column | type | unit | meaning | OpenTelemetry |", "|---|---|---|---|---|"]
    for name, column in schema.items():
        otel = f"`{column.otel}`" if column.otel else ""
        rows.append(f"| `{name}` | {column.dtype} | {column.unit} | {column.meaning} | {otel} |")
    return "\n".join(rows) + "\n"


def findings(package: ModuleType) -> str:
    """Return the findings of a package as a Markdown table, from the first paragraph of each module."""
    rows = ["| id | what the data show |", "|---|---|"]
    for item in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{item.name}")
        ids = dict.fromkeys(re.findall(r'\bid="([a-z-]+)"', inspect.getsource(module)))
        summary = " ".join(inspect.getdoc(module).split("\n\n")[0].split()).partition(": ")[2]
        rows.append(f"| {', '.join(f'`{name}`' for name in ids)} | {summary[0].upper()}{summary[1:]} |")
    return "\n".join(rows) + "\n"


def reasons() -> str:
    """Return the reasons that proxies give as a Markdown table."""
    rows = ["| proxy | code | cause | in words |", "|---|---|---|---|"]
    for name, reason in REASONS.items():
        proxy, _, code = name.partition(" ")
        rows.append(f"| {proxy} | `{code}` | {reason.cause} | {reason.words} |")
    return "\n".join(rows) + "\n"


def diagnosis() -> str:
    """Return what the command line says of a sample."""
    arguments = ("diagnose", f"{SAMPLE}/access.log.gz", "--traces", f"{SAMPLE}/traces.jsonl.gz")
    command = (sys.executable, "-m", "incident_kit", *arguments)
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return f"```text\n{said}```\n"


PARTS: dict[str, Callable[[], str]] = {
    "diagnosis": diagnosis,
    "patterns": lambda: findings(patterns),
    "threats": lambda: findings(threats),
    "reasons": reasons,
    "requests": lambda: columns(REQUESTS),
    "rejected": lambda: columns(REJECTED),
    "spans": lambda: columns(SPANS),
}


def generate(text: str) -> str:
    """Return a page with its generated parts written again."""
    return BLOCK.sub(lambda found: f"{found[1]}{PARTS[found['name']]()}{found[4]}", text)


def main() -> int:
    """Write the pages again, or with --check say which are out of date."""
    stale = []
    for page in (ROOT / "README.md", *sorted(HERE.rglob("*.md"))):
        text = page.read_text(encoding="utf-8")
        if (fresh := generate(text)) != text:
            stale.append(page.relative_to(ROOT))
            if "--check" not in sys.argv:
                page.write_text(fresh, encoding="utf-8")
    for page in stale:
        print(f"{page} {'is out of date; run make docs-pages' if '--check' in sys.argv else 'written'}")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
