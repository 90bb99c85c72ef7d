"""The process in which Keras runs: it builds models from source, puts weights in, compares and saves.

`python -m studio.interchange.keras.child FOLDER` reads job.json and arrays.npz there and writes result.json.
Nothing here imports torch.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

Json = dict[str, Any]
Model = Any
"""A keras.Model, which is imported only where a model is built."""


def model_of(source: str, name: str = "network") -> Model:
    """The model that the `build_model()` of a source makes."""
    space: dict[str, Any] = {"__name__": name}
    exec(compile(source, f"{name}.py", "exec"), space)
    return space["build_model"]()


def layers_of(model: Model) -> dict[str, Any]:
    """All layers by name, those of models within it too."""
    found: dict[str, Any] = {}
    for layer in model.layers:
        found[layer.name] = layer
        if hasattr(layer, "layers"):
            found |= layers_of(layer)
    return found


def put_weights(model: Model, weights: Mapping[str, Sequence[np.ndarray]]) -> None:
    """Put arrays into layers by name, each in the order of the layer's weights. Raises ValueError."""
    known = layers_of(model)
    for name, arrays in weights.items():
        places = known[name].weights if name in known else []
        if len(places) != len(arrays):
            raise ValueError(f"layer {name} has {len(places)} weights, not {len(arrays)}")
        for place, array in zip(places, arrays, strict=True):
            shape = tuple(place.shape)
            if _tight(shape) != _tight(array.shape):
                raise ValueError(f"{place.path} has the shape {shape}, not {array.shape}")
            place.assign(np.array(array.reshape(shape), order="C"))


def _tight(shape: Sequence[int]) -> tuple[int, ...]:
    """A shape without dimensions of 1."""
    return tuple(size for size in shape if size != 1)


def results_of(model: Model, samples: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What a model says, by the names of its results ("" where there is one without a name)."""
    from keras import ops

    given = next(iter(samples.values())) if len(samples) == 1 else dict(samples)
    found: Any = model(given, training=False)
    named: dict[str, Any] = found if isinstance(found, dict) else {"": found}
    return {name: np.asarray(ops.convert_to_numpy(one)) for name, one in named.items()}


def difference(found: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> float:
    """The largest difference of any value; of results with values above 1, in parts of their largest.

    Raises ValueError where results or shapes differ.
    """
    if len(found) == len(expected) == 1:
        found = {name: next(iter(found.values())) for name in expected}
    largest = 0.0
    for name, wanted in expected.items():
        if name not in found or found[name].shape != wanted.shape:
            shape = found[name].shape if name in found else "nothing"
            raise ValueError(f"result {name} is {shape}, not {wanted.shape}")
        with np.errstate(invalid="ignore"):
            apart = np.abs(found[name].astype(np.float64) - wanted.astype(np.float64))
        alike = (found[name] == wanted) | (np.isnan(found[name]) & np.isnan(wanted))
        apart = np.where(alike, 0.0, apart)
        finite = np.abs(wanted[np.isfinite(wanted)].astype(np.float64))
        largest = max(largest, float(np.max(apart, initial=0.0)) / float(np.max(finite, initial=1.0)))
    return largest


def _saved(model: Model, path: str, form: str) -> None:
    if form == "weights":
        model.save_weights(path)
    elif form == "savedmodel":
        model.export(path, verbose=False)
    else:
        model.save(path)


def _of(arrays: Mapping[str, np.ndarray], start: str) -> dict[str, np.ndarray]:
    """The arrays whose names begin so, by what follows."""
    return {name.removeprefix(start): one for name, one in arrays.items() if name.startswith(start)}


def _weights(arrays: Mapping[str, np.ndarray]) -> dict[str, list[np.ndarray]]:
    """Arrays by layer, in the order of their numbers."""
    found: dict[str, dict[int, np.ndarray]] = {}
    for name, one in arrays.items():
        layer, _, number = name.rpartition("/")
        found.setdefault(layer, {})[int(number)] = one
    return {layer: [several[at] for at in sorted(several)] for layer, several in found.items()}


def called(job: Json, arrays: Mapping[str, np.ndarray]) -> Json:
    """How far what an expression of a source says of samples, in their order, is from what is expected."""
    from keras import ops

    space: dict[str, Any] = {"__name__": "network"}
    exec(compile(job["source"], "network.py", "exec"), space)
    samples = _of(arrays, "samples/")
    given = [ops.convert_to_tensor(samples[name]) for name in job["calls"][1:]]
    found = np.asarray(ops.convert_to_numpy(space[job["calls"][0]](*given)))
    return {"difference": difference({"": found}, _of(arrays, "expected/"))}


def run_one(job: Json, arrays: Mapping[str, np.ndarray]) -> Json:
    """Build one model, compare it and save it as the job says."""
    import keras

    keras.backend.clear_session(free_memory=False)
    if "calls" in job:
        return called(job, arrays)
    model = model_of(job["source"])
    put_weights(model, _weights(_of(arrays, "weights/")))
    told: Json = {}
    if expected := _of(arrays, "expected/"):
        told["difference"] = difference(results_of(model, _of(arrays, "samples/")), expected)
    for form, path in job.get("save", {}).items():
        _saved(model, path, form)
    return told


def _guarded(job: Json, arrays: Mapping[str, np.ndarray]) -> Json:
    try:
        return run_one(job, arrays)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}


def main(folder: Path) -> None:
    """Run all jobs of a folder."""
    jobs: list[Json] = json.loads((folder / "job.json").read_text("utf-8"))
    with np.load(folder / "arrays.npz", allow_pickle=False) as held:
        arrays = {name: held[name] for name in held.files}
    told = [_guarded(job, _of(arrays, f"{at}/")) for at, job in enumerate(jobs)]
    (folder / "result.json").write_text(json.dumps(told), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
