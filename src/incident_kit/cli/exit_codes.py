"""Exit codes of the command line, besides 0: done, and targets met or no gate asked."""

GATE_FAILED = 1
"""A gate was asked for, and failed."""

UNUSABLE = 2
"""Bad usage, or input that cannot be read."""
