"""The frame of a program: its docstring, its command line, what it tells, and how it evaluates."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.data.transforms.tokens import WORD
from studio.interchange.program.data import DataCode
from studio.interchange.program.objective import Reported
from studio.interchange.program.places import beside, data_constants, found_from, near
from studio.interchange.program.training import Settings
from studio.interchange.pytorch import text
from studio.interchange.pytorch.lines import WIDTH, listed, statement
from studio.project.project import Project

CHANNELS_LAST = "channels_last"
READ = ("--data", "type=Path, default=DATA", "the file or folder with the data")
"""The option for the data, where a program reads it."""
OWN_SEEDS = ("    random.seed(args.seed)", "    np.random.seed(args.seed % 2**32)")
"""What layers of the user's own may draw from."""


@dataclass(frozen=True, slots=True)
class Main:
    """Blocks of lines around the function that trains, and the constants at the top."""

    constants: tuple[str, ...]
    metrics: tuple[Sequence[str], ...]
    evaluation: tuple[Sequence[str], ...]
    end: tuple[Sequence[str], ...]


def summary(project: Project, path: Path, notes: Sequence[str], trained: str) -> str:
    """The program's docstring."""
    name = path.name
    title = "".join(c for c in project.name if c.isprintable() and c not in '"\\').strip() or "Model"
    lines = [
        f'"""{title}: a neural network with its data, training and evaluation.',
        "",
        f"    python {name}",
        f"    python {name} --evaluate --weights {trained or beside(path, 'trained').name}",
        "",
        *wrapped(
            "As it stands it repeats the training that was set up in Neuroloom: the same data, split, "
            "initial weights, order and settings give the same losses."
        ),
    ]
    for note in notes:
        lines += wrapped(note)
    return "\n".join([*lines, '"""'])


def wrapped(sentence: str) -> list[str]:
    """A sentence as lines of a docstring."""
    plain = "".join(c for c in sentence if c.isprintable() and c not in '"\\')
    return textwrap.wrap(plain, WIDTH)


def main_lines(
    options: Mapping[str, Any],
    code: DataCode,
    path: Path,
    settings: Settings,
    metrics: Sequence[Reported],
    network: str,
) -> Main:
    """All but the function that trains."""
    constants = ["Batch = dict[str, Tensor]", "Compared = dict[str, tuple[Tensor, Tensor]]"]
    if settings.schedule is not None:
        constants.append("Schedule = Callable[[int], float]")
    constants += data_constants(code, path)
    if any("WORD.findall" in line for lines in code.lines for line in lines):
        constants += ["WORD = re.compile(", f'    r"{WORD.pattern}"', ")"]
    if any("TABLES" in line for line in settings.optimizer.lines):
        constants.append("TABLES = (nn.Embedding, nn.EmbeddingBag)")
    return Main(
        tuple(constants),
        (_metrics(metrics), _meter(bool(metrics), settings.accumulate > 1)),
        (_evaluate(), _tell()),
        (_arguments(options, settings, path, code.reads), _main(network, settings, code.reads)),
    )


def _metrics(metrics: Sequence[Reported]) -> list[str]:
    if not metrics:
        return []
    rows = [
        (
            f"{text.literal(one.name)}: ",
            f"({text.literal(one.node)}, {one.written.gather}, {one.written.finish})",
        )
        for one in metrics
    ]
    return [
        *listed(0, "METRICS = ", rows, "{}"),
        '"""By name: the loss it belongs to, what it gathers and what is made of that."""',
    ]


def _meter(metrics: bool, parts: bool) -> list[str]:
    lines = [
        "class Meter:",
        '    """Losses and metrics of a pass: nothing waits for the device before `results`."""',
        "",
        "    def __init__(self) -> None:",
        "        self.sizes: list[int] = []",
        "        self.losses: dict[str, list[Tensor]] = {}",
    ]
    if metrics:
        lines.append("        self.gathered: dict[str, list[Tensor]] = {}")
    lines += [
        "",
        "    def add(self, losses: Batch, compared: Compared, size: int) -> None:",
        '        """Take in a batch of so many samples."""',
        "        self.sizes.append(size)",
        "        for name, loss in losses.items():",
        "            self.losses.setdefault(name, []).append(loss.detach())",
    ]
    gather = [
        "        for name, (node, gather, _) in METRICS.items():",
        "            if node in compared:",
        "                found = gather(*(one.detach() for one in compared[node]))",
        "                self.gathered.setdefault(name, []).append(found)",
    ]
    if metrics and not parts:
        lines += gather
    if parts:
        compare = ["", "    def compare(self, compared: Compared) -> None:"]
        compare += ['        """Take in what metrics compare."""']
        lines += [*(["        self.compare(compared)"] if metrics else []), *compare]
        lines += gather if metrics else ["        del compared"]
    lines += [
        "",
        "    def results(self) -> dict[str, float]:",
        '        """The means of the losses, and the metrics."""',
        "        found: dict[str, float] = {}",
        "        for name, losses in self.losses.items():",
        "            values = torch.stack(losses).tolist()",
        "            pairs = zip(values, self.sizes, strict=True)",
        "            found[name] = sum(one * size for one, size in pairs) / sum(self.sizes)",
    ]
    if metrics:
        lines += [
            "        for name, gathered in self.gathered.items():",
            "            found[name] = METRICS[name][2](gathered)",
        ]
    return [*lines, "        return found"]


