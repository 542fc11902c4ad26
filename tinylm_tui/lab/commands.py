"""What the screen can tell the trainer: small frozen messages, carried out between two steps."""

from __future__ import annotations

from dataclasses import dataclass

from tinylm_tui.engine.feedback import Rating


@dataclass(frozen=True)
class Train:
    """Train until told to pause, or until step `until`."""

    until: int | None = None


@dataclass(frozen=True)
class Steps:
    """Train this many steps, then pause."""

    count: int


@dataclass(frozen=True)
class Pause:
    """Stop training after the step under way."""


@dataclass(frozen=True)
class Stop:
    """End the long work under way, as if it had never begun."""


@dataclass(frozen=True)
class Restart:
    """Back to step 0, to the same first weights."""


@dataclass(frozen=True)
class Change:
    """Set one setting, given as text."""

    name: str
    value: str


@dataclass(frozen=True)
class Configure:
    """Set several settings at once, each given as text: a model and its sizes."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Load:
    """Start over on another text."""

    name: str
    text: str
    reading: str = "auto"


@dataclass(frozen=True)
class Begin:
    """Start over on a text with these settings, each given as text, and the model's usual ones beside them."""

    name: str
    text: str
    reading: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Teach:
    """Append words to the text and keep the weights."""

    words: str


@dataclass(frozen=True)
class Nudge:
    """Add `amount` to the score of one pair."""

    current: int
    next: int
    amount: float


@dataclass(frozen=True)
class Feedback:
    """Apply the ratings."""

    ratings: tuple[Rating, ...]


@dataclass(frozen=True)
class UndoFeedback:
    """Take the last round of feedback back."""


@dataclass(frozen=True)
class Save:
    """Write the run to a file."""

    path: str


@dataclass(frozen=True)
class Keep:
    """Save the run to this file from now on, without being asked again."""

    path: str


@dataclass(frozen=True)
class Open:
    """Go on with the run in a file."""

    path: str
    called: str = ""  # what to call it in the answer, instead of its path
    first: bool = False  # nobody has seen the run before it, so that one need not be brought back
    replaced: str = ""  # a file with the run that can be brought back instead


@dataclass(frozen=True)
class Back:
    """Bring back the run that the last load or fresh start replaced."""


@dataclass(frozen=True)
class StartLadder:
    """Begin a ladder on the text of the run, beside it; see `lab.ladder.Ladder` for what the overrides may be."""

    steps: int
    prompt: str
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True)
class StopLadder:
    """End the ladder under way; what it has found so far stays."""


@dataclass(frozen=True)
class Ask:
    """Answer with a Snapshot as soon as there is one newer than `version`.

    The text is left out when the asker already has the one numbered `corpus_version`.
    """

    version: int
    corpus_version: int


@dataclass(frozen=True)
class Quit:
    """End the trainer."""


Command = (
    Train
    | Steps
    | Pause
    | Stop
    | Restart
    | Change
    | Configure
    | Load
    | Begin
    | Teach
    | Nudge
    | Feedback
    | UndoFeedback
    | Save
    | Keep
    | Open
    | Back
    | StartLadder
    | StopLadder
    | Ask
    | Quit
)
