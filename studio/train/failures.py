"""Failures of a run in plain words: what happened, in which node, the likely cause and what to do."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from studio.build.network import Network, layer_modules, running_node
from studio.errors import StudioError
from studio.train.events import Failed
from studio.train.objective import NodeError
from studio.train.samples import Batch
from studio.train.shortage import Shortage

BUG = "This is a mistake of Neuroloom itself: please report it with the details."
MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "defaultcpuallocator")


class TrainingError(StudioError):
    """A failure in words; `node` is the layer at fault, where known."""

    def __init__(self, message: str, hint: str, node: str | None = None) -> None:
        super().__init__(message, hint)
        self.node = node


class RefusedError(TrainingError):
    """A run cannot go on as it is asked to: it stays as it was."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message, hint)


class LostError(StudioError):
    """Another process of the run is gone without a word: it may go on anew from its last checkpoint."""


def failed(
    error: Exception, time: float, epoch: int, step: int, lacking: Callable[[], Shortage] | None = None
) -> Failed:
    """The event of an exception that ended a run; `lacking` is asked where memory did not suffice."""
    details = "".join(traceback.format_exception(error))
    node, cause = _located(error)
    if lacking is not None and out_of_memory(cause):
        short = lacking()
        where = f" in {node}" if node else ""
        message = f"There was not enough memory for a step{where}.{short.told}"
        return Failed(time, message, short.hint, epoch, step, node, details, short.size)
    message, hint = _words(cause, node)
    return Failed(time, message, hint, epoch, step, node, details)


def diverged(
    value: float,
    epoch: int,
    step: int,
    before: float | None,
    rate: float,
    node: str | None,
    usual: float = math.inf,
) -> TrainingError:
    """The error of a loss that is no number. `before` is the loss some steps earlier, None at the first;
    `usual` the rate that the optimizer has where none is set.
    """
    word = "NaN (no number)" if math.isnan(value) else "infinite"
    message = f"The loss became {word} at step {step} (epoch {epoch})."
    if before is None:
        place = f"{node} is the first node whose values are no numbers. " if node else ""
        causes = "a logarithm, a root or a division of zero in the drawing, or for extreme values in the data"
        hint = f"{place}Look for {causes}."
        return TrainingError(message, hint, node)
    hint = (
        f"It was {before:.4g} shortly before. The learning rate ({rate:g}) is probably too large: "
        f"try {min(rate / 10, usual):g}, "
        "or limit the norm of the gradient (clip_norm, 1 say) in the training settings."
    )
    return TrainingError(message, hint, node)


def first_bad_node(network: Network, batch: Batch, losses: Callable[[Batch], Any]) -> str | None:
    """The first layer whose output for this batch holds NaN or infinity, or None."""
    found: list[str] = []

    def watch(name: str) -> Callable[[Any, Any, Any], None]:
        def look(_module: Any, _inputs: Any, output: Any) -> None:  # noqa: ANN401
            if not found and not all(bool(one.isfinite().all()) for one in _tensors(output)):
                found.append(name)

        return look

    handles = [module.register_forward_hook(watch(name)) for name, module in layer_modules(network)]
    try:
        with torch.no_grad():
            losses(batch)
    finally:
        for handle in handles:
            handle.remove()
    return found[0] if found else None


def failing_node(error: Exception, network: Network) -> str | None:
    """The node whose layer raised, read off the frames that the exception went through."""
    return running_node(network, (frame for frame, _ in traceback.walk_tb(error.__traceback__)))


def _tensors(output: Any) -> list[Tensor]:  # noqa: ANN401
    if isinstance(output, Tensor):
        return [output] if output.is_floating_point() else []
    parts: Sequence[Any] = output if isinstance(output, Sequence) else ()
    return [tensor for part in parts for tensor in _tensors(part)]


def _located(error: Exception) -> tuple[str | None, BaseException]:
    if isinstance(error, NodeError):
        return error.node, error.__cause__ or error
    return (error.node if isinstance(error, TrainingError) else None), error


def _words(cause: BaseException, node: str | None) -> tuple[str, str]:
    if isinstance(cause, StudioError):
        return cause.message, cause.hint
    if out_of_memory(cause):
        hint = "Close other programs, or make the network or the data smaller."
        return "There was not enough memory to begin.", hint
    if isinstance(cause, OSError):
        hint = "Make room on the disk, or choose another folder for runs."
        return f"A file could not be written or read: {cause.strerror or cause}.", hint
    if node is not None:
        first_line = str(cause).strip().partition("\n")[0] or type(cause).__name__
        hint = "Check this node's parameters and the values that arrive at it."
        return f"{node} failed: {first_line}", hint
    return f"Training failed: {type(cause).__name__}: {cause}", BUG


def out_of_memory(error: BaseException) -> bool:
    """Whether torch or Python found no memory."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in MEMORY)
