"""The function of a program that trains, with what its settings ask for and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.catalog.metrics import rises
from studio.interchange.program.optimizer import Optimizer
from studio.interchange.program.pieces import data as rows
from studio.interchange.program.pieces import training as pieces
from studio.interchange.program.schedule import Schedule
from studio.interchange.pytorch import text
from studio.interchange.pytorch.lines import WIDTH, statement

Function = Callable[..., object]
LOSS, SHARE = 'losses["loss"]', '(found["loss"] * share)'


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides how the function is written."""

    options: Mapping[str, Any]
    optimizer: Optimizer
    schedule: Schedule | None
    plateau: Mapping[str, Any] | None
    norms: bool
    metric: str = "loss"
    layout: str = "contiguous"
    threads: int = 1
    own_code: bool = False
    weights: Path | None = None
    whole: bool = True
    validates: bool = True
    functions: list[Function] = field(default_factory=list)

    @property
    def average(self) -> str:
        """The mean of the weights that is kept: none, ema or swa."""
        return str(self.options["average"])

    @property
    def scaled(self) -> bool:
        """Whether gradients are scaled for float16."""
        return self.options["precision"] == "float16"

    @property
    def accumulate(self) -> int:
        """Batches that make a step."""
        return int(self.options["accumulate"])

    @property
    def within(self) -> int | None:
        """Steps from one validation to the next, where they are not counted in epochs."""
        return self.options["validate_steps"] if self.validates else None

    @property
    def minutes(self) -> float | None:
        """After how many minutes it ends."""
        return self.options["max_minutes"]

    @property
    def clip(self) -> float | None:
        """The largest norm of a gradient."""
        return None if self.options["clip_norm"] is None else float(self.options["clip_norm"])


def train_lines(of: Settings) -> list[str]:
    """The function `train`."""
    return [
        "def train(",
        "    args: argparse.Namespace,",
        "    objective: Objective,",
        "    data: dict[str, Batch],",
        "    device: torch.device,",
        ") -> None:",
        f'    """{_about(of)}"""',
        *_before(of),
        "    for epoch in range(1, args.epochs + 1):",
        "        objective.train()",
        "        meter = Meter()",
        *_epoch_steps(of),
        *_after_epoch(of),
    ]


def _about(of: Settings) -> str:
    return f"Train, and write the weights that are best by the validation's {of.metric}."


def _before(of: Settings) -> Iterator[str]:
    yield '    part, model = data["train"], objective.model'
    yield "    count = len(next(iter(part.values())))"
    yield from of.optimizer.lines
    if of.scaled:
        yield "    scaler = torch.amp.GradScaler(device.type)"
    if of.schedule is not None or of.options["max_steps"] or of.average == "swa":
        yield from statement(4, "per_epoch = ", f"len({_batches(of, 'count', '1')})")
        yield f"    steps = {_total(of)}"
    if of.schedule is not None:
        yield "    schedule = make_schedule(steps, per_epoch)"
    if of.plateau is not None:
        yield from _plateau(of)
    if of.average != "none":
        of.functions.append(pieces.MeanWeights)
        decay = f", decay={of.options['ema_decay']!r}" if of.average == "ema" else ""
        yield f"    average = MeanWeights(model{decay})"
    yield from _marks(of)
    if of.within is not None:
        yield from _judge(of)


def _marks(of: Settings) -> Iterator[str]:
    """What there is to remember from epoch to epoch."""
    start = "-math.inf" if rises(of.metric) else "math.inf"
    yield f"    best, step = {start}, 0"
    if of.options["patience"] is not None:
        yield f"    mark, waited = {start}, 0"
    if of.minutes is not None:
        yield f"    end, late = time.monotonic() + {60.0 * of.minutes!r}, False"


def _judge(of: Settings) -> Iterator[str]:
    """Judging as a function, where epochs do it in two places."""
    patient = ", mark, waited" if of.options["patience"] is not None else ""
    yield ""
    yield "    def judge(epoch: int, found: dict[str, dict[str, float]]) -> None:"
    yield '        """Validate, and keep the weights that are best so far."""'
    yield f"        nonlocal best{patient}"
    yield from ("        " + line for line in _judged(of))
    yield ""


