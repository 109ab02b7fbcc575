"""JupyterLab on loopback, alone in a folder of its own, and a Chromium that reports what it should not do."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from incident_kit.reports.notebooks.notebook_set import copy_notebooks
from incident_kit.reports.pages.pdf import FLAGS, browser

START_TIMEOUT_S = 90
STOP_TIMEOUT_S = 10
JUPYTER_FOLDERS = (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
    "IPYTHONDIR",
)


@dataclass
class Lab:
    """A JupyterLab that runs, and what went wrong in its page."""

    base: str
    token: str
    page: Any = None
    script_errors: list[str] = field(default_factory=list)
    outside_requests: list[str] = field(default_factory=list)

    def open(self, notebook: str) -> None:
        """Open a notebook, whatever was open before."""
        self.page.goto(
            f"{self.base}/lab/tree/{notebook}?reset&token={self.token}", wait_until="domcontentloaded"
        )
        self.page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=1000 * START_TIMEOUT_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _settings(folder: Path) -> dict[str, str]:
    """Return an environment in which Jupyter keeps everything in `folder` and asks nobody for news."""
    news = folder / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True)
    (news / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    return {
        **os.environ,
        "HOME": str(folder),
        **{name: str(folder / name.lower()) for name in JUPYTER_FOLDERS},
    }


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            urllib.request.urlopen(url, timeout=1).read()
        except OSError:
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Lab]:
    root, log = tmp_path / "notebooks", tmp_path / "lab.log"
    copy_notebooks(root)
    lab = Lab(f"http://127.0.0.1:{(port := _free_port())}", secrets.token_hex(16))
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={lab.token}", "--allow-root"]
    command += [f"--ServerApp.root_dir={root}", "--LabApp.news_url=None", "--expose-app-in-browser"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command += ["--LabApp.extension_manager=readonly", "--KernelManager.transport_encryption=auto"]
    with log.open("wb") as written:
        process = subprocess.Popen(
            command, env=_settings(tmp_path), stdout=written, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _wait(process, f"{lab.base}/api/status?token={lab.token}", log)
        yield lab
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def lab(server: Lab) -> Iterator[Lab]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = browser()
    if program is None:
        pytest.skip("there is no Chromium; install it or name it in CHROME_BIN")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=program, args=list(FLAGS[1:]))
        server.page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        server.page.on("pageerror", lambda error: server.script_errors.append(str(error)))
        server.page.on("request", lambda request: _note(server, request.url))
        yield server
        chromium.close()


def _note(lab: Lab, url: str) -> None:
    if not url.startswith((lab.base, lab.base.replace("http", "ws", 1), "data:", "blob:")):
        lab.outside_requests.append(url)
