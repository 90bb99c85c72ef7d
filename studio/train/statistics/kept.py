"""Which of the statistics that are told as a run goes are written down: the longer it runs, the fewer."""

from __future__ import annotations

from studio.train.events import Event, Failed, Finished, LayersMeasured

SHARE = 0.01
"""Of the seconds trained, that lie between two that are kept: a long run keeps some hundreds."""


def far_enough(before: float, now: float) -> bool:
    """Whether statistics are kept, where the last that are were measured at `before`; both in seconds of
    training, which begin anew with another seed.
    """
    return now < before or now - before >= SHARE * now


class Thinned:
    """Passes on what is to be written; of statistics also the last ones, before a run's end."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._held: LayersMeasured | None = None

    def take(self, event: Event) -> list[Event]:
        """What is to be written now."""
        if not isinstance(event, LayersMeasured):
            return [*self.rest(), event] if isinstance(event, Finished | Failed) else [event]
        if self._last is None or far_enough(self._last, event.time):
            self._last, self._held = event.time, None
            return [event]
        self._held = event
        return []

    def rest(self) -> list[Event]:
        """What was held back and is the last."""
        held, self._held = self._held, None
        return [held] if held else []