def _total(of: Settings) -> str:
    most = of.options["max_steps"]
    return f"min(args.epochs * per_epoch, {most})" if most else "args.epochs * per_epoch"


def _plateau(of: Settings) -> Iterator[str]:
    assert of.plateau is not None
    of.functions.append(pieces.Plateau)
    names = ("factor", "patience", "threshold", "cooldown", "least")
    given = ", ".join(f"{name}={of.plateau[name]!r}" for name in names)
    yield from statement(4, "plateau = ", f"Plateau({given})")


def _batches(of: Settings, count: str, epoch: str) -> str:
    size = "args.batch_size" if of.accumulate == 1 else f"{of.accumulate} * args.batch_size"
    of.functions.append(rows.batches)
    call = f"batches({count}, {size}, args.seed, {epoch})"
    if of.norms:
        of.functions.append(rows.joined)
        return f"joined({call})"
    return call


def _epoch_steps(of: Settings) -> Iterator[str]:
    most = "[: steps - step]" if of.options["max_steps"] else ""
    order = f"{_batches(of, 'count', 'epoch')}{most}"
    if len(order) > WIDTH - 21 or of.within is not None:
        yield from statement(8, "order = ", order)
        order = "order"
    target = "rows"
    if of.within is not None:
        target, order = "at, rows", "enumerate(order, 1)"
    yield f"        for {target} in {order}:"
    if of.schedule is not None or of.plateau is not None:
        factors = ["args.lr"]
        factors += ["schedule(step)"] if of.schedule is not None else []
        rate = " * ".join(factors) + (" * plateau.factor" if of.plateau is not None else "")
        yield f"            {of.optimizer.setter}(optimizer, {rate})"
    if of.optimizer.searches:
        yield from _search(of)
    elif of.accumulate > 1:
        yield from _accumulated(of)
    else:
        yield "            losses, compared = objective(take(part, rows, device))"
        yield "            optimizer.zero_grad()"
        yield f"            {_scale(of, LOSS)}.backward()"
        yield from _move(of, 12)
        yield "            meter.add(losses, compared, len(rows))"
    if of.average == "ema":
        yield "            average.take()"
    yield "            step += 1"
    yield from _between_steps(of)


def _between_steps(of: Settings) -> Iterator[str]:
    """What may end an epoch early, or is done within it."""
    if of.minutes is not None:
        yield "            late = time.monotonic() >= end"
        yield "            if late:"
        yield "                break"
    if of.within is not None:
        yield f"            if step % {of.within} == 0 and at < len(order):"
        yield "                judge(epoch, {})"
        yield "                objective.train()"
        if of.options["patience"] is not None:
            yield f"                if waited >= {of.options['patience']}:"
            yield "                    break"


def _scale(of: Settings, loss: str) -> str:
    return f"scaler.scale({loss})" if of.scaled else loss


def _move(of: Settings, indent: int) -> Iterator[str]:
    """Clip, and take the step."""
    pad = " " * indent
    if of.clip is not None:
        if of.scaled:
            yield f"{pad}scaler.unscale_(optimizer)"
        yield from _clip(of, indent)
    if of.scaled:
        yield f"{pad}scaler.step(optimizer)"
        yield f"{pad}scaler.update()"
    else:
        yield f"{pad}optimizer.step()"


def _clip(of: Settings, indent: int) -> list[str]:
    return statement(indent, "", f"nn.utils.clip_grad_norm_(model.parameters(), {of.clip!r})")


def _accumulated(of: Settings) -> Iterator[str]:
    """Several batches for a step, each with its share of the samples."""
    of.functions.append(pieces.added)
    parts = "rows.split(args.batch_size)"
    parts = f"joined({parts})" if of.norms else parts
    yield "            optimizer.zero_grad()"
    yield "            losses: Batch = {}"
    yield f"            for some in {parts}:"
    yield "                found, compared = objective(take(part, some, device))"
    yield "                share = len(some) / len(rows)"
    yield f"                {_scale(of, SHARE)}.backward()"
    yield "                losses = added(losses, found, share)"
    yield "                meter.compare(compared)"
    yield from _move(of, 12)
    yield "            meter.add(losses, {}, len(rows))"