def _evaluate() -> list[str]:
    return [
        "@torch.no_grad()",
        "def evaluate(",
        "    objective: Objective, part: Batch, args: argparse.Namespace, device: torch.device",
        ") -> dict[str, float]:",
        '    """Losses and metrics of a part of the data; nothing where it is empty."""',
        "    objective.eval()",
        "    meter, count = Meter(), len(next(iter(part.values())))",
        "    for rows in in_order(count, 4 * args.batch_size):",
        "        batch = take(part, rows, device)",
        "        meter.add(*objective(batch), len(next(iter(batch.values()))))",
        "    return meter.results()",
    ]


def _tell() -> list[str]:
    return [
        "def tell(",
        "    args: argparse.Namespace, epoch: int, found: dict[str, dict[str, float]]",
        ") -> None:",
        '    """Print how an epoch went, and write it as a line of JSON where that is asked for."""',
        "    told = [",
        '        f"{part} {name} {value:.4f}"',
        "        for part, values in found.items()",
        "        for name, value in values.items()",
        "    ]",
        '    print(f"epoch {epoch}/{args.epochs}:", ", ".join(told))',
        "    if args.log is not None:",
        '        with args.log.open("a") as file:',
        '            file.write(json.dumps({"epoch": epoch, **found}) + "\\n")',
    ]


def _arguments(options: Mapping[str, Any], settings: Settings, path: Path, reads: bool) -> list[str]:
    trained = near(beside(path, "trained").name)
    given = "" if settings.weights is None else f", default={found_from(settings.weights, path)}"
    rows = [
        *([READ] if reads else ()),
        ("--epochs", f"type=int, default={options['epochs']}", "passes over the training part"),
        ("--batch-size", f"type=int, default={options['batch_size']}", "samples of a step"),
        ("--lr", f"type=float, default={settings.optimizer.rate!r}", "the learning rate"),
        ("--seed", f"type=int, default={options['seed']}", "of initial weights and order"),
        (
            "--device",
            f'default={text.literal(str(options["device"]))}, choices=("auto", "cpu", "cuda")',
            "where to compute",
        ),
        ("--threads", f"type=int, default={settings.threads}", "of one operation on the CPU"),
        ("--weights", f"type=Path{given}", "safetensors to begin with, or to evaluate"),
        ("--evaluate", 'action="store_true"', "measure the weights, and train nothing"),
        ("--output", f"type=Path, default={trained}", "where the best weights go"),
        ("--log", "type=Path", "a file that gets a line of JSON for each epoch"),
    ]
    return argument_lines(rows)


def argument_lines(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    """The function that reads the command line: of each option its name, its settings and its help."""
    lines = [
        "def parsed_arguments() -> argparse.Namespace:",
        '    """What the command line says."""',
        "    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])",
    ]
    for name, settings, help in rows:
        call = f"parser.add_argument({text.literal(name)}, {settings}, help={text.literal(help)})"
        lines += statement(4, "", call)
    return [
        *lines,
        "    args = parser.parse_args()",
        "    if args.evaluate and args.weights is None:",
        '        parser.error("--evaluate needs --weights")',
        "    return args",
    ]


def _main(network: str, settings: Settings, reads: bool) -> list[str]:
    return [
        "def main() -> None:",
        '    """Train or evaluate, as the command line says."""',
        "    args = parsed_arguments()",
        "    torch.set_num_threads(args.threads)",
        '    auto = "cuda" if torch.cuda.is_available() else "cpu"',
        '    device = torch.device(auto if args.device == "auto" else args.device)',
        f"    data = load_data({'args.data' if reads else ''})",
        *(OWN_SEEDS if settings.own_code else ()),
        "    torch.manual_seed(args.seed)",
        f"    model = {network}()",
        "    if args.weights is not None:",
        *_loading(settings),
        "    objective = Objective(model).to(device)",
        *_layout(settings),
        "    if not args.evaluate:",
        "        train(args, objective, data, device)",
        "        model.load_state_dict(load_file(args.output))",
        '    for part in ("validation", "test"):',
        "        for name, value in evaluate(objective, data[part], args, device).items():",
        '            print(f"{part} {name} {value:.4f}")',
        "",
        "",
        'if __name__ == "__main__":',
        "    main()",
    ]


def _loading(settings: Settings) -> list[str]:
    if settings.whole:
        return ["        model.load_state_dict(load_file(args.weights))"]
    return [
        "        own, given = model.state_dict(), load_file(args.weights)",
        "        fit = {n: w for n, w in given.items() if n in own and w.shape == own[n].shape}",
        "        model.load_state_dict({**own, **fit})",
    ]


def _layout(settings: Settings) -> list[str]:
    if settings.layout == CHANNELS_LAST:
        return ["    model.to(memory_format=torch.channels_last)"]
    return []
