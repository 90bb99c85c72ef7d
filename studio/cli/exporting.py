"""export: a project's or run's network in another form, with a model card beside it if asked."""

from __future__ import annotations

import argparse
import tempfile
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.say import PROBLEMS, say, tell, tell_problems
from studio.interchange.forms import FORMS

if TYPE_CHECKING:
    from studio.build.plan import Checked
    from studio.interchange.exported import Exported

Commands = argparse._SubParsersAction  # pyright: ignore[reportPrivateUsage] - argparse names it nowhere else


def add_export(commands: Commands[argparse.ArgumentParser]) -> None:
    """What can be typed."""
    width = max(map(len, FORMS))
    forms = "\n".join(f"  {name:{width}}  {form.says}" for name, form in FORMS.items())
    export = commands.add_parser(
        "export",
        help="write a project's or run's network in another form",
        epilog=f"forms:\n{forms}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    export.add_argument("source", metavar="FILE|RUN")
    export.add_argument("--to", required=True, choices=list(FORMS), metavar="FORM", help="one of those below")
    export.add_argument("-o", "--output", required=True, metavar="OUT", help="the file (or folder) to write")
    which = "of a run: best, last, or the number of an epoch"
    export.add_argument("--checkpoint", default="best", metavar="WHICH", help=which)
    export.add_argument("--card", action="store_true", help="write a model card beside it, with the drawing")
    export.set_defaults(answer="exporting:export")


def export(arguments: Namespace) -> int:
    """neuroloom export FILE|RUN --to FORM -o OUT [--checkpoint WHICH] [--card]."""
    from studio.cli.drawing import draw
    from studio.cli.projects import checked, run_folder
    from studio.project.storage import load
    from studio.train.runs import data_folder, run_project

    source, out = Path(arguments.source), Path(arguments.output)
    is_run = source.is_dir() and run_folder(arguments.source) == source
    project = run_project(source) if is_run else load(source)
    folder = data_folder(source) if is_run else source.parent
    answer = checked(project, folder)
    form = FORMS[arguments.to]
    if form.drawn and not arguments.card:
        draw(answer, folder, out, form.name)
        say(f"wrote {out}")
        return 0
    if answer.errors and not is_run:
        tell_problems(answer.errors)
        return PROBLEMS
    made = _made(arguments, answer, source if is_run else None, folder, out)
    for path in made.paths:
        say(f"wrote {out.parent / path.name}")
    if made.largest_difference is not None:
        say(made.difference)
    for note in made.notes:
        tell(note)
    return 0


def _made(arguments: Namespace, answer: Checked, run: Path | None, folder: Path, out: Path) -> Exported:
    from studio.cli.drawing import draw
    from studio.interchange.weights_from import of_project, of_run
    from studio.interchange.writers import Card, write

    trained = of_run(run, arguments.checkpoint) if run is not None else of_project(answer.project, folder)
    form = FORMS[arguments.to]
    if not (arguments.card or form.name == "card"):
        return write(form.name, trained, out)
    with tempfile.TemporaryDirectory(prefix="neuroloom-") as held:
        kind = form.name if form.drawn else "svg"
        picture = Path(held) / f"{out.stem}.{kind}"
        draw(answer, folder, picture, kind)
        if form.drawn:
            draw(answer, folder, out, kind)
            return write("card", trained, out.with_suffix(".md"), card=Card(out))
        return write(form.name, trained, out, card=Card(picture))
