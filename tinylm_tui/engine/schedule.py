"""The learn rate over a run: up in a straight line while the averages settle, then down along half a cosine."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi


@dataclass(frozen=True)
class Schedule:
    """Warm-up then cosine decay. With warmup 0 and decay_to equal to peak the learn rate never changes."""

    peak: float  # the learn rate at the end of the warm-up
    warmup: int = 0  # steps from (nearly) 0 up to the peak
    steps: int = 0  # the step at which the decay has ended; from there on it stays at decay_to
    decay_to: float = 0.0

    def learn_rate(self, step: int) -> float:
        """The learn rate of step 0, 1, 2, …

        Warm-up: peak·(step+1)/(warmup+1).
        Decay: decay_to + ½·(1 + cos(π·share))·(peak − decay_to), with share going from 0 to 1.
        """
        if step < self.warmup:
            return self.peak * (step + 1) / (self.warmup + 1)
        share = (step - self.warmup) / max(self.steps - self.warmup, 1)
        return self.decay_to + (1 + cos(pi * min(share, 1.0))) / 2 * (self.peak - self.decay_to)
