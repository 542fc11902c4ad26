"""What can go wrong in a way a person can mend: one sentence that says what was wrong and what would do."""

from __future__ import annotations


class LabError(Exception):
    """Base of all errors that are shown to the person as they are. `str(error)` is the sentence."""


class SettingError(LabError):
    """A setting does not exist or cannot have that value."""


class TextError(LabError):
    """A text cannot be read, or nothing can be learnt from it."""


class RunFileError(LabError):
    """A run cannot be saved or loaded."""


class Diverged(LabError):
    """A training step made the loss explode; the last good weights are back in place."""


class Stopped(LabError):
    """The person stopped something long before it was done; everything is as it was."""
