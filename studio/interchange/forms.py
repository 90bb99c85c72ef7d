"""The forms in which a network can leave: what each is called, what it needs, and who writes it. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True, slots=True)
class Form:
    """A form: `name` for the command line, `suffix` of its file ("" for a folder), `says` in a few words.

    It needs the `modules`, which come with the `extra`. `drawn` ones are pictures that Qt makes.
    """

    name: str
    suffix: str
    says: str
    extra: str = ""
    modules: tuple[str, ...] = ()
    drawn: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """The modules that are not installed."""
        return tuple(one for one in self.modules if find_spec(one) is None)

    @property
    def install(self) -> str:
        """The command that installs what it needs."""
        return f'pip install "neuroloom[{self.extra}]"' if self.extra else ""


ONNX = ("onnx", "onnxscript", "onnxruntime")
FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form("pytorch", ".py", "readable PyTorch source of the network"),
        Form("pytorch-program", ".py", "one PyTorch program: data, network, training, evaluation"),
        Form("keras", ".py", "readable Keras 3 source of the network", "keras", ("keras",)),
        Form("keras-program", ".py", "one Keras program: data, network, fit", "keras", ("keras",)),
        Form("keras-model", ".keras", "a Keras model with its weights", "keras", ("keras",)),
        Form("savedmodel", "", "a folder for TensorFlow to serve", "tensorflow", ("tensorflow", "keras")),
        Form("onnx", ".onnx", "ONNX, for other runtimes", "onnx", ONNX),
        Form("pt2", ".pt2", "torch.export's program, for PyTorch without the source"),
        Form("weights", ".safetensors", "the weights alone"),
        Form("card", ".md", "a model card in Markdown"),
        Form("svg", ".svg", "the drawing, with the project inside", drawn=True),
        Form("png", ".png", "the drawing as pixels, with the project inside", drawn=True),
        Form("pdf", ".pdf", "the drawing to print, with the project inside", drawn=True),
    )
}
