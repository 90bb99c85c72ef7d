"""How fluid the canvas is with 1000 and 5000 nodes: opening, repaints, drags, edits, undo.

Run as `python -m benchmarks.canvas [--quick] [--json FILE]`. Times are of the GUI thread's CPU at
1600×900, the 95th percentile of many; mouse events go the whole way through the window system's queue.
"""

from __future__ import annotations

import os
import time
from importlib import import_module

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.canvas_aside import cpu, curves, lateness, layout, search, way_in, worst
from benchmarks.drawings import tower
from benchmarks.table import Row, arguments, show
from studio.build.plan import Checked, Cost, Dim, TensorType
from studio.catalog.registry import registry
from studio.project import edits
from studio.project.graph import Endpoint
from studio.project.project import Project
from studio.ui.canvas.canvas import Canvas
from studio.ui.collecting import Collector
from studio.ui.session import Session
from studio.ui.style import text_font

Limit = float | None
LIMITS: dict[int, tuple[Limit, ...]] = {
    1000: (250, 8, 4, 12, 16, 50),
    5000: (1000, 16, None, None, None, None),
}
"""Opening, a repaint, dragging one and fifty nodes, an undo step, undo of deleting; None: no promise."""
ZOOMS = (0.1, 0.2, 0.25, 0.35, 0.5, 0.55, 0.7, 0.72, 1.0, 2.0, 4.0)


