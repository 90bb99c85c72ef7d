"""import: any PyTorch module, or an ONNX file, becomes a project with its weights beside it."""

from __future__ import annotations

import argparse
import ast
import os
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.say import FAILED, PROBLEMS, UsageError, say, say_json, tell
from studio.errors import StudioError

if TYPE_CHECKING:
    from studio.interchange.foreign.bringing import Brought
    from studio.interchange.imported import Told

EXAMPLES = """examples:
  neuroloom import torchvision:resnet18 -o resnet18.loom
  neuroloom import package.module:Model --input 1x3x224x224 --arg depth=2 -o model.loom
  neuroloom import model.py:build --input ids=1x16:int64 --input mask=1x16:bool -o model.loom
  neuroloom import network.onnx -o network.loom

The Python code that is named is run, as if you had imported it; an ONNX file is only read."""
MOST_TOLD = 20
CLOSE = 1e-5
Commands = argparse._SubParsersAction  # pyright: ignore[reportPrivateUsage] - argparse names it nowhere else


def add_import(commands: Commands[argparse.ArgumentParser]) -> None:
    """What can be typed behind `neuroloom import`."""
    parser = commands.add_parser(
        "import",
        help="draw any PyTorch module (its code is run) or ONNX file, with its weights",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="package.module:callable, file.py:callable, timm:NAME, torchvision:NAME, transformers:NAME, or "
        "a file that ends in .onnx",
    )
    parser.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="[NAME=]SIZES[:TYPE]",
        help="one for each input: its sizes with the batch first, such as 1x3x224x224 or ids=1x16:int64",
    )
    parser.add_argument(
        "--arg", action="append", default=[], metavar="NAME=VALUE", help="an argument for the callable"
    )
    parser.add_argument("-o", "--output", required=True, metavar="FILE.loom", help="the project to write")
    parser.add_argument("--name", default="", help="what the project is called (as the callable)")
    parser.add_argument("--force", action="store_true", help="write over files that are there")
    parser.add_argument(
        "--json", action="store_true", help="print JSON: a line for each step, then the report"
    )
    parser.set_defaults(answer="importing:import_network")


def import_network(arguments: Namespace) -> int:
    """neuroloom import SOURCE -o FILE.loom: exit code 1 where the drawing's results differ."""
    path = Path(arguments.output)
    if path.suffix != ".loom":
        raise UsageError(f"{path}: expected a name that ends in .loom", f"Write -o {path.stem}.loom")
    given = dict(_argument(one) for one in arguments.arg)
    os.environ.setdefault("PYTORCH_JIT", "0")  # scripted functions stay Python, whose calls can be seen
    from studio.interchange.foreign.bringing import Asked, bring, in_the_way
    from studio.interchange.foreign.shapes import read_input

    try:
        shapes = tuple(read_input(one) for one in arguments.input)
    except StudioError as error:
        raise UsageError(error.message, error.hint) from error
    taken = None if arguments.force else in_the_way(path)
    if taken is not None:
        raise StudioError(f"{taken} is there already.", "Give another name, or --force to write over it.")
    asked = Asked(arguments.source, shapes, given, arguments.name)
    try:
        brought = bring(asked, path, _step if arguments.json else tell)
    except StudioError as error:
        if not arguments.json:
            raise
        say_json({"failed": error.message, "hint": error.hint}, indent=None)
        return FAILED
    return _answer(brought, as_json=arguments.json)


def _argument(text: str) -> tuple[str, Any]:
    """name=value, the value as Python writes it; what is no value is a text."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise UsageError(f"--arg {text}: expected NAME=VALUE", "Write for example --arg depth=2")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def _step(text: str) -> None:
    say_json({"step": text}, indent=None)


def report_of(brought: Brought) -> dict[str, Any]:
    """What is to be told about an import, as JSON values."""
    project = brought.imported.project
    return {
        "file": str(brought.path),
        "weights": str(brought.weights) if brought.weights else None,
        "name": project.name,
        "drawn": brought.drawn,
        "nodes": len(project.graph.nodes),
        "blocks": {name: len(block.graph.nodes) for name, block in project.blocks.items()},
        "numbers": sum(one.numel() for one in brought.imported.weights.values()),
        "largest_difference": brought.imported.largest_difference,
        "told": [
            {"severity": one.severity, "node": one.node, "message": one.message, "hint": one.hint}
            for one in brought.told
        ],
    }


def _answer(brought: Brought, as_json: bool) -> int:
    report, apart = report_of(brought), brought.imported.largest_difference
    if as_json:
        say_json({"done": report}, indent=None)
    else:
        _say(report)
        _tell(brought.told)
        say(f"wrote {brought.path.name}" + (f" and {brought.weights.name}" if brought.weights else ""))
    failed = any(one.severity == "error" for one in brought.imported.report)
    return PROBLEMS if failed or (apart is not None and apart > CLOSE) else 0


def _say(report: dict[str, Any]) -> None:
    blocks = report["blocks"]
    more = f" and {len(blocks)} blocks: {', '.join(blocks)}" if blocks else ""
    say(f"{report['name']}: {report['drawn']} nodes, drawn as {report['nodes']}{more}")
    say(f"{report['numbers']:,} numbers of weights")
    if report["largest_difference"] is None:
        say("It was not compared with the original.")
    else:
        say(f"largest difference from the original on new inputs: {report['largest_difference']:.1e}")


def _tell(told: Sequence[Told]) -> None:
    for one in told[:MOST_TOLD]:
        place = f"{one.node}: " if one.node and not one.message.startswith(one.node) else ""
        tell(f"{one.severity}: {place}{one.message}", one.hint)
    if len(told) > MOST_TOLD:
        tell(f"and {len(told) - MOST_TOLD} more; --json lists all")
