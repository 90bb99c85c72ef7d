"""Random changes in training: what each does, that masks and targets go along, and that all of it repeats."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from studio.build.check import Checker
from studio.catalog.registry import registry
from studio.data.augment.kinds import MIXES, TAKES
from studio.data.augment.mixing import cutmix, mixup
from studio.data.augment.running import Augmenter, batch_seed, changed
from studio.data.augment.seen import Seen, Share
from studio.data.describe import describe
from studio.data.pipeline import read_data
from studio.data.prepare import prepare
from studio.data.raw import DataError
from studio.project.fields import Field
from studio.project.graph import Node
from studio.project.project import Data, FieldSetting, Project, SampleChanges, Setting, Training
from studio.train.events import EpochEnded
from tests.data.photos import digit_folders, images
from tests.train.drawings import DIGITS, chain, digits, train

TYPES = [one.type for one in registry().components("augmentation")]
OF_PICTURES = [one for one in TYPES if one not in MIXES and "image" in TAKES[one]]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROLOOM_HOME", str(tmp_path / "home"))


def full(type: str, **params: Any) -> Setting:
    """A setting with all parameters, as the check makes it."""
    component = registry().component("augmentation", type)
    assert component is not None
    return Setting(type, component.values(params))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(count: int = 16, channels: int = 3, size: tuple[int, int] = (12, 10)) -> Tensor:
    return torch.rand(count, channels, *size, generator=generator(9))


def after(seen: Seen, *settings: Setting, seed: int = 0) -> Seen:
    return changed(seen, settings, generator(seed))


@pytest.mark.parametrize("type", OF_PICTURES)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_change_differs_from_sample_to_sample_and_repeats(type: str, channels: int) -> None:
    same = pictures(1, channels).repeat(64, 1, 1, 1)
    if type == "Grayscale" and channels == 1:
        assert torch.allclose(after(Seen(same), full(type)).values, same)
        return
    once = after(Seen(same), full(type)).values
    assert once.shape == same.shape
    assert once.min() >= 0
    assert once.max() <= 1
    different = {one.numpy().tobytes() for one in once}
    assert len(different) > (1 if type in ("Flip", "Grayscale") else 8)
    assert torch.equal(once, after(Seen(same), full(type)).values)
    assert not torch.equal(once, after(Seen(same), full(type), seed=1).values)


@pytest.mark.parametrize("type", OF_PICTURES)
def test_nothing_happens_at_a_strength_of_nothing(type: str) -> None:
    still = {
        "Flip": {"across": 0.0},
        "RandomCrop": {"least": 1.0, "stretch": 1.0},
        "Shift": {"most": 0.0},
        "Rotate": {"degrees": 0.0},
        "Zoom": {"least": 1.0, "most": 1.0},
        "ColorJitter": {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0},
        "Noise": {"deviation": 0.0},
    }
    values = pictures()
    params = still.get(type, {"share": 0.0})
    assert torch.allclose(after(Seen(values), full(type, **params)).values, values, atol=1e-5)


def test_a_flip_mirrors_to_the_point() -> None:
    values = pictures()
    found = after(Seen(values), full("Flip", across=1.0, upside=1.0)).values
    assert torch.equal(found, values.flip(2, 3))


def test_a_quarter_turn_is_a_quarter_turn() -> None:
    values = torch.zeros(40, 1, 9, 9)
    values[:, :, 1, 4] = 1.0
    found = after(Seen(values), full("Rotate", degrees=180.0, beyond="zero")).values
    rows, columns = torch.meshgrid(torch.arange(9.0), torch.arange(9.0), indexing="ij")
    heavy = found.sum((1, 2, 3))
    row, column = (
        (rows * found[:, 0]).sum((1, 2)) / heavy - 4,
        (columns * found[:, 0]).sum((1, 2)) / heavy - 4,
    )
    assert torch.allclose((row**2 + column**2).sqrt(), torch.full((40,), 3.0), atol=0.25)
    assert row.min() < -2
    assert row.max() > 2


def test_moves_in_a_row_are_drawn_once_as_one_after_the_other() -> None:
    smooth = torch.nn.functional.interpolate(pictures(4, 1, (4, 4)), (48, 48), mode="bicubic").clamp(0, 1)
    moves = (full("Rotate", degrees=20.0), full("Shift", most=0.1), full("Zoom"))
    together = after(Seen(smooth), *moves).values
    drawn_by_one = generator()
    seen = Seen(smooth)
    for move in moves:
        seen = changed(seen, (move,), drawn_by_one)
    inside = (slice(None), slice(None), slice(12, -12), slice(12, -12))
    assert (together[inside] - seen.values[inside]).abs().max() < 0.05


@pytest.mark.parametrize("type", ["Flip", "RandomCrop", "Shift", "Rotate", "Zoom"])
@pytest.mark.parametrize("beyond", ["edge", "mirror", "zero"])
def test_a_mask_moves_with_its_picture(type: str, beyond: str) -> None:
    masks = torch.zeros(32, 24, 24, dtype=torch.int64)
    masks[:, 4:16, 6:20] = 1
    values = masks[:, None].float()
    params = {"beyond": beyond} if type in ("Shift", "Rotate", "Zoom") else {}
    seen = after(Seen(values, (masks,)), full(type, **params))
    (moved,) = seen.masks
    assert moved.dtype == torch.int64
    assert set(moved.unique().tolist()) <= {-100, 0, 1}
    assert ((moved == -100).any().item()) == (beyond == "zero" and type in ("Shift", "Rotate", "Zoom"))
    known = moved != -100
    agree = ((seen.values[:, 0] > 0.5) == (moved == 1))[known].float().mean()
    assert agree > 0.98
    assert not torch.equal(moved, masks)


def test_what_does_not_count_stays_so_when_moved() -> None:
    masks = torch.full((4, 8, 8), -100)
    (moved,) = after(Seen(pictures(4, 1, (8, 8)), (masks,)), full("Rotate")).masks
    assert torch.equal(moved, masks)


def test_colours_turn_about_grey() -> None:
    grey = torch.full((8, 3, 2, 2), 0.4)
    params = {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "hue": 0.5}
    assert torch.allclose(after(Seen(grey), full("ColorJitter", **params)).values, grey, atol=1e-5)
    red = torch.zeros(8, 3, 2, 2)
    red[:, 0] = 0.5
    turned = after(Seen(red), full("ColorJitter", **params)).values
    assert (turned.argmax(1)[:, 0, 0] != 0).any()


def test_blur_is_a_gaussian() -> None:
    values = torch.zeros(1, 1, 21, 21)
    values[0, 0, 10, 10] = 1.0
    found = after(Seen(values), full("Blur", least=1.5, most=1.5, share=1.0)).values[0, 0]
    at = torch.arange(21.0) - 10
    line = torch.exp(-(at**2) / (2 * 1.5**2))
    wanted = line[:, None] * line / line.sum() ** 2
    assert torch.allclose(found, wanted, atol=1e-4)


def test_erasing_covers_a_part_with_the_mean() -> None:
    values = pictures(64)
    found = after(Seen(values), full("Erase", share=1.0, least=0.1, most=0.3)).values
    touched = (found != values).any(1)
    share = touched.float().mean((1, 2))
    assert share.max() <= 0.36
    assert share.mean() > 0.05
    mean = values.mean((2, 3), keepdim=True).expand_as(values)
    assert torch.allclose(found[touched[:, None].expand_as(found)], mean[touched[:, None].expand_as(found)])


@pytest.mark.parametrize("mixing", [mixup, cutmix])
def test_targets_are_mixed_by_the_same_share(mixing: Any) -> None:
    values = torch.zeros(32, 1, 10, 10)
    values[16:] = 1.0
    labels = (torch.arange(32) >= 16).long()
    mix = mixing(values, {"alpha": 1.0}, generator())
    shares = mix.classes(labels, 2)
    assert torch.allclose(shares.sum(1), torch.ones(32))
    assert torch.equal(shares.argmax(1), labels)
    assert torch.allclose(mix.values(values).mean((1, 2, 3)), shares[:, 1], atol=1e-5)
    assert mix.share.min() >= 0.5
    assert (mix.share < 0.9).any()


def test_cutmix_puts_masks_together_as_it_does_pictures() -> None:
    masks = torch.randint(0, 5, (16, 12, 12), generator=generator())
    mix = cutmix(masks[:, None].float(), {"alpha": 1.0}, generator(2))
    assert torch.equal(mix.values(masks), mix.values(masks[:, None].float())[:, 0].long())


def augmenter(*settings: Setting) -> Augmenter:
    fields = {
        "image": Field("image", (3, 8, 8), low=0.0, high=255.0, picture=True),
        "mask": Field("mask", (8, 8), "int64", ("a", "b"), "target"),
        "label": Field("label", (), "int64", ("a", "b", "c"), "target"),
        "height": Field("height", (1,), role="target"),
    }
    return Augmenter(fields, {"image": settings})


def test_a_batch_is_changed_on_its_own_scale_and_others_left() -> None:
    batch = {
        "image": pictures(8, 3, (8, 8)) * 255,
        "mask": torch.ones(8, 8, 8, dtype=torch.int64),
        "label": torch.arange(8) % 3,
        "height": torch.arange(8.0)[:, None],
    }
    found = augmenter(full("Noise", deviation=0.5), full("Flip"))(batch, 5)
    assert found["image"].max() > 100
    assert found["image"].max() <= 255
    assert torch.equal(found["label"], batch["label"])
    assert torch.equal(found["height"], batch["height"])
    mixed = augmenter(full("Mixup", alpha=5.0))(batch, 5)
    assert mixed["label"].shape == (8, 3)
    assert torch.allclose(mixed["label"].sum(1), torch.ones(8))
    assert not torch.equal(mixed["height"], batch["height"])


def test_each_batch_of_a_run_has_a_seed_of_its_own() -> None:
    seeds = {batch_seed(run, epoch, batch) for run in range(5) for epoch in range(5) for batch in range(40)}
    assert len(seeds) == 1000
    assert batch_seed(3, 2, 1) == batch_seed(3, 2, 1) >= 0


def with_augment(data: Data, *settings: Setting, column: str = "image") -> Data:
    return replace(data, fields={column: FieldSetting(augment=settings)})


@pytest.mark.parametrize(
    ("column", "setting", "words"),
    [
        ("image", Setting("Whirl"), "there is no augmentation Whirl"),
        ("label", Setting("Flip"), "Flip works on image, and here it gets category"),
        ("image", Setting("Rotate", {"degrees": 720.0}), "Rotate: degrees takes"),
        ("image", Setting("Zoom", {"least": 2.0}), "least (2.0) is above most"),
    ],
)
def test_a_setting_that_cannot_be_is_told(column: str, setting: Setting, words: str) -> None:
    (problem,) = describe(with_augment(DIGITS, setting, column=column), Path()).problems
    assert words in problem.message
    assert problem.field == f"data.fields.{column}"


def test_columns_of_a_table_that_are_one_field_are_not_changed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "x,y,kind\n" + "\n".join(f"{i},{i * 2}.5,{'ab'[i % 2]}" for i in range(40))
    )
    data = with_augment(Data(Setting("CSV", {"path": "a.csv"})), Setting("Noise"), column="x")
    with pytest.raises(DataError, match="x: Noise cannot change a column that is a part of features"):
        read_data(data, tmp_path)


def problems(project: Project) -> list[str]:
    data = read_data(project.data, Path())
    checked = Checker().check(project, data.raw.fields)
    return [one.message for one in checked.problems if one.severity == "error"]


@pytest.mark.parametrize("type", sorted(MIXES))
def test_a_loss_that_takes_no_shares_is_a_problem_before_training(type: str) -> None:
    data = with_augment(DIGITS, Setting(type))
    project = digits(data=data)
    assert problems(project) == []
    nodes = project.graph.with_nodes(Node("loss", "Focal"))
    (message,) = problems(replace(project, graph=nodes))
    assert f"loss (Focal) takes one class a sample, and {type} makes shares of several" in message


def test_normalisation_is_learned_from_unchanged_samples(tmp_path: Path) -> None:
    data = replace(digit_folders(tmp_path, 100), options={"workers": 0})
    plain = prepare(data, tmp_path).scales["image"]
    with_noise = prepare(with_augment(data, Setting("Noise", {"deviation": 5.0})), tmp_path).scales["image"]
    assert np.array_equal(plain.offset, with_noise.offset)
    assert np.array_equal(plain.factor, with_noise.factor)


def run_of(data: Data, folder: Path, loss: str = "CrossEntropy", epochs: int = 3) -> list[EpochEnded]:
    graph = chain(
        Node("image", "Input", {"field": "image"}),
        Node("flatten", "Flatten"),
        Node("scores", "Linear", {"out_features": 10}),
        Node("loss", loss),
    )
    training = Training(Setting("Adam", {"lr": 0.01}), options={"epochs": epochs, "batch_size": 32})
    ran = train(Project("digits", graph, data, training), folder)
    assert ran.result.failed is None, ran.result.failed
    return ran.of(EpochEnded)


def test_files_and_arrays_in_memory_train_alike(tmp_path: Path) -> None:
    """The same pictures from files, decoded by other processes or here, and as an array."""
    folder = tmp_path / "digits"
    data = digit_folders(folder, 200)
    raw = read_data(data, tmp_path).raw
    np.savez(tmp_path / "a.npz", image=raw.arrays["image"][:], label=raw.arrays["label"])
    changes = (Setting("Shift"), Setting("ColorJitter"), Setting("Mixup"))
    held = Data(Setting("Arrays", {"path": str(tmp_path / "a.npz")}))
    told = []
    for one in (images(folder), replace(images(folder), options={"workers": 2, "normalize": "none"}), held):
        settings = with_augment(replace(one, options={**one.options, "normalize": "none"}), *changes)
        told.append([ended.train["loss"] for ended in run_of(settings, tmp_path)])
    assert told[0] == told[1]
    assert told[0] == pytest.approx(told[2], rel=1e-6)


def test_only_training_is_changed(tmp_path: Path) -> None:
    """Labels cannot be told from noise, but from the validation part as it is."""
    data = digit_folders(tmp_path / "digits", 400)
    noisy = with_augment(replace(data, options={"workers": 0}), Setting("Noise", {"deviation": 0.5}))
    last = run_of(noisy, tmp_path, epochs=12)[-1]
    assert last.validation["loss"] < 0.7 * last.train["loss"]


def test_no_column_is_made_anew_for_a_random_change_or_a_weight(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((40, 3, 8, 8), np.uint8), y=np.arange(40) % 2)
    data = Data(Setting("Arrays", {"path": "a.npz", "target": "y"}))
    before = read_data(data, tmp_path)
    changed = replace(data, fields={"x": FieldSetting(augment=(Setting("Flip"),))})
    after = read_data(changed, tmp_path)
    assert [one.type for one in after.raw.augment["x"]] == ["Flip"]
    assert [one.type for one in after.planned["x"].augment] == ["Flip"]
    weighted = read_data(replace(changed, changes=SampleChanges(weights={"3": 2.0})), tmp_path)
    assert weighted.rows is after.rows is before.rows
    assert weighted.raw.arrays is after.raw.arrays is before.raw.arrays


@pytest.mark.parametrize("type", OF_PICTURES)
@pytest.mark.parametrize("rows", [(0, 1, 2, 3, 4), (5, 6, 11, 12, 13, 14, 15)])
def test_a_part_of_a_batch_is_changed_as_in_the_whole_one(type: str, rows: tuple[int, ...]) -> None:
    """Several processes, each with its own rows, change each sample as one process alone."""
    values, own = pictures(16), torch.tensor(rows)
    whole = after(Seen(values), full(type), full("Flip")).values
    part = changed(Seen(values[own]), (full(type), full("Flip")), Share(generator(), own, 16)).values
    assert torch.allclose(part, whole[own], atol=1e-6)


def test_each_process_mixes_its_own_samples_by_the_same_shares() -> None:
    values, own = pictures(16), torch.arange(5, 12)
    alone = mixup(values, {"alpha": 0.4}, generator())
    part = mixup(values[own], {"alpha": 0.4}, Share(generator(), own, 16))
    assert torch.equal(part.share, alone.share[own])
    assert sorted(part.other.tolist()) == list(range(7))
