"""Make every letter drawable: from a second font if this machine has one, else as an escape.

matplotlib warns about a letter that its font lacks and draws an empty box, so that different names would look
the same.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

HOUSE = "DejaVu Sans"
WIDER = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Microsoft YaHei",
    "PingFang SC", "Hiragino Sans GB", "Yu Gothic", "Malgun Gothic", "Arial Unicode MS",
)  # fmt: skip
"""Chinese, Japanese and Korean fonts that operating systems ship, those with most letters first."""


@cache
def families() -> tuple[str, ...]:
    """Return the kit's font and, if this machine has one, a font for the letters it lacks."""
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return (HOUSE, *[name for name in WIDER if name in installed][:1])


def drawable(text: str) -> str:
    r"""Return text with every letter that no font can draw as an escape, such as `\u6570`."""
    return text if text.isascii() else "".join(map(_shown, text))


def _shown(letter: str) -> str:
    is_drawn = letter.isspace() or any(font.get_char_index(ord(letter)) for font in _fonts())
    return letter if is_drawn else letter.encode("unicode_escape").decode("ascii")


@cache
def _fonts() -> tuple[FT2Font, ...]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return tuple(get_font(findfont(FontProperties(family=name))) for name in families())
