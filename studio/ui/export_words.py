"""What each form of a network is called, and a sentence on what it is good for."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from studio.interchange.forms import FORMS, Form

_translate = QCoreApplication.translate
Words = dict[str, tuple[str, str]]


def groups() -> list[tuple[str, list[str]]]:
    """The forms in the order in which they are offered, under their headings."""
    return [
        (_translate("Forms", "Code"), ["pytorch", "pytorch-program", "keras", "keras-program"]),
        (
            _translate("Forms", "Trained network"),
            ["onnx", "pt2", "keras-model", "savedmodel", "weights"],
        ),
        (_translate("Forms", "Documents"), ["card", "svg", "png", "pdf"]),
    ]


def words() -> Words:
    """The title and the sentence of each form."""
    return {**_code(), **_networks(), **_documents()}


def _code() -> Words:
    return {
        "pytorch": (
            _translate("Forms", "PyTorch source"),
            _translate(
                "Forms",
                "A readable file with a class for the network and for each block. It needs PyTorch and "
                "nothing of Neuroloom; the weights lie beside it.",
            ),
        ),
        "pytorch-program": (
            _translate("Forms", "PyTorch program"),
            _translate(
                "Forms",
                "One file with data, network, training and evaluation. Started from a terminal, it gives "
                "the same losses as a run of these settings.",
            ),
        ),
        "keras": (
            _translate("Forms", "Keras source"),
            _translate(
                "Forms",
                "The network for Keras 3, which runs on TensorFlow, JAX and PyTorch; the weights lie "
                "beside it.",
            ),
        ),
        "keras-program": (
            _translate("Forms", "Keras program"),
            _translate("Forms", "One file with data, network, compile and fit, for Keras 3."),
        ),
    }


def _networks() -> Words:
    return {
        "onnx": (
            _translate("Forms", "ONNX"),
            _translate(
                "Forms",
                "For onnxruntime, browsers, phones and other programs. Any number of samples goes in; "
                "Neuroloom opens it again as a drawing.",
            ),
        ),
        "pt2": (
            _translate("Forms", "PyTorch program file (.pt2)"),
            _translate(
                "Forms",
                "torch.export's form: PyTorch loads it without the source. Neuroloom never opens one, "
                "because reading it runs code.",
            ),
        ),
        "keras-model": (
            _translate("Forms", "Keras model (.keras)"),
            _translate("Forms", "Network and weights in one file, which keras.saving.load_model reads."),
        ),
        "savedmodel": (
            _translate("Forms", "TensorFlow SavedModel"),
            _translate("Forms", "A folder for TensorFlow Serving, TensorFlow Lite and TensorFlow.js."),
        ),
        "weights": (
            _translate("Forms", "Weights (safetensors)"),
            _translate("Forms", "The numbers alone, each under the name of its node."),
        ),
    }


def _documents() -> Words:
    return {
        "card": (
            _translate("Forms", "Model card"),
            _translate(
                "Forms",
                "A page in Markdown with the drawing: layers with shapes and parameters, data, training, "
                "and what the run reached.",
            ),
        ),
        "svg": (
            _translate("Forms", "Drawing as SVG"),
            _translate("Forms", "Sharp at any size, for web pages. It holds the project too."),
        ),
        "png": (
            _translate("Forms", "Drawing as PNG"),
            _translate("Forms", "Pixels, for slides and chats. It holds the project too."),
        ),
        "pdf": (
            _translate("Forms", "Drawing as PDF"),
            _translate("Forms", "To print, dark on white. It holds the project too."),
        ),
    }


def lacking(form: Form) -> str:
    """What is not installed, and the line that installs it; empty where nothing is missing."""
    missing = form.missing
    if not missing:
        return ""
    text = _translate("Forms", "This needs {modules}, not installed here. In a terminal:  {line}")
    return text.format(modules=", ".join(missing), line=form.install)


def file_kinds(name: str) -> str:
    """The filter of a file dialogue."""
    title, _ = words()[name]
    suffix = FORMS[name].suffix
    return f"{title.partition(' (')[0]} (*{suffix})" if suffix else ""
