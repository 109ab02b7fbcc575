"""What README and docs show is run: Python and shell blocks for real, configuration by what reads it.

A block marked `text` shows what needs a world that is not here (a cluster, a bucket), and is not run.
"""

import gzip
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(?P<language>[a-z]+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
KNOWN = {"python", "sh", "nginx", "yaml", "sql", "json", "text"}


class Block(NamedTuple):
    page: str
    number: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.page}-{self.number}"


def blocks(*languages: str) -> Iterator[Block]:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for page in pages:
        for number, found in enumerate(FENCE.finditer(page.read_text(encoding="utf-8"))):
            block = Block(str(page.relative_to(ROOT)), number, found["language"], found["code"])
            if not languages or block.language in languages:
                yield block


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the reader has it: samples, a log and traces of an incident, two sides of a release."""
    desk = tmp_path_factory.mktemp("desk")
    (desk / "sample_data").symlink_to(ROOT / "sample_data")
    sample = ROOT / "sample_data" / "slow-database"
    (desk / "access.log").write_bytes(gzip.decompress((sample / "access.log.gz").read_bytes()))
    shutil.copy(sample / "traces.jsonl.gz", desk)
    healthy = gzip.decompress((ROOT / "sample_data" / "healthy" / "access.log.gz").read_bytes())
    for side in ("stable.log", "canary.log"):
        (desk / side).write_bytes(healthy)
    (desk / "targets.yml").write_text("latency_ms: 300\n", encoding="utf-8")
    return desk


def run(command: list[str], desk: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    # A page for contributors imports from the tests.
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
    return subprocess.run(command, cwd=desk, env=environment, capture_output=True, text=True, check=False)


def test_every_block_is_of_a_kind_that_is_tested_or_plain_text() -> None:
    assert {block.language for block in blocks()} <= KNOWN


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted({block.page for block in blocks("python")}))
def test_python_blocks_of_a_page_run_one_after_the_other(page: str, desk: Path) -> None:
    code = "\n".join(block.code for block in blocks("python") if block.page == page)
    done = run([sys.executable, "-c", code], desk)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("block", [*blocks("sh")], ids=str)
def test_shell_blocks_run(block: Block, desk: Path) -> None:
    # `make` itself is what runs this test.
    lines = [line for line in block.code.splitlines() if not line.startswith(("make ", "pip "))]
    done = run(["bash", "-euo", "pipefail", "-c", "\n".join(lines)], desk)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", [*blocks("yaml")], ids=str)
def test_yaml_blocks_are_yaml(block: Block) -> None:
    assert isinstance(yaml.safe_load(block.code), dict)


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
@pytest.mark.parametrize("block", [*blocks("nginx")], ids=str)
def test_nginx_accepts_its_blocks(block: Block, tmp_path: Path) -> None:
    code = block.code.replace("/var/log/nginx", str(tmp_path))
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off;\n{code}\n}}",
        encoding="utf-8",
    )
    done = subprocess.run(
        ["nginx", "-t", "-c", config, "-p", tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
