"""Sounds: files of all kinds, frequencies by their formulas, broken files; from file to a trained model."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from samples import make_sounds
from studio.analysis.evaluate import evaluate
from studio.analysis.predict import Predictor
from studio.data.augment.running import changed
from studio.data.augment.seen import Seen
from studio.data.cells import Decoded, Sound
from studio.data.columns import plan
from studio.data.decoding.sounds import read_header, sound, sound_of
from studio.data.findings import find
from studio.data.making import Made, make
from studio.data.pipeline import read_data
from studio.data.raw import Array, DataError
from studio.data.table import SourceColumn, Table
from studio.data.transforms.sounds import resampled, rounded
from studio.data.transforms.spectra import decibels, mel_bands, power
from studio.errors import StudioError
from studio.project.graph import Node
from studio.project.project import Data, FieldSetting, Project, Setting, Training
from tests.train.drawings import chain, train

RATE = 8000


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROLOOM_HOME", str(tmp_path / "home"))


def tone(hertz: float = 440.0, seconds: float = 0.25, rate: int = RATE, channels: int = 1) -> Array:
    time = np.arange(round(seconds * rate)) / rate
    wave = 0.5 * np.sin(2 * np.pi * hertz * time)
    return np.stack([wave] * channels, 1).astype(np.float32)


def written(path: Path, wave: Array, rate: int = RATE, **form: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, wave, rate, **form)
    return path


def sounds(folder: Path, **params: str) -> Data:
    return Data(Setting("AudioFolder", {"folder": str(folder), **params}))


def two_classes(folder: Path) -> Path:
    for kind, hertz in (("high", 1500.0), ("low", 300.0)):
        for at in range(6):
            written(folder / kind / f"{at}.wav", tone(hertz + 20 * at, 0.2 + 0.02 * at))
    return folder


def refused(folder: Path, **params: str) -> DataError:
    with pytest.raises(DataError) as caught:
        read_data(sounds(folder, **params), folder)
    return caught.value


def after(paths: list[Path], *steps: Setting, train: int | None = None) -> Made:
    table = Table({"sound": SourceColumn(Decoded(paths, sound), "audio")})
    planned = plan(table, find(table), {"sound": FieldSetting(transforms=steps)})["sound"]
    rows = np.arange(len(paths))
    return make(planned, rows, rows[:train], None)


@pytest.mark.parametrize(
    ("suffix", "form", "exact"),
    [
        ("wav", {"subtype": "PCM_16"}, 1e-4),
        ("wav", {"subtype": "PCM_24"}, 1e-6),
        ("wav", {"subtype": "FLOAT"}, 0.0),
        ("wav", {"subtype": "PCM_U8"}, 1e-2),
        ("flac", {}, 1e-4),
        ("ogg", {}, 0.1),
        ("mp3", {}, 0.1),
    ],
)
def test_sounds_of_all_kinds_are_read(
    tmp_path: Path, suffix: str, form: dict[str, str], exact: float
) -> None:
    wave = tone(channels=2)
    found = sound(written(tmp_path / f"a.{suffix}", wave, **form))
    assert (found.rate, found.wave.dtype, found.wave.shape[0]) == (RATE, np.float32, 2)
    assert np.abs(found.wave[:, : len(wave)] - wave.T).max() <= exact
    header = read_header(tmp_path / f"a.{suffix}")
    assert (header.rate, header.channels) == (RATE, 2)
    assert header.seconds == pytest.approx(0.25, abs=0.15)


def test_a_sound_from_bytes_and_under_a_wrong_name(tmp_path: Path) -> None:
    path = written(tmp_path / "a.flac", tone())
    assert np.array_equal(sound_of(path.read_bytes(), "a").wave, sound(path).wave)
    wrong = tmp_path / "b.wav"
    wrong.write_bytes(path.read_bytes())
    assert np.array_equal(sound(wrong).wave, sound(path).wave)


def test_files_that_hold_no_sound_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "text.wav").write_text("no sound at all, whatever the name says")
    written(tmp_path / "none.wav", tone()[:0])
    written(tmp_path / "nan.wav", np.full((10, 1), np.nan, np.float32), subtype="FLOAT")
    cut = written(tmp_path / "whole.flac", tone()).read_bytes()[:20]
    (tmp_path / "cut.flac").write_bytes(cut)
    for name, why in (
        ("empty.wav", "empty.wav is an empty file"),
        ("text.wav", "text.wav is no sound that can be read"),
        ("none.wav", "none.wav holds no sound: its length is 0"),
        ("nan.wav", "nan.wav holds values that are no numbers"),
        ("cut.flac", "cut.flac is no sound that can be read"),
        ("gone.wav", "gone.wav cannot be read: No such file"),
    ):
        with pytest.raises(DataError, match=why):
            sound(tmp_path / name)


def test_broken_sounds_stop_or_are_left_out(tmp_path: Path) -> None:
    folder = two_classes(tmp_path / "set")
    (folder / "low" / "9.wav").write_bytes(b"RIFF")
    error = refused(folder)
    assert "1 of 13 sounds cannot be read. 9.wav is no sound" in error.message
    assert error.param == "broken"
    ready = read_data(sounds(folder, broken="skip"), folder)
    assert ready.raw.samples == 12
    assert any("left out. 9.wav" in one.message for one in ready.raw.warnings)
    (tmp_path / "nothing").mkdir()
    assert "holds no sounds" in refused(tmp_path / "nothing").message


def test_folders_of_sounds_become_pictures_of_pitches(tmp_path: Path) -> None:
    ready = read_data(sounds(two_classes(tmp_path / "set")), tmp_path)
    steps = [step.type for step in ready.planned["sound"].steps]
    assert steps == ["Mono", "Resample", "PadSound", "MelSpectrogram"]
    assert ready.planned["sound"].steps[1].params["rate"] == RATE
    field = ready.raw.fields["sound"]
    assert (field.dtype, field.shape[0], field.picture) == ("float32", 1, True)
    assert ready.raw.fields["label"].classes == ("high", "low")
    high, low = (ready.raw.arrays["sound"][at].mean((0, 2)).argmax() for at in (0, 6))
    assert high > low


def test_power_is_that_of_torch() -> None:
    wave = np.random.default_rng(0).normal(size=(2, 3000)).astype(np.float32)
    found = power(wave, 256, 100)
    reference = torch.stft(
        torch.tensor(wave), 256, 100, window=torch.hann_window(256), return_complex=True, pad_mode="reflect"
    )
    assert found.shape == tuple(reference.shape)
    assert np.allclose(found, reference.abs().square().numpy(), rtol=1e-3, atol=1e-3)


def test_power_of_one_moment_by_its_formula() -> None:
    wave = np.random.default_rng(1).normal(size=(1, 64)).astype(np.float32)
    found = power(wave, 16, 8)[0, :, 3]
    begin = 3 * 8 - 8
    window = [np.sin(np.pi * n / 16) ** 2 for n in range(16)]
    by_hand = [
        abs(sum(window[n] * wave[0, begin + n] * np.exp(-2j * np.pi * k * n / 16) for n in range(16))) ** 2
        for k in range(9)
    ]
    assert np.allclose(found, by_hand, rtol=1e-4, atol=1e-5)


def test_bands_of_pitch_by_their_formula() -> None:
    bands = mel_bands(RATE, 512, 20, 50.0, 3500.0)
    mels = np.linspace(2595 * np.log10(1 + 50 / 700), 2595 * np.log10(6), 22)
    edges = [700 * (10 ** (mel / 2595) - 1) for mel in mels]
    for band in (0, 7, 19):
        for at in range(257):
            hertz, (low, middle, high) = at * RATE / 512, edges[band : band + 3]
            expected = max(0.0, min((hertz - low) / (middle - low), (high - hertz) / (high - middle)))
            assert bands[band, at] == pytest.approx(expected, abs=1e-5)


def test_too_many_bands_are_refused() -> None:
    with pytest.raises(DataError, match="200 bands of pitch are too many for a window of 128 samples"):
        mel_bands(RATE, 128, 200, 0.0, None)
    with pytest.raises(DataError, match="The lowest frequency, 5000 Hz, is not below the highest, 4000 Hz"):
        mel_bands(RATE, 512, 20, 5000.0, None)


def test_decibels() -> None:
    assert decibels(np.array([1.0, 100.0, 0.0])).tolist() == [0.0, 20.0, -100.0]


@pytest.mark.parametrize(("before", "then"), [(44_100, 16_000), (8000, 16_000), (16_000, 11_025)])
def test_another_rate_keeps_the_tone(before: int, then: int) -> None:
    found = resampled(Sound(tone(440, 1.0, before).T, before), then)
    assert (found.rate, found.wave.shape) == (then, (1, then))
    spectrum = np.abs(np.fft.rfft(found.wave[0]))
    assert spectrum.argmax() == 440
    middle = found.wave[0, then // 4 : then // 2]
    assert np.allclose(middle, tone(440, 1.0, then)[then // 4 : then // 2, 0], atol=5e-3)


def test_one_channel_and_one_length(tmp_path: Path) -> None:
    long, short = tone(seconds=0.5, channels=2), tone(seconds=0.1)
    paths = [written(tmp_path / "a.wav", long), written(tmp_path / "b.wav", short)]
    found = after(paths, Setting("Mono"), Setting("PadSound", {"seconds": 0.2}))
    assert found.field.shape == (1, 1600)
    rows = found.array[np.arange(2)]
    assert np.allclose(rows[0, 0], long[:1600, 0], atol=1e-4)
    assert rows[1, 0, 800:].tolist() == [0.0] * 800
    middle = after(paths, Setting("Mono"), Setting("PadSound", {"seconds": 0.2, "place": "middle"}))
    assert middle.array[1][0, :400].tolist() == [0.0] * 400


def test_a_length_is_learned_from_the_training_part(tmp_path: Path) -> None:
    paths = [written(tmp_path / f"{at}.wav", tone(seconds=0.2 + at)) for at in range(3)]
    found = after(paths, Setting("Mono"), Setting("PadSound"), train=1)
    assert found.states[1] == {"seconds": 0.2}
    assert found.field.shape == (1, 1600)
    assert (rounded(0.21), rounded(12.2), rounded(0.01)) == (0.3, 13.0, 0.1)


def test_sounds_of_different_length_have_to_be_made_equal(tmp_path: Path) -> None:
    paths = [written(tmp_path / f"{at}.wav", tone(seconds=0.1 + at / 10)) for at in range(2)]
    with pytest.raises(DataError, match="sound: samples differ in size"):
        after(paths, Setting("Mono"))


def test_silence_goes_and_loudness_is_made_equal(tmp_path: Path) -> None:
    quiet = np.concatenate([np.zeros((400, 1)), 0.1 * tone(), np.zeros((300, 1))]).astype(np.float32)
    path = written(tmp_path / "a.wav", quiet, subtype="FLOAT")
    trimmed = after([path], Setting("TrimSilence")).array[0]
    assert len(tone()) - 4 <= trimmed.shape[-1] <= len(tone())
    loud = after([path], Setting("Loudness", {"by": "peak", "level": 0.0})).array[0]
    assert np.abs(loud).max() == pytest.approx(1.0)
    even = after([path], Setting("Loudness")).array[0]
    assert np.sqrt(np.square(even).mean()) == pytest.approx(0.1, rel=1e-4)
    silent = written(tmp_path / "b.wav", np.zeros((50, 1)))
    assert not after([silent], Setting("TrimSilence"), Setting("Loudness")).array[0].any()


def settings(type_: str, **params: float) -> Setting:
    from studio.data.augment.kinds import checked_augment

    kind = "audio" if type_ == "Gain" else "spectrum"
    return checked_augment("sound", kind, (Setting(type_, params),))[0]


def test_random_changes_of_sounds_follow_their_seed() -> None:
    spectra = torch.rand(4, 1, 16, 20, generator=torch.Generator().manual_seed(0))
    waves = torch.rand(4, 1, 40, generator=torch.Generator().manual_seed(0))
    for type_, values in (("TimeShift", spectra), ("SpecAugment", spectra), ("Gain", waves)):
        once, again, other = (
            changed(Seen(values), (settings(type_),), torch.Generator().manual_seed(seed)).values
            for seed in (1, 1, 2)
        )
        assert torch.equal(once, again)
        assert not torch.equal(once, other)
        assert once.shape == values.shape


def test_what_random_changes_do() -> None:
    waves = torch.arange(1.0, 11.0).reshape(1, 1, 10).repeat(50, 1, 1)
    shifted = changed(
        Seen(waves), (settings("TimeShift", most=0.3),), torch.Generator().manual_seed(0)
    ).values
    begins = {row[0].tolist()[0] for row in shifted}
    assert begins <= {0.0, 1.0, 2.0, 3.0, 4.0}
    assert len(begins) > 2
    spectra = torch.rand(50, 1, 16, 20)
    covered = changed(Seen(spectra), (settings("SpecAugment"),), torch.Generator().manual_seed(0)).values
    share = (covered != spectra).float().mean().item()
    assert 0.05 < share < 0.45
    means = spectra.mean((-2, -1), keepdim=True)
    assert torch.where(covered != spectra, covered - means, 0.0).abs().max() == 0.0
    louder = changed(Seen(waves), (settings("Gain"),), torch.Generator().manual_seed(0)).values
    factors = (louder / waves)[:, 0, 0]
    assert 0.5 <= factors.min() < 0.8
    assert 1.3 < factors.max() <= 2.0


def test_sounds_are_decoded_without_torch(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", tone())
    code = (
        "import sys; from pathlib import Path; from studio.data.decoding.sounds import sound;"
        "from studio.data.transforms import TRANSFORMS;"
        f"found = TRANSFORMS['Spectrogram'].apply([sound(Path({str(path)!r}))],"
        " {'window': 64, 'hop': 32, 'decibels': True}, {});"
        "print(found[0].shape, 'torch' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "(1, 33, 63) False"


def test_from_sounds_in_folders_to_a_model_that_hears(tmp_path: Path) -> None:
    make_sounds.tones(tmp_path, 32)
    graph = chain(
        Node("sound", "Input", {"field": "sound"}),
        Node("conv", "Conv2d", {"out_channels": 8, "kernel_size": 3, "stride": 2}),
        Node("relu", "ReLU"),
        Node("pool", "AdaptiveAvgPool2d", {"output_size": (8, 4)}),
        Node("flat", "Flatten"),
        Node("scores", "Linear", {"out_features": "= label.classes"}),
        Node("loss", "CrossEntropy"),
    )
    augment = (Setting("TimeShift"), Setting("SpecAugment"))
    data = replace(
        sounds(tmp_path / "tones"), fields={"sound": FieldSetting(augment=augment)}, options={"workers": 0}
    )
    training = Training(Setting("AdamW", {"lr": 0.01}), options={"epochs": 12, "batch_size": 16})
    done = train(Project("tones", graph, data, training), tmp_path / "runs")
    assert done.result.failed is None
    run = done.result.run_dir
    assert evaluate(run, "test").metrics["accuracy"] > 0.7
    file = tmp_path / "tones" / "rising" / "01.flac"
    (found,) = Predictor(run).predict([str(file)])
    assert found.answers["loss"].label == "rising"
    with pytest.raises(StudioError, match="There is no file"):
        Predictor(run).predict([str(tmp_path / "no.wav")])