def _search(of: Settings) -> Iterator[str]:
    """An optimizer that computes the loss several times within a step."""
    yield "            batch = take(part, rows, device)"
    yield "            seen: list[tuple[Batch, Compared]] = []"
    yield ""
    yield "            def closure(batch: Batch = batch, seen: list = seen) -> Tensor:"
    yield "                optimizer.zero_grad()"
    yield "                losses, compared = objective(batch)"
    yield '                losses["loss"].backward()'
    if of.clip is not None:
        yield from _clip(of, 16)
    yield "                seen.append((losses, compared))"
    yield '                return losses["loss"]'
    yield ""
    yield "            optimizer.step(closure)"
    yield "            meter.add(*seen[0], len(rows))"


def _after_epoch(of: Settings) -> Iterator[str]:
    if of.average == "swa":
        yield f"        if step > {of.options['swa_start']!r} * steps:"
        yield "            average.take()"
    yield '        found = {"train": meter.results()}'
    last, due = _due(of)
    yield from [f"        last = {last}"] if last else []
    if of.within is not None:
        yield f"        if {due}:"
        yield "            judge(epoch, found)"
    elif due:
        yield f"        if {due}:"
        yield from ("            " + line for line in _judged(of))
    else:
        yield from ("        " + line for line in _judged(of))
    yield "        tell(args, epoch, found)"
    if of.options["patience"] is not None:
        yield f"        if waited >= {of.options['patience']}:"
        yield "            break"
    ends = [*(["step >= steps"] if of.options["max_steps"] else []), *(["late"] if of.minutes else [])]
    if ends:
        yield f"        if {' or '.join(ends)}:"
        yield "            break"


def _due(of: Settings) -> tuple[str, str]:
    """Which epoch is the last, where that takes a line, and when one ends with a validation: "" for each."""
    every = int(of.options["validate_every"])
    if of.within is None and every == 1:
        return "", ""
    count = f"step % {of.within}" if of.within is not None else f"epoch % {every}"
    ends = ["epoch == args.epochs", *(["step >= steps"] if of.options["max_steps"] else [])]
    ends += ["late"] if of.minutes is not None else []
    last = " or ".join(ends)
    line, whole = (last, f"last or {count} == 0") if len(ends) > 2 else ("", f"{count} == 0 or {last}")
    if of.within is not None and of.options["patience"] is not None:  # else it was just validated
        return line, f"waited < {of.options['patience']} and ({whole})"
    return line, whole


def _judged(of: Settings) -> Iterator[str]:
    """Validate, tell, and keep what is best."""
    call = 'found["validation"] = evaluate(objective, data["validation"], args, device)'
    inner = [
        call,
        f'score = (found["validation"] or found["train"])[{text.literal(of.metric)}]',
        *_kept(of),
    ]
    if of.average == "swa" and of.norms:
        of.functions.append(pieces.norms_measured)
        yield "whole = in_order(count, args.batch_size)"
        yield "parts = (take(part, of, device) for of in whole)"
        yield "with average.shown(), norms_measured(objective, parts, average.count > 0):"
        yield from ("    " + line for line in inner)
    elif of.average != "none":
        yield "with average.shown():"
        yield from ("    " + line for line in inner)
    else:
        yield from inner
    if of.plateau is not None:
        warm = float(of.plateau["warmup"])
        judge = 'plateau.judge((found["validation"] or found["train"])["loss"])'
        yield from [f"if epoch > {_warm(warm)}:", f"    {judge}"] if warm else [judge]
    if of.options["patience"] is not None:
        yield from _waited(of)


def _warm(warm: float) -> str:
    return f"round({warm!r} * per_epoch) / per_epoch"


def _kept(of: Settings) -> list[str]:
    sign = ">" if rises(of.metric) else "<"
    return [
        f"if score {sign} best:",
        "    best = score",
        "    keep(model, args.output)",
    ]


def _waited(of: Settings) -> list[str]:
    gain = float(of.options["least_gain"])
    up = rises(of.metric)
    better = ("score - mark" if up else "mark - score") + f" > {gain!r}"
    return [
        "waited += 1",
        f"if {better}:",
        "    mark, waited = score, 0",
    ]
