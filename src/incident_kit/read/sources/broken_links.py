"""Links in a folder that cannot be followed: they are no sources, and that is said."""

from __future__ import annotations

import os
from pathlib import Path

from incident_kit.read.sources.paths import Paths, names_in


def broken_links(paths: Paths) -> str | None:
    """Return a sentence on the links in the given folders that lead nowhere or in a circle, if any do."""
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    folders = [place for path in given if (place := Path(path).expanduser()).is_dir()]
    # Path.exists would raise where a folder on the way may not be entered.
    links = [name for place in folders for name in names_in(place) if not os.path.exists(name)]  # noqa: PTH110
    if not links:
        return None
    others = f", as {'is' if len(links) == 2 else 'are'} {len(links) - 1} more" if len(links) > 1 else ""
    return f"{links[0]} is a link that leads nowhere{others}; the rest of its folder was read."
