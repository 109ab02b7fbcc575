"""What the command line's exit code says; 0 is done and targets met, or no gate asked."""

GATE_FAILED = 1
"""A gate was asked for, and failed."""

UNUSABLE = 2
"""The usage is bad, or the input cannot be read."""
