"""Pictures in class folders: an epoch of batches against a hand-written ImageFolder and a DataLoader."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_sample_images
from torch.utils.data import DataLoader, Dataset

from benchmarks.table import CALM, Row, Time
from benchmarks.training_programs import normalize, to_tensor
from studio.data.loader import order
from studio.data.prepare import prepare
from studio.project.project import Data, Setting
from studio.train.samples import Samples

SIDE, CLASSES, BATCH, WORKERS = 64, 10, 64, 2
PEER = f"torchvision-style ImageFolder + DataLoader, {WORKERS} workers"


class ImageFolder(Dataset[tuple[torch.Tensor, int]]):
    """torchvision.datasets.ImageFolder with ToTensor and Normalize, as its source has it."""

    def __init__(self, root: Path) -> None:
        classes = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
        self.samples = [
            (os.path.join(place, name), at)
            for at, kind in enumerate(classes)
            for place, _, names in sorted(os.walk(root / kind, followlinks=True))
            for name in sorted(names)
            if name.lower().endswith((".jpg", ".jpeg", ".png"))
        ]

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        path, label = self.samples[index]
        with open(path, "rb") as file:
            picture = Image.open(file).convert("RGB")
        return normalize(to_tensor(picture)), label


def write(root: Path, count: int) -> None:
    """Parts of two photographs as JPEG files."""
    random, photos = np.random.default_rng(0), load_sample_images().images
    for kind in range(CLASSES):
        (root / f"class{kind}").mkdir(parents=True)
    for at in range(count):
        photo = photos[at % len(photos)]
        top, left = (int(random.integers(0, size - SIDE)) for size in photo.shape[:2])
        part = np.ascontiguousarray(photo[top : top + SIDE, left : left + SIDE])
        Image.fromarray(part).save(root / f"class{at % CLASSES}" / f"{at}.jpg", quality=90)


def timed(work: Callable[[], None]) -> Time:
    """Seconds by the wall and of CPU, those of processes that have ended within counted too."""
    wall, cpu = time.perf_counter(), _cpu()
    work()
    return Time(time.perf_counter() - wall, _cpu() - cpu)


def _cpu() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(sum(resource.getrusage(kind)[:2]) for kind in kinds)


def peer(root: Path) -> None:
    """Everything from the folder to the last batch of an epoch."""
    loader = DataLoader(ImageFolder(root), batch_size=BATCH, shuffle=True, num_workers=WORKERS)
    for image, _ in loader:
        assert image.shape[1:] == (3, SIDE, SIDE)


class Own:
    """The same by the program: files, headers, split and normalisation, then epochs of batches."""

    def __init__(self, root: Path) -> None:
        options = {"validation": 0.0, "test": 0.0, "workers": WORKERS}
        prepared = prepare(Data(Setting("ImageFolder", {"folder": str(root)}), options), root)
        part, device = prepared.parts["train"], torch.device("cpu")
        self.samples, self.epochs = Samples(part, ["image", "label"], device, WORKERS), 0

    def epoch(self) -> None:
        """All batches, as training gets them."""
        self.epochs += 1
        count = len(self.samples)
        sizes = [BATCH] * (count // BATCH) + [count % BATCH] * (count % BATCH > 0)
        seen = 0
        for batch in self.samples.batches(order(count, 0, self.epochs), sizes, iter(range(count))):
            seen += len(batch["image"])
        assert seen == count


def own_first(root: Path) -> Own:
    """Everything from the folder to the last batch of the first epoch, and the end of the processes."""
    found = Own(root)
    found.epoch()
    found.samples.close()
    return found


def rows(quick: bool) -> Sequence[Row]:
    """Measure."""
    count, rounds = (5_000, 2) if quick else (50_000, 3)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "pictures"
        os.environ["NEUROLOOM_HOME"] = str(Path(folder) / "home")
        write(root, count)
        theirs = timed(lambda: peer(root))
        made: list[Own] = []
        first = timed(lambda: made.append(own_first(root)))
        later = [timed(made[0].epoch) for _ in range(rounds)]
        best = Time(min(one.wall for one in later), min(one.cpu for one in later))
    calm = all(one.wall <= CALM * one.cpu for one in later)
    by = "wall time" if calm else "CPU time"
    value = {name: one.wall if calm else one.cpu for name, one in
             {"peer": theirs, "first": first, "later": best}.items()}  # fmt: skip
    work = f"{count} JPEG files {SIDE}×{SIDE} in class folders"
    return [
        Row(f"{work}, first epoch", PEER, value["peer"] / value["first"], f"× ({by})", "≥ 1.2"),
        Row(f"{work}, later epochs", PEER, value["peer"] / value["later"], f"× ({by})", "≥ 10"),
        *(
            Row(f"{work}, {name}", "–", one.wall if told == "wall" else one.cpu, f"s ({told})")
            for name, one in {"peer's epoch": theirs, "first epoch": first, "later epoch": best}.items()
            for told in ("wall", "CPU")
        ),
    ]
