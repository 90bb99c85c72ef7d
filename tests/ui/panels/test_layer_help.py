"""The Help panel follows the selection, works in the node's numbers, and leads on to other layers."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QTextCursor
from pytestqt.qtbot import QtBot

from studio.catalog.registry import registry
from studio.ui.layer_help import LayerHelp
from studio.ui.session import Session
from studio.ui.theme import DARK, LIGHT
from tests.ui.panels.drawing import checked, digits


@pytest.fixture
def page(qtbot: QtBot) -> LayerHelp:
    session = Session()
    session.new(digits())
    page = LayerHelp(session, registry())
    qtbot.addWidget(page)
    session.check_arrived.connect(page.show_checked)
    page.resize(320, 900)
    page.show()
    qtbot.waitExposed(page)
    session.take_check(checked(session.project))
    return page


def place_of(page: LayerHelp, words: str) -> QPoint:
    """Where some words stand, in the viewport."""
    found = page.document().find(words)
    assert not found.isNull(), words
    start = QTextCursor(page.document())
    start.setPosition(found.selectionStart() + 1)
    return page.cursorRect(start).center()


def test_it_tells_the_selected_node_in_numbers(page: LayerHelp) -> None:
    assert "Select a node" in page.toPlainText()
    page.show_nodes(("conv1",))
    text = page.toPlainText()
    for part in ("Conv2d", "In conv1, for one sample", "N×1×8×8 → N×32×8×8", "weight: 32×1×3×3 = 288"):
        assert part in text
    assert "When to use it" in text
    page.show_nodes(())
    assert page.toPlainText() == text


def test_a_click_on_what_follows_leads_there(page: LayerHelp, qtbot: QtBot) -> None:
    page.show_type("Conv2d")
    qtbot.mouseClick(page.viewport(), Qt.MouseButton.LeftButton, pos=place_of(page, "BatchNorm2d"))
    assert page.toPlainText().startswith("BatchNorm2d")


def test_pages_of_torch_open_in_the_browser(
    page: LayerHelp, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    page.show_type("ReLU")
    qtbot.mouseClick(page.viewport(), Qt.MouseButton.LeftButton, pos=place_of(page, "PyTorch's page"))
    assert [url.toString() for url in opened] == [registry().layers["ReLU"].url]


@pytest.mark.parametrize("tokens", [DARK, LIGHT])
def test_every_layer_has_a_page(page: LayerHelp, tokens: object) -> None:
    page.set_tokens(tokens)  # type: ignore[arg-type]
    for type, layer in registry().layers.items():
        page.show_type(type)
        assert page.toPlainText().startswith(type)
        assert layer.doc in page.toPlainText().replace("\n", " ")
