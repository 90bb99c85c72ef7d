"""Colours as they are painted: text at 4.5 : 1 on its ground, lines that mean something at 3 : 1."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from studio.project.graph import COLOURS
from studio.ui.canvas import hues
from studio.ui.canvas.ink import Ink
from studio.ui.canvas.plates import TEXT_ON_PLATE
from studio.ui.contrast import contrast
from studio.ui.theme import DARK, FAMILIES, LIGHT, Tokens

TEXT, LINE = 4.5, 3.0
themes = pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.scheme)


def worst(pairs: dict[str, tuple[QColor | str, QColor | str]], least: float) -> dict[str, float]:
    """The pairs below the least contrast."""
    found = {what: contrast(_hex(one), _hex(other)) for what, (one, other) in pairs.items()}
    return {what: round(value, 2) for what, value in found.items() if value < least}


@themes
def test_texts_of_the_canvas_can_be_read(qapp: QApplication, tokens: Tokens) -> None:
    ink = Ink(tokens)
    families = {
        f"type of {family}": (ink.type(family), ground)
        for family in (*FAMILIES, None)
        for ground in (ink.node,)
    }
    pairs = {
        "name on node": (ink.text, ink.node),
        "label on node": (ink.secondary, ink.node),
        "value on node": (ink.text, ink.node),
        "shape on pill": (ink.secondary, ink.pill),
        "wrong shape on pill": (ink.error, ink.pill),
        "number on badge": (ink.on_badge, ink.error),
        "number on a warning's badge": (ink.on_badge, ink.warn),
        "label at the pointer": (ink.text, ink.panel),
        "text of a card": (ink.text, ink.panel),
        "hint on the empty canvas": (ink.secondary, ink.canvas),
    }
    assert worst(families | pairs, TEXT) == {}


@themes
def test_lines_that_mean_something_stand_out(qapp: QApplication, tokens: Tokens) -> None:
    ink = Ink(tokens)
    pairs = {
        "wire on canvas": (ink.wire, ink.canvas),
        "wrong wire on canvas": (ink.error, ink.canvas),
        "selected on canvas": (ink.accent, ink.canvas),
        "selected around node": (ink.accent, ink.node),
        "hollow port on canvas": (ink.accent, ink.canvas),
    }
    ports = {f"port of {one}": (ink.port(one), ink.canvas) for one in (*FAMILIES, None)}
    inner = {f"port of {one} on the node": (ink.port(one), ink.node) for one in (*FAMILIES, None)}
    assert worst(pairs | ports | inner, LINE) == {}


@themes
def test_frames_and_notes_can_be_read_in_every_colour(qapp: QApplication, tokens: Tokens) -> None:
    grounds = {f"title in {colour}": hues.title_ground(tokens, colour) for colour in ("", *COLOURS)}
    grounds |= {f"note in {colour}": hues.note_ground(tokens, colour) for colour in ("", *COLOURS)}
    texts = {what: (hues.text_on(ground.name(), tokens), ground) for what, ground in grounds.items()}
    assert worst(texts, TEXT) == {}
    lines = {colour: (hues.line(tokens, colour), tokens.canvas) for colour in ("", *COLOURS)}
    assert worst(lines, LINE) == {}


@themes
def test_names_on_plates_seen_from_afar_can_be_read(qapp: QApplication, tokens: Tokens) -> None:
    ink = Ink(tokens)
    plates = {family: (TEXT_ON_PLATE, ink.family(family)) for family in (*FAMILIES, None)}
    assert worst({str(key): pair for key, pair in plates.items()}, TEXT) == {}


@themes
def test_the_ring_of_what_has_the_keyboard_stands_out(tokens: Tokens) -> None:
    grounds = {
        ground: (tokens.accent, getattr(tokens, ground)) for ground in ("window", "panel", "field", "canvas")
    }
    assert worst(grounds, LINE) == {}


@themes
def test_texts_of_messages_and_states_can_be_read(tokens: Tokens) -> None:
    pairs = {
        f"{text} on {ground}": (getattr(tokens, text), getattr(tokens, ground))
        for text in ("text", "secondary", "error", "warn", "ok", "accent")
        for ground in ("window", "panel", "field", "node")
    }
    assert worst(pairs, TEXT) == {}


def _hex(colour: QColor | str) -> str:
    return colour if isinstance(colour, str) else colour.name()
