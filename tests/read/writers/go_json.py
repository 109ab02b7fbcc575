r"""JSON as Go's encoder writes it: no spaces, and `&`, `<` and `>` as `\u00XX`, for the sake of HTML."""

from __future__ import annotations

import json
from typing import Any

HTML = {ord(character): f"\\u{ord(character):04x}" for character in "&<>"}


def go_json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(HTML)
