"""Where nginx and PostgreSQL are, and how they come to the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from fault_lab.errors import MissingToolError

# Debian keeps the server programs outside an ordinary user's PATH.
DEBIAN_DIRECTORIES = ("/usr/sbin", *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True))
# The Debian package that brings each program.
PACKAGES = {"nginx": "nginx", "postgres": "postgresql", "initdb": "postgresql"}


def find_tool(name: str) -> str:
    """Find the path of a server program.

    Raises
    ------
    MissingToolError
        It is not here; the message names the package.
    """
    search = os.pathsep.join((os.environ.get("PATH", ""), *DEBIAN_DIRECTORIES))
    found = shutil.which(name, path=search)
    if found is None:
        raise MissingToolError(
            f"{name} is not on this machine: install it with 'apt-get install {PACKAGES[name]}'."
        )
    return found


def missing_packages() -> list[str]:
    """Name the Debian packages that the lab still needs, without repetition."""
    missing = []
    for name, package in PACKAGES.items():
        try:
            find_tool(name)
        except MissingToolError:
            missing.append(package)
    return sorted(set(missing))


def install_tools() -> None:
    """Install what is missing with apt-get; needs root.

    Raises
    ------
    MissingToolError
        Apt-get is absent, or failed.
    """
    packages = missing_packages()
    if not packages:
        return
    apt_get = shutil.which("apt-get")
    if apt_get is None or os.geteuid() != 0:
        raise MissingToolError(
            f"{', '.join(packages)} missing: as root, run 'apt-get install {' '.join(packages)}'."
        )
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(
            [apt_get, *arguments], env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        if done.returncode != 0:
            raise MissingToolError(f"apt-get {arguments[0]} failed: {done.stderr.strip()[-300:]}")
