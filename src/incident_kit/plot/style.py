"""The house style: its colours and fonts, and the decorator that draws with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from incident_kit.plot.letters import families

STYLE = Path(__file__).with_name("incident.mplstyle")

BLUE = "#0072B2"
ORANGE = "#E69F00"
VERMILLION = "#D55E00"
SKY = "#56B4E9"
INK = "#222222"
GREY = "#888888"

P = ParamSpec("P")
R = TypeVar("R")


def in_house_style(draw: Callable[P, R]) -> Callable[P, R]:
    """Make a function draw in the kit's style. The caller's matplotlib settings stay as they are."""

    @wraps(draw)
    def styled(*args: P.args, **kwargs: P.kwargs) -> R:
        import matplotlib as mpl
        import matplotlib.style

        with mpl.style.context(STYLE):
            mpl.rcParams["font.family"] = list(families())
            drawn = draw(*args, **kwargs)
            interactive = mpl.is_interactive()
        # The first picture of a notebook loads the backend, which turns interactive mode on. Restoring the
        # settings must not turn it off again.
        mpl.interactive(interactive)
        return drawn

    return styled
