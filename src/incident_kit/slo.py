"""Define service level objectives (SLOs) and targets: plain values from YAML that can become alert rules.

For example, `Slo("latency", 0.95, threshold_ms=200)` says that 95 % of the valid requests take at most 200
ms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import isfinite
from numbers import Real
from pathlib import Path
from typing import Any, Literal, get_args

from incident_kit.errors import ParameterError, reason

Indicator = Literal["latency", "errors", "availability"]


@dataclass(frozen=True)
class Slo:
    """A service level objective: at least `objective` of the valid requests in `scope` are good.

    A request is bad for `latency` if it took longer than `threshold_ms`, for `errors` if its status is 5xx,
    and for `availability` if it is an error or the client gave up after `threshold_ms`.
    """

    indicator: Indicator
    objective: float
    threshold_ms: float = 200.0
    scope: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.indicator not in get_args(Indicator):
            raise ParameterError(
                f"There is no indicator {self.indicator!r}; it is one of {', '.join(get_args(Indicator))}."
            )
        if not 0 < self.objective < 1:
            raise ParameterError(
                f"An objective of {self.objective} for {self.indicator} is no share; give one in (0, 1)."
            )
        if not self.threshold_ms > 0:
            raise ParameterError(f"A threshold of {self.threshold_ms} ms cannot be met; give one above 0.")

    @property
    def budget(self) -> float:
        """Share of valid requests that may be bad."""
        return 1.0 - self.objective


@dataclass(frozen=True)
class Targets:
    """Targets of a service: milliseconds, shares of valid requests, seconds."""

    latency_ms: float = 200.0
    latency_quantile: float = 0.95
    error_rate: float = 0.001
    availability: float = 0.999
    recovery_s: float = 300.0

    def __post_init__(self) -> None:
        for name, value in self.as_dict().items():
            if not isinstance(value, Real) or isinstance(value, bool) or not isfinite(value):
                raise ParameterError(
                    f"The target {name}={value!r} is no number; give one such as 0.5 or 200."
                )
        for name in ("latency_quantile", "error_rate", "availability"):
            if not 0 < getattr(self, name) < 1:
                raise ParameterError(
                    f"The target {name}={getattr(self, name)} leaves nothing to be met or missed; give a "
                    "share above 0 and below 1, such as 0.999 for 99.9 %."
                )
        for name in ("latency_ms", "recovery_s"):
            if not getattr(self, name) > 0:
                raise ParameterError(f"The target {name}={getattr(self, name)} must be above 0.")

    @property
    def latency(self) -> Slo:
        """The latency target as an SLO."""
        return Slo("latency", self.latency_quantile, self.latency_ms)

    @property
    def errors(self) -> Slo:
        """The error target as an SLO."""
        return Slo("errors", 1.0 - self.error_rate, self.latency_ms)

    @property
    def available(self) -> Slo:
        """The availability target as an SLO."""
        return Slo("availability", self.availability, self.latency_ms)

    def as_dict(self) -> dict[str, float]:
        """Return the targets by name, in the form of the JSON document."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    @classmethod
    def of(cls, given: Targets | Mapping[str, Any] | None) -> Targets:
        """Return the default targets with the given ones in their place; a `Targets` is returned unchanged.

        Raises
        ------
        ParameterError
            If it is no mapping, a name is no target, or a value is no number or out of bounds.
        """
        if isinstance(given, Targets):
            return given
        if not isinstance(given, Mapping | None):
            raise ParameterError(f"{given!r} are no targets by name; give a mapping, or load_targets(file).")
        known = {item.name for item in fields(cls)}
        unknown = sorted(map(str, set(given or {}) - known))
        if unknown:
            raise ParameterError(
                f"There is no target called {', '.join(unknown)}; the targets are {', '.join(sorted(known))}."
            )
        return cls(**(given or {}))


def load_targets(path: str | Path | None) -> Targets:
    """Read targets from a YAML file of `name: value` lines, or a TOML file of `name = value` lines.

    Without a file, return the defaults. YAML reads `1e-3` as text; this function reads it as a number.

    Raises
    ------
    ParameterError
        If the file cannot be read, holds no mapping, or a target in it is meaningless.
    """
    if path is None:
        return Targets()
    given = _loaded(Path(path))
    if not isinstance(given, dict):
        raise ParameterError(f"{path} holds no targets; write lines like `latency_ms: 200`.")
    try:
        return Targets.of({name: _number(value) for name, value in given.items()})
    except ParameterError as error:
        raise ParameterError(f"{path}: {error}") from error


def _number(value: Any) -> Any:
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _loaded(path: Path) -> Any:
    import tomllib

    import yaml

    try:
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(text) if path.suffix == ".toml" else yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        raise ParameterError(
            f"The targets file {path} cannot be read: {reason(error)}; give a file of lines like "
            "`latency_ms: 200`."
        ) from error
