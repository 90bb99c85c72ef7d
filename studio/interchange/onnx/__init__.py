"""ONNX files: a network written as one, and one read as an editable drawing with its weights."""
