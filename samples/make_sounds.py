"""Makes small sounds in class folders: python samples/make_sounds.py FOLDER

spoken/WORD/…  the digits, spoken by espeak-ng in several voices and speeds, where that is installed
tones/KIND/…   rising, falling and steady tones in some noise, as WAV, FLAC, OGG and MP3
tones.csv      the same, a row for the path and the kind of each
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
VOICES = ("en", "en-us", "en-gb-scotland", "en+f3", "en+m5", "en-us+f2", "en-us+m3", "en+croak")
SPEEDS = (130, 160, 200)
PITCHES = (35, 60)
TONES = {"falling": (1200.0, 300.0), "rising": (300.0, 1200.0), "steady": (600.0, 600.0)}
SUFFIXES = ("wav", "flac", "ogg", "mp3")
RATE = 16_000


def speak(folder: Path, words: tuple[str, ...] = WORDS, voices: tuple[str, ...] = VOICES) -> bool:
    """Speak words; whether that can be done here."""
    if shutil.which("espeak-ng") is None:
        return False
    for word in words:
        place = folder / "spoken" / word
        place.mkdir(parents=True, exist_ok=True)
        for voice in voices:
            for speed in SPEEDS:
                for pitch in PITCHES:
                    file = place / f"{voice.replace('+', '_')}_{speed}_{pitch}.wav"
                    options = ["-v", voice, "-s", str(speed), "-p", str(pitch), "-w", str(file)]
                    subprocess.run(["espeak-ng", *options, word], check=True, capture_output=True)
    return True


def tones(folder: Path, count: int = 24) -> None:
    """Write tones, so many of each kind, no two alike."""
    random = np.random.default_rng(0)
    rows = ["sound,kind"]
    for kind, (begin, end) in TONES.items():
        place = folder / "tones" / kind
        place.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            time = np.arange(int(RATE * random.uniform(0.4, 0.7))) / RATE
            factor = random.uniform(0.8, 1.25)
            pitch = factor * np.linspace(begin, end, len(time))
            wave = 0.5 * np.sin(2 * np.pi * np.cumsum(pitch) / RATE)
            wave += random.normal(0, 0.02, len(time))
            name = f"{number:02}.{SUFFIXES[number % len(SUFFIXES)]}"
            soundfile.write(place / name, wave.astype(np.float32), RATE)
            rows.append(f"tones/{kind}/{name},{kind}")
    (folder / "tones.csv").write_text("\n".join(rows) + "\n", "utf-8")


if __name__ == "__main__":
    tones(Path(sys.argv[1]))
    if not speak(Path(sys.argv[1])):
        sys.stderr.write("espeak-ng is not installed: no digits were spoken.\n")
