"""One of several processes that train runs one after the other: tests.train.ranks RANK WORLD FOLDER RUN…

FOLDER holds the file by which they find each other. RUN+ goes on from its checkpoint, RUN@STEP is told to
stop after that step, and RUN:FOLDER reads its data there.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from studio.train.distributed.place import rank_environment, rank_place


def main() -> int:
    rank, world, folder, *runs = sys.argv[1:]
    failed = 0
    for number, run in enumerate(runs):
        store = str(Path(folder) / f"store{number}")
        os.environ.update(rank_environment(int(rank), int(world), store, int(world), 0))
        failed += _train(run)
    return failed


def _train(run: str) -> bool:
    from studio.train import engine
    from studio.train.control import Control
    from studio.train.distributed.joining import join
    from studio.train.events import Event, Progress
    from studio.train.job import Job
    from studio.train.runs import data_folder, run_project

    place = rank_place()
    assert place is not None
    path, _, step = run.rstrip("+").partition("@")
    path, _, folder = path.partition(":")
    control = Control()

    def steer(event: Event) -> None:
        if step and isinstance(event, Progress) and event.step >= int(step):
            control.stop()

    where = Path(path)
    job = Job(run_project(where), Path(folder or data_folder(where)), where, run.endswith("+"))
    result = engine.run(job, steer, control, join(place))
    if result.failed is not None:
        sys.stderr.write(f"{place.rank}: {result.failed.message}\n{result.failed.details}\n")
    return result.failed is not None


if __name__ == "__main__":
    code = main()
    from studio.train.distributed.joining import end

    end(code)
