"""The menus that say what columns of the data are: each entry tells what it would mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget, QWidgetAction

from studio.catalog.kinds import KINDS, MISSING, ODD, ROLES
from studio.ui.card import label
from studio.ui.column_words import (
    evidence,
    kind_word,
    meaning,
    odd_meaning,
    odd_word,
    role_meaning,
    role_word,
    way_meaning,
    way_word,
)
from studio.ui.icons import tinted
from studio.ui.theme import Tokens

if TYPE_CHECKING:
    from studio.data.column_facts import ColumnFacts

WAYS = {
    "number": ("error", "skip", "mean", "median", "common", "zero"),
    "category": ("error", "skip", "common", "class"),
    "text": ("error", "skip", "zero"),
}
"""The ways for missing values that a kind has; the others have the first two."""
FILES = ("image", "mask", "audio")
"""Kinds of which nothing can stand in for a value."""
WIDEST = 340
Chosen = Callable[[str], object]
_tr = QCoreApplication.translate


def kind_menu(facts: Sequence[ColumnFacts], tokens: Tokens, chosen: Chosen, parent: QWidget) -> QMenu:
    """All kinds; of a single column with why it is what it is."""
    menu = _menu(_tr("Columns", "Kind"), parent)
    one = facts[0] if len(facts) == 1 else None
    if one is not None:
        _told(menu, evidence(one))
    now = {fact.kind for fact in facts}
    for kind in KINDS:
        action = _entry(menu, kind_word(kind), meaning(kind, one), now == {kind})
        action.setIcon(tinted(f"kind-{kind}", tokens))
        action.triggered.connect(lambda _=False, kind=kind: chosen(kind))
    if any(fact.kind != fact.found for fact in facts):
        menu.addSeparator()
        back = _entry(menu, _tr("Columns", "as found"), (one and kind_word(one.found)) or "", False)
        back.triggered.connect(lambda _=False: chosen(""))
    return menu


def role_menu(facts: Sequence[ColumnFacts], chosen: Chosen, parent: QWidget) -> QMenu:
    """Input, target, or left out."""
    menu = _menu(_tr("Columns", "Role"), parent)
    now = {fact.role for fact in facts}
    for role in ROLES:
        action = _entry(menu, role_word(role), role_meaning(role), now == {role})
        action.triggered.connect(lambda _=False, role=role: chosen(role))
    return menu


def missing_menu(facts: Sequence[ColumnFacts], chosen: Chosen, parent: QWidget) -> QMenu:
    """What can be done where values are missing."""
    menu = _menu(_tr("Columns", "Missing values"), parent)
    now = {fact.policy for fact in facts}
    offered = [set(WAYS.get(fact.kind, ("error", "skip"))) for fact in facts]
    for way in MISSING:
        if all(way in ways for ways in offered):
            action = _entry(menu, way_word(way), way_meaning(way), now == {way})
            action.triggered.connect(lambda _=False, way=way: chosen(way))
    return menu


def odd_menu(facts: Sequence[ColumnFacts], chosen: Chosen, parent: QWidget) -> QMenu:
    """What can be done about values that are not of the kind."""
    menu = _menu(_tr("Columns", "Odd values"), parent)
    now = {fact.odd for fact in facts}
    files = any(fact.kind in FILES for fact in facts)
    for way in ODD:
        if way != "missing" or not files:
            action = _entry(menu, odd_word(way), odd_meaning(way), now == {way})
            action.triggered.connect(lambda _=False, way=way: chosen("" if way == "error" else way))
    return menu


def _menu(title: str, parent: QWidget) -> QMenu:
    menu = QMenu(title, parent)
    menu.setToolTipsVisible(True)
    return menu


def _told(menu: QMenu, text: str) -> None:
    """Lines that only say something, readable as an entry that is switched off would not be."""
    line = QWidgetAction(menu)
    words = label(text, "small")
    words.setWordWrap(True)
    words.setFixedWidth(WIDEST)
    words.setContentsMargins(24, 4, 12, 4)
    line.setDefaultWidget(words)
    line.setText(text)
    line.setEnabled(False)
    menu.addAction(line)
    menu.addSeparator()


def _entry(menu: QMenu, word: str, means: str, now: bool) -> QAction:
    action = menu.addAction(f"{word}\t{means}" if means else word)
    action.setToolTip(means)
    action.setStatusTip(means)
    action.setCheckable(True)
    action.setChecked(now)
    font = action.font()
    font.setBold(now)  # an icon leaves no room for the mark
    action.setFont(font)
    return action
