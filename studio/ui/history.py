"""The History panel: every undo step since the project was opened; a click or Enter goes to any of them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSortFilterProxyModel, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QTreeView, QVBoxLayout, QWidget

from studio.ui.history_rows import SEARCHED, HistoryDelegate, HistoryModel
from studio.ui.monitor.empty import OrEmpty
from studio.ui.session import Session
from studio.ui.theme import Tokens

TO_LIST = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)


class History(QWidget):
    """A search line over the steps, the oldest first; the state that is shown is marked."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("history")
        self._session = session
        self._rows = HistoryModel(session, self)
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(self._rows)
        self._found.setFilterRole(SEARCHED)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._delegate = HistoryDelegate()
        self._make_search()
        self._make_list()
        self._body = OrEmpty()
        self._body.addWidget(self._list)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(8, 8, 8, 4)
        rows.setSpacing(6)
        rows.addWidget(self._search)
        rows.addWidget(self._body, 1)
        # Later: in the middle of a step the rows are not all there yet.
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._follow)
        session.steps_changed.connect(self._later.start)
        session.steps_changed.connect(self._say)
        self._say()

    def set_tokens(self, tokens: Tokens) -> None:
        """Take the colours of a theme."""
        self._delegate.set_tokens(tokens)
        self._list.viewport().update()

    @property
    def view(self) -> QTreeView:
        """The list, for keyboard and mouse."""
        return self._list

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the search line the arrow keys lead into the list, and Enter goes to the step found."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in TO_LIST:
                self._list.setFocus(Qt.FocusReason.OtherFocusReason)
                self._list.keyPressEvent(event)
                return True
            if event.key() == Qt.Key.Key_Escape and self._search.text():
                self._search.clear()
                return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._later.start()

    def _make_search(self) -> None:
        self._search = QLineEdit(placeholderText=self.tr("Search the steps"), clearButtonEnabled=True)
        self._search.setAccessibleName(self.tr("Search the history"))
        self._search.setToolTip(self.tr("A few letters of a step's name, or of where it was made"))
        self._search.textChanged.connect(self._search_for)
        self._search.returnPressed.connect(lambda: self._go(self._list.currentIndex()))
        self._search.installEventFilter(self)

    def _make_list(self) -> None:
        self._list = QTreeView()
        self._list.setModel(self._found)
        self._list.setItemDelegate(self._delegate)
        self._list.setRootIsDecorated(False)
        self._list.setUniformRowHeights(True)
        self._list.setHeaderHidden(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setAccessibleName(self.tr("Steps"))
        self._list.setToolTip(self.tr("A click or Enter goes back or forward to a step; nothing is lost"))
        self._list.clicked.connect(self._go)
        self._list.activated.connect(self._go)

    def _go(self, index: QModelIndex) -> None:
        if index.isValid():
            self._session.go_to(self._found.mapToSource(index).row())

    def _search_for(self, text: str) -> None:
        self._found.setFilterFixedString(text.strip())
        if not self._list.currentIndex().isValid() or text:
            self._list.setCurrentIndex(self._found.index(0, 0))
        self._say()

    def _follow(self) -> None:
        """Choose the state that is shown, as long as the search finds it, and bring it into sight."""
        here = self._found.mapFromSource(self._rows.index(self._session.undo_stack.index()))
        if here.isValid() and self.isVisible():
            self._list.setCurrentIndex(here)
            self._list.scrollTo(here)

    def _say(self) -> None:
        if not self._session.undo_stack.count():
            hint = self.tr("Every change that you make is listed here; a click goes back to it.")
            self._body.say(self.tr("No steps yet"), hint)
        elif not self._found.rowCount():
            self._body.say(self.tr("No such step"), self.tr("Nothing in the history has these letters."))
        else:
            self._body.show_body()
        # A list that is hidden would take the keyboard when it is shown, from whatever has it by then.
        self.setFocusProxy(self._list if self._list.isVisibleTo(self) else self._search)