class Bench:
    """A canvas of 1600×900 with one project on it."""

    def __init__(self, project: Project, repeats: int) -> None:
        self.repeats = repeats
        self.session = Session()
        self.canvas = Canvas(self.session, registry())
        self.session.changed.connect(self.canvas.show_changes)
        self.session.replaced.connect(self.canvas.show_replaced)
        self.session.check_arrived.connect(self.canvas.show_checked)
        self.canvas.resize(1600, 900)
        self.canvas.show()
        self.port = self.canvas.view.viewport()
        settle()
        self.opening = cpu(lambda: self.open(project))
        self.session.take_check(checked(project))

    def open(self, project: Project) -> None:
        """Open the project, fitted, paint it, and find out what the pointer is on: that builds the index."""
        self.session.new(project)
        self.port.repaint()
        QTest.mouseMove(self.port, self.port.rect().center())
        QApplication.processEvents()

    def at(self, zoom: float) -> None:
        """Look at the middle of the drawing, with every picture made."""
        self.canvas.zoom_to(zoom)
        self.canvas.view.center_at(self.canvas.scene.bounds().center())
        settle()

    def repaints(self) -> tuple[float, float]:
        """Pan steps and zoom steps, at every zoom: the worst of the zooms counts."""
        pans, zooms = [], []
        for zoom in ZOOMS:
            self.at(zoom)
            pans.append(worst(self.pan(step) for step in range(self.repeats)))
            zooms.append(worst(self.closer(zoom, step) for step in range(self.repeats)))
        return max(pans), max(zooms)

    def pan(self, step: int) -> float:
        """One step to and fro, and a whole repaint."""
        by = QPoint(31, -17) if step % 2 else QPoint(-29, 23)
        return cpu(lambda: (self.canvas.view.pan(by), self.port.repaint()))

    def closer(self, zoom: float, step: int) -> float:
        """One small step of zooming, and a whole repaint."""
        return cpu(lambda: (self.canvas.zoom_to(zoom * (1 + step % 11 / 100)), self.port.repaint()))

    def drag(self, count: int) -> float:
        """One step of dragging some nodes, and what it repaints."""
        self.at(0.75)
        seen = self.canvas.view.seen()
        inside = self.canvas.scene.nodes_in(seen.adjusted(200, 200, -200, -200))
        rest = [name for name in self.canvas.scene.nodes if name not in inside]
        self.canvas.select((inside + rest)[:count])
        body = self.canvas.scene.nodes[inside[0]].body
        start = self.canvas.view.mapFromScene(QPointF(body.center().x(), body.y() + 14))
        QTest.mousePress(self.port, Qt.MouseButton.LeftButton, pos=start)
        QTest.mouseMove(self.port, start + QPoint(9, 9))

        def step(number: int) -> None:
            QTest.mouseMove(self.port, start + QPoint(9 + 5 * (number % 40), 9 + 3 * (number % 30)))
            QApplication.processEvents()

        times = [cpu(lambda at=number: step(at)) for number in range(self.repeats)]
        QTest.keyClick(self.canvas.view, Qt.Key.Key_Escape)
        QTest.mouseRelease(self.port, Qt.MouseButton.LeftButton, pos=start)
        settle()
        return worst(times)

    def wire(self) -> float:
        """One step of dragging a wire across the nodes, while what fits is being found out."""
        self.at(0.55)
        seen, scene = self.canvas.view.seen(), self.canvas.scene
        first = scene.nodes[scene.nodes_in(seen.adjusted(200, 200, -200, -200))[0]]
        start = self.canvas.view.mapFromScene(first.place_of("out", "output", 0))
        QTest.mousePress(self.port, Qt.MouseButton.LeftButton, pos=start)
        room = self.port.rect().adjusted(60, 60, -60, -60)

        def step(number: int) -> None:
            along, down = number * 67 % room.width(), number * 41 % room.height()
            QTest.mouseMove(self.port, room.topLeft() + QPoint(along, down))
            QApplication.processEvents()

        step(0)
        times = [cpu(lambda at=number: step(at)) for number in range(1, 2 * self.repeats)]
        QTest.keyClick(self.canvas.view, Qt.Key.Key_Escape)
        QTest.mouseRelease(self.port, Qt.MouseButton.LeftButton, pos=start)
        settle()
        return worst(times)

    def edit(self) -> float:
        """A parameter set, until it is painted."""
        self.at(1.0)
        names = self.canvas.scene.nodes_in(self.canvas.view.seen())

        def set_one(number: int) -> None:
            name = names[number % len(names)]
            self.session.commit(edits.set_params(self.session.project, name, {"groups": number + 2}), "Set")
            QApplication.processEvents()

        return worst(cpu(lambda at=number: set_one(at)) for number in range(self.repeats))

    def steps(self) -> float:
        """Undo and redo of all kinds of edits, until they are painted."""
        self.at(1.0)
        stack, times = self.session.undo_stack, list[float]()
        for changed in some_edits(self.session.project):
            self.session.commit(changed, "Edit")
            for step in (stack.undo, stack.redo, stack.undo, stack.redo):
                settle(10)
                times.append(cpu(lambda step=step: (step(), QApplication.processEvents())))
            stack.undo()
            settle(10)
        return worst(times)

    def far_back(self, count: int) -> float:
        """Back over many steps at once, as in the history, until it is painted."""
        names, session = list(self.session.project.graph.nodes), self.session
        for at in range(count):
            x, y = session.project.graph.nodes[names[at]].position
            session.commit(edits.move(session.project, {names[at]: (x + 4, y)}), f"Move {names[at]}")
        settle()
        began = session.undo_stack.index() - count
        spent = cpu(lambda: (session.go_to(began), QApplication.processEvents()))
        settle()
        return spent

    def undo(self, count: int) -> float:
        """Undo of deleting some nodes, until it is painted."""
        self.at(1.0)
        project = self.session.project
        times = []
        for _ in range(self.repeats // 6):
            gone = list(project.graph.nodes)[200 : 200 + count]
            self.session.commit(edits.delete(project, gone), "Delete")
            settle()
            times.append(cpu(lambda: (self.session.undo_stack.undo(), QApplication.processEvents())))
        return worst(times)

    def check(self) -> float:
        """Showing the answer of a check in which every shape is another one."""
        self.at(1.0)
        answers = [checked(self.session.project, size) for size in range(self.repeats)]
        return worst(cpu(lambda one=one: self.session.take_check(one)) for one in answers)

    def under_pointer(self) -> float:
        """What lies at points all over the drawing."""
        whole, scene = self.canvas.scene.bounds(), self.canvas.scene
        points = [
            QPointF(whole.x() + whole.width() * part / 50, whole.y() + whole.height() * (part * 7 % 50) / 50)
            for part in range(50)
        ]
        return worst(
            cpu(lambda at=at: (scene.spot_at(at, 10), scene.node_at(at), scene.edge_at(at, 7)))
            for at in points
        )

    def band(self) -> float:
        """A step of a rubber band that holds every node: at once all of them are selected, or none is."""
        self.canvas.select(())
        self.canvas.view.fit(self.canvas.scene.bounds())
        settle()
        seen = self.port.rect().adjusted(40, 40, -40, -40)
        QTest.mousePress(self.port, Qt.MouseButton.LeftButton, pos=seen.topLeft())
        times: list[float] = []
        for number in range(self.repeats):
            to = seen.bottomRight() - QPoint(number % 8, 0) if number % 2 else seen.topLeft() + QPoint(9, 9)
            QTest.mouseMove(self.port, to)
            times.append(cpu(QApplication.processEvents))
        assert len(self.canvas.selection) in (0, len(self.canvas.scene.nodes))
        QTest.keyClick(self.canvas.view, Qt.Key.Key_Escape)
        QTest.mouseRelease(self.port, Qt.MouseButton.LeftButton, pos=seen.topLeft())
        settle()
        return worst(times)

    def close(self) -> None:
        """Put the canvas away."""
        self.canvas.close()
        self.canvas.deleteLater()
        settle()


def settle(turns: int = 40) -> None:
    """Let the event loop finish what is left over."""
    for _ in range(turns):
        QApplication.processEvents()
        time.sleep(0.005)


def checked(project: Project, size: int = 0) -> Checked:
    """A check's answer with a shape for every wire and a cost for every node."""
    types = {Endpoint(name, "output"): TensorType((Dim(), 32 + size, 28, 28)) for name in project.graph.nodes}
    return Checked(project, types=types, costs={name: Cost(9) for name in project.graph.nodes})


def some_edits(project: Project) -> list[Project]:
    """What people do: move, set, rename, mute, pin, disconnect, delete, paste."""
    graph = project.graph
    names = list(graph.nodes)
    some, one = names[200:250], names[210]
    places = {name: (graph.nodes[name].position[0] + 40, graph.nodes[name].position[1]) for name in some}
    pasted, _ = edits.paste(project, edits.copy_text(project, some), (30.0, 30.0))
    return [
        edits.move(project, places),
        edits.set_params(project, one, {"groups": 2}),
        edits.rename(project, one, "another"),
        edits.set_muted(project, some, True),
        edits.set_pinned(project, some, True),
        edits.disconnect(project, graph.incoming(one)[0]),
        edits.delete(project, [one]),
        pasted,
    ]


def measure(quick: bool) -> list[Row]:
    """All rows of the table."""
    repeats = 60 if quick else 200
    rows: list[Row] = []
    for count in LIMITS:
        rows += drawn(count, repeats)
    rows += [search(repeats), way_in(repeats), *layout(3 if quick else 7)]
    rows += [curves(100_000, 8, repeats), curves(1_000_000, 10, repeats)]
    return rows + lateness(quick)


def drawn(count: int, repeats: int) -> list[Row]:
    """What is measured on one drawing."""
    bench = Bench(tower(count), repeats)
    opening, repaint, one, fifty, step, deleting = LIMITS[count]
    pan, zoom = bench.repaints()
    rows = [
        row(f"open and paint {count} nodes", bench.opening, opening),
        row(f"pan step, worst zoom, {count} nodes", pan, repaint),
        row(f"zoom step, worst zoom, {count} nodes", zoom, repaint),
        row(f"drag 1 node among {count}", bench.drag(1), one),
        row(f"drag 50 nodes among {count}", bench.drag(50), fifty),
        row(f"drag a wire among {count} nodes", bench.wire(), one),
        row(f"edit a parameter and paint it, {count} nodes", bench.edit(), step),
        row(f"any undo or redo, {count} nodes", bench.steps(), step),
        row(f"undo of deleting 100 of {count} nodes", bench.undo(100), deleting),
        row(f"show a check's answer, {count} nodes", bench.check(), step),
        row(f"what lies under the pointer, {count} nodes", bench.under_pointer(), 2),
        row(f"rubber band over all {count} nodes, painted", bench.band(), 30),
    ]
    if count == 1000:
        rows.append(row("back over 1000 steps at once, 1000 nodes", bench.far_back(1000), None))
    bench.close()
    return rows


def row(work: str, value: float, limit: float | None) -> Row:
    """One line of the table; without a limit it is a note."""
    return Row(work, "limit" if limit else "", value, "ms CPU p95", f"≤ {limit}" if limit else "")


def main() -> int:
    """Measure, print a table, write JSON where asked; 1 if a limit does not hold."""
    chosen = arguments(__doc__ or "")
    app = QApplication([])
    app.setStyle("Fusion")
    app.setFont(text_font())
    import_module("studio.build.evaluation")  # as in the window, where it is there before the first wire
    Collector(app).settle()
    rows = measure(chosen.quick)
    show(rows, chosen.json)
    return 0 if all(one.holds for one in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
