"""The page about training names every setting that there is."""

from __future__ import annotations

from pathlib import Path

from studio.catalog.registry import registry
from studio.catalog.settings import TRAINING

PAGE = Path(__file__).parents[1] / "docs" / "training.md"


def test_every_setting_and_every_optimizer_is_named() -> None:
    text = PAGE.read_text("utf-8")
    assert [param.name for param in TRAINING if f"`{param.name}`" not in text] == []
    assert [one.type for one in registry().components("optimizer") if one.type not in text] == []
