"""What can be typed, and which function answers. Exit codes: 0 fine, 1 problems, 2 wrong usage, 3 failure."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path

from studio.cli.exporting import add_export
from studio.cli.importing import add_import
from studio.cli.say import FAILED, WRONG_USAGE, UsageError, let_go, say, tell
from studio.errors import StudioError
from studio.train.devices import prepare_environment

EXAMPLES = """examples:
  neuroloom                                    open the window
  neuroloom mine.loom --train                  open a project and train it at once
  neuroloom samples cnn_digits                 copy a sample here
  neuroloom train cnn_digits.loom --epochs 5 --set optimizer.lr=0.01
  neuroloom evaluate runs/cnn_digits-001

exit codes: 0 fine, 1 problems in the project, 2 wrong usage, 3 failure while running"""
RUN = "the run's folder, or a project whose settings name a file of weights"
CHECKPOINT = "best, last, or the number of an epoch that was kept (best)"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    prepare_environment()
    try:
        arguments = _parse(given)
        module, _, function = arguments.answer.partition(":")
        return getattr(import_module(f"studio.cli.{module}"), function)(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else WRONG_USAGE
    except UsageError as error:
        tell(str(error), error.hint)
        return WRONG_USAGE
    except StudioError as error:
        tell(error.message, error.hint)
        return FAILED
    except KeyboardInterrupt:
        tell("interrupted")
        return FAILED
    except BrokenPipeError:  # the reader of a pipe has seen enough
        let_go()
        return 0
    except Exception:  # the last resort: a bug of ours must not look like exit code 1
        traceback.print_exc()
        tell("this is a mistake in Neuroloom itself; please report the lines above")
        return FAILED


def _parse(given: list[str]) -> argparse.Namespace:
    parser, commands = _parser()
    first = next((one for one in given if not one.startswith("-")), None)
    wants_help = first is None and any(one in ("-h", "--help", "--version") for one in given)
    if first in commands or wants_help:
        return parser.parse_args(given)
    arguments = _window_parser().parse_args(given)
    if first is not None and not Path(first).exists() and not first.endswith(".loom"):
        near = get_close_matches(first, commands, 1)
        hint = f"Did you mean `neuroloom {near[0]}`?" if near else "`neuroloom --help` lists the commands."
        raise UsageError(f"there is no file {first} and no command of that name", hint)
    return arguments


def _window_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("neuroloom", description="Open the window.")
    parser.add_argument("file", nargs="?", metavar="FILE", help="the project to open, or data to import")
    parser.add_argument(
        "--train", action="store_true", help="train it at once (in the terminal if there is no display)"
    )
    parser.add_argument("--reset", action="store_true", help="forget the window's layout and preferences")
    parser.set_defaults(answer="window:open_window")
    return parser


def _parser() -> tuple[argparse.ArgumentParser, list[str]]:
    parser = argparse.ArgumentParser(
        "neuroloom",
        usage="neuroloom [FILE [--train]]\n       neuroloom COMMAND …",
        description="Draw a neural network, train it on your own data, watch it live, leave with clean code. "
        "Without a command, the window opens.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    for add in (
        _project_commands,
        add_import,
        _train_command,
        _rate_command,
        _run_commands,
        _catalog_commands,
    ):
        add(commands)
    return parser, list(commands.choices)


class _Version(argparse.Action):
    """Prints the version; it is only looked up when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            say(version("neuroloom"))
        except PackageNotFoundError:
            say("not installed (running from its folder)")
        parser.exit()


Commands = argparse._SubParsersAction  # pyright: ignore[reportPrivateUsage] - argparse names it nowhere else


def _project_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    check = commands.add_parser("check", help="list the problems of a project")
    check.add_argument("file", metavar="FILE")
    _add_json(check)
    check.set_defaults(answer="projects:check")
    show = commands.add_parser(
        "show", help="a table of the nodes: type, output shape, parameters, multiply-adds"
    )
    show.add_argument("file", metavar="FILE")
    show.set_defaults(answer="projects:show")
    data = commands.add_parser("data", help="what the data of a project holds, and what is wrong with it")
    data.add_argument("file", metavar="FILE")
    data.add_argument("--check", action="store_true", help="look the samples over: exit code 1 for errors")
    data.add_argument("--quick", action="store_true", help="with --check: open no files")
    _add_json(data)
    data.set_defaults(answer="data:show_data")
    trust = commands.add_parser("trust", help="read the Python that a project wants to run, and agree to it")
    trust.add_argument("source", metavar="FILE|RUN")
    trust.add_argument("--yes", action="store_true", help="agree to all of it without being asked")
    trust.set_defaults(answer="trusting:trust_project")
    add_export(commands)


