"""What can go wrong in the lab itself (never a fault that was injected)."""

from __future__ import annotations


class LabError(Exception):
    """The lab could not start, or what it recorded is not consistent."""


class MissingToolError(LabError):
    """A server program that the lab needs is not on this machine."""
