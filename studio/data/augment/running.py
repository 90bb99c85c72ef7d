"""The random changes of a training batch, as tensor operations on all of it at once, where it lies.

They come after the samples were gathered and before they are normalised: the values of pictures are brought
to 0 … 1 by their field's bounds, changed, and brought back, so that a step means the same for bytes and for
other pictures, and the normalisation stays the one that was learned from unchanged samples. Every number is
drawn from a generator whose seed is a pure function of the run's seed, the epoch and the batch: a run that
goes on after a stop, in another process or by another program draws the very same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import torch
from torch import Tensor

from studio.data.augment.geometry import MOVES, drawn, flip
from studio.data.augment.looks import LOOKS
from studio.data.augment.mixing import MIXES, Mix
from studio.data.augment.seen import Chance, Seen, Share
from studio.data.augment.sounds import SOUNDS
from studio.project.fields import Field
from studio.project.project import Setting

CHANGES = {"Flip": flip, **LOOKS, **SOUNDS}
Batch = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Augmenter:
    """What is done to the batches of some fields: `augment` by field, with all parameters.

    `classes` is how many classes the shares of a mixed target have, where the network tells more than the
    field.
    """

    fields: Mapping[str, Field]
    augment: Mapping[str, tuple[Setting, ...]]
    classes: Mapping[str, int] = field(default_factory=dict)

    def __call__(self, batch: Batch, seed: int, part: tuple[Tensor, int] | None = None) -> Batch:
        """A batch of raw values changed at random; what is in no list stays as it is.

        `part` says which rows of a larger batch these are, and how many that has.
        """
        found = dict(batch)
        device = next(iter(batch.values())).device
        generator = torch.Generator(device).manual_seed(seed)
        chance = generator if part is None else Share(generator, *part)
        taken: set[str] = set()
        for name, settings in self.augment.items():
            if name in found:
                with_it = [other for other in self._over(name, found) if other not in taken]
                taken.update(with_it)
                self._change(found, name, with_it, settings, chance)
        return found

    def _change(
        self,
        found: Batch,
        name: str,
        with_it: list[str],
        settings: tuple[Setting, ...],
        chance: Chance,
    ) -> None:
        masks = [one for one in with_it if not self.fields[one].picture]
        pictures = [one for one in with_it if self.fields[one].picture]
        low, high = _bounds(self.fields[name])
        seen = Seen(
            (found[name] - low) / (high - low),
            tuple(found[one] for one in masks),
            tuple(found[one] for one in pictures),
        )
        seen = changed(seen, settings, chance)
        found[name] = seen.values * (high - low) + low
        found.update(zip([*masks, *pictures], [*seen.masks, *seen.pictures], strict=True))
        for setting in settings:
            if setting.type in MIXES:
                mix = MIXES[setting.type](found[name], setting.params, chance)
                self._mix(found, name, mix)

    def _mix(self, found: Batch, name: str, mix: Mix) -> None:
        found[name] = mix.values(found[name])
        for other, one in self.fields.items():
            if other not in found or other == name or one.role != "target":
                continue
            if one.classes is not None and one.shape == () and found[other].dim() == 1:
                found[other] = mix.classes(found[other], self.classes.get(other, len(one.classes)))
            else:
                found[other] = mix.values(found[other])

    def _over(self, name: str, batch: Batch) -> list[str]:
        """The targets that lie over a picture, point for point."""
        size = self.fields[name].shape[-2:]
        return [
            other
            for other, one in self.fields.items()
            if other != name
            and other in batch
            and one.role == "target"
            and one.shape[-2:] == size
            and (one.picture or (len(one.shape) == 2 and one.dtype == "int64"))
        ]


def changed(seen: Seen, settings: tuple[Setting, ...], chance: Chance) -> Seen:
    """All changes in turn but for mixing; moves that follow each other are drawn once."""
    matrix: Tensor | None = None
    beyond = "edge"
    for setting in settings:
        if setting.type in MOVES:
            other = str(setting.params.get("beyond", beyond))
            if matrix is not None and other != beyond:
                seen, matrix = drawn(seen, matrix, beyond), None
            move, beyond = MOVES[setting.type](seen.values, setting.params, chance), other
            matrix = move if matrix is None else matrix @ move
        elif setting.type in CHANGES:
            if matrix is not None:
                seen, matrix = drawn(seen, matrix, beyond), None
            seen = CHANGES[setting.type](seen, setting.params, chance)
    return seen if matrix is None else drawn(seen, matrix, beyond)


def batch_seed(seed: int, epoch: int, batch: int) -> int:
    """The seed of the changes of a batch (from 0) in an epoch (from 1)."""
    return int.from_bytes(sha256(f"{seed} {epoch} {batch}".encode()).digest()[:8], "big") >> 1


def _bounds(field: Field) -> tuple[float, float]:
    """What the values of a picture lie between; other values are left as they are."""
    if not field.picture or field.low is None or field.high is None or field.high <= field.low:
        return 0.0, 1.0
    return field.low, field.high
