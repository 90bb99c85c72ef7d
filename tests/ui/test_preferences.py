"""Preferences: kept between starts; whatever stands in the file, the program starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.ui.preferences import MOST_RECENT, Preferences


def test_values_come_back(tmp_path: Path) -> None:
    file = tmp_path / "preferences.json"
    Preferences(file).set("theme", "dark")
    assert Preferences(file).text("theme", "system") == "dark"


def test_recent_files_are_unique_and_few(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "preferences.json")
    for number in range(MOST_RECENT + 3):
        preferences.add_recent(tmp_path / f"{number}.loom")
    preferences.add_recent(tmp_path / "5.loom")
    recent = Preferences(preferences.path).recent()
    assert len(recent) == MOST_RECENT
    assert recent[0] == tmp_path / "5.loom"
    assert len(set(recent)) == len(recent)


@pytest.mark.parametrize(
    "text", ["", "{", "3", "[" * 100_000, '{"theme": 3, "recent": 7}', '{"recent": [1, "a\\u0000b", null]}']
)
def test_a_broken_file_counts_as_empty(tmp_path: Path, text: str) -> None:
    file = tmp_path / "preferences.json"
    file.write_text(text)
    preferences = Preferences(file)
    assert preferences.text("theme", "system") == "system"
    assert preferences.recent() == []


def test_a_file_that_is_no_mapping_is_told(tmp_path: Path) -> None:
    file = tmp_path / "preferences.json"
    file.write_text("[1, 2")
    assert Preferences(file).broken
    assert not Preferences(tmp_path / "none.json").broken


def test_a_disk_that_refuses_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    preferences = Preferences(tmp_path / "file" / "preferences.json")
    preferences.set("theme", "dark")
    assert preferences.text("theme", "system") == "dark"


def test_clear_forgets(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "preferences.json")
    preferences.set("theme", "dark")
    preferences.clear()
    assert Preferences(preferences.path).text("theme", "system") == "system"
