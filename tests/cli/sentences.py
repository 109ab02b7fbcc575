"""What a command says that was given something it cannot use."""

from subprocess import CompletedProcess

UNUSABLE = 2


def the_one_sentence(done: CompletedProcess[str]) -> str:
    """Return the line on standard error, which is all that such a command says."""
    assert done.returncode == UNUSABLE, done.stdout + done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    return line