def _train_command(commands: Commands[argparse.ArgumentParser]) -> None:
    train = commands.add_parser(
        "train", help="train a project in the terminal; Ctrl-C stops with a checkpoint"
    )
    train.add_argument("file", metavar="FILE", nargs="?")
    train.add_argument("--epochs", metavar="N", help="passes over the training part")
    train.add_argument("--batch-size", metavar="N", help="samples per step")
    train.add_argument("--device", metavar="DEVICE", help="auto, cpu or cuda")
    train.add_argument("--seed", metavar="N", help="seed of weights, order and dropout")
    train.add_argument("--processes", metavar="N", help="processes of this machine that train together")
    train.add_argument("--runs", metavar="DIR", help="where the run's folder goes (runs/ beside the project)")
    train.add_argument(
        "--resume", metavar="RUN", help="go on with a run that was stopped; its own project counts"
    )
    train.add_argument(
        "--from",
        dest="start",
        metavar="RUN[:EPOCH]",
        help="begin with the weights that a run had (its best ones, or those of an epoch that was kept), "
        "wherever name and shape match; epochs, steps and minutes count from that run's beginning",
    )
    train.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="change a setting for this run: training.epochs=5, data.validation=0.2, optimizer=SGD, "
        "optimizer.lr=0.1, schedule=Cosine, conv1.out_channels=64",
    )
    train.add_argument("--curves", metavar="PNG", help="also draw the curves to a picture at the end")
    _add_json(train, "one JSON event a line in place of the progress bar")
    train.set_defaults(answer="training:train")


def _rate_command(commands: Commands[argparse.ArgumentParser]) -> None:
    find = commands.add_parser("find-rate", help="try growing learning rates, and say which one to use")
    find.add_argument("file", metavar="FILE")
    find.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="change a setting for this: training.batch_size=128, optimizer=SGD, …",
    )
    _add_json(find)
    find.set_defaults(answer="rates:find")
    compare = commands.add_parser(
        "compare-frameworks",
        help="train the same drawing in PyTorch and in TensorFlow, and show the losses side by side",
    )
    compare.add_argument("file", metavar="FILE")
    compare.add_argument("--epochs", metavar="N", help="passes over the training part")
    compare.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help="change a setting")
    _add_json(compare)
    compare.set_defaults(answer="frameworks:compare")


def _run_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    evaluate = commands.add_parser("evaluate", help="measure a run's network")
    evaluate.add_argument("run", metavar="RUN|FILE", help=RUN)
    evaluate.add_argument("--part", choices=["train", "validation", "test"], default="test")
    evaluate.add_argument("--checkpoint", default="best", metavar="WHICH", help=CHECKPOINT)
    _add_json(evaluate)
    evaluate.set_defaults(answer="results:evaluate_run")
    predict = commands.add_parser("predict", help="ask a run's network")
    predict.add_argument("run", metavar="RUN|FILE", help=RUN)
    predict.add_argument(
        "inputs", metavar="INPUT", nargs="+", help="a row (5.1,3.5,…), an image file, or an .npy or .npz file"
    )
    predict.add_argument("--checkpoint", default="best", metavar="WHICH", help=CHECKPOINT)
    _add_json(predict)
    predict.set_defaults(answer="results:predict")

    reproduce = commands.add_parser(
        "reproduce", help="train a run again, exactly as it was, and say which digits differ"
    )
    reproduce.add_argument("run", metavar="RUN", help="the run's folder")
    reproduce.add_argument("--runs", metavar="DIR", help="where the new run's folder goes (beside the run)")
    _add_json(reproduce)
    reproduce.set_defaults(answer="forking:reproduce")


def _catalog_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    samples = commands.add_parser("samples", help="list the samples, or copy one")
    samples.add_argument("name", metavar="NAME", nargs="?")
    samples.add_argument("dest", metavar="DEST", nargs="?", help="a folder, or the new file (here)")
    samples.set_defaults(answer="catalog:samples")
    layers = commands.add_parser("layers", help="list the layers, or explain one")
    layers.add_argument("name", metavar="NAME", nargs="?")
    layers.set_defaults(answer="catalog:layers")
    doctor = commands.add_parser("doctor", help="versions, devices, what is missing and how to get it")
    doctor.set_defaults(answer="doctor:doctor")


def _add_json(parser: argparse.ArgumentParser, what: str = "print JSON") -> None:
    parser.add_argument("--json", action="store_true", help=what)
