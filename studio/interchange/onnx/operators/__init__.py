"""What each ONNX operator becomes: one table, put together from those of the families."""

from __future__ import annotations

from collections.abc import Mapping

from studio.interchange.onnx.operators.attending import ATTENDING
from studio.interchange.onnx.operators.elementwise import ELEMENTWISE
from studio.interchange.onnx.operators.learned import LEARNED
from studio.interchange.onnx.operators.parts import PARTS
from studio.interchange.onnx.operators.quantizing import QUANTIZING
from studio.interchange.onnx.operators.recurrent import RECURRENT
from studio.interchange.onnx.operators.reducing import REDUCING
from studio.interchange.onnx.operators.resizing import RESIZING
from studio.interchange.onnx.operators.shaping import SHAPING
from studio.interchange.onnx.operators.windows import WINDOWS
from studio.interchange.onnx.values import Converter

OPERATORS: Mapping[str, Converter] = {
    **ELEMENTWISE,
    **WINDOWS,
    **LEARNED,
    **SHAPING,
    **PARTS,
    **RESIZING,
    **REDUCING,
    **RECURRENT,
    **QUANTIZING,
    **ATTENDING,
}
FLOW = ("If", "Loop", "Scan", "SequenceMap", "SequenceConstruct", "SequenceInsert", "SequenceAt", "Optional")
"""What decides, or repeats, by values: a drawing computes the same steps for every sample."""
