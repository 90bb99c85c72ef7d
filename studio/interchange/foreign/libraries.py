"""Networks by their names in well-known packages, with random weights: nothing is downloaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from studio.errors import StudioError
from studio.interchange.foreign.faults import fault_of
from studio.interchange.foreign.shapes import InputShape

Given = tuple[Any, tuple[InputShape, ...]]
LIBRARIES = ("timm", "torchvision", "transformers")
WORDS = 16


def installed() -> tuple[str, ...]:
    """Those of the packages that can be imported here; nothing of them is loaded."""
    return tuple(name for name in LIBRARIES if find_spec(name) is not None)


def from_library(library: str, name: str, arguments: Mapping[str, Any]) -> Given:
    """A network and the inputs that it takes. Raises StudioError."""
    if find_spec(library) is None:
        raise StudioError(f"{library} is not installed.", f"Install it with  pip install {library}")
    try:
        return _MADE[library](name, arguments)
    except StudioError:
        raise
    except (Exception, SystemExit) as error:
        raise fault_of(error, f"{library} could not make {name}") from error


def names_of(library: str) -> tuple[str, ...]:
    """All names that a package knows. This imports it."""
    return tuple(sorted(_NAMES[library]())) if find_spec(library) else ()


def _known(library: str, name: str) -> None:
    names = _NAMES[library]()
    if name not in names:
        near = get_close_matches(name, names, 3)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"It has {len(names)} others."
        raise StudioError(f"{library} has no {name!r}.", hint)


def _timm(name: str, arguments: Mapping[str, Any]) -> Given:
    _known("timm", name)
    module: Any = import_module("timm").create_model(name, **{"pretrained": False, **arguments})
    sizes = tuple(module.pretrained_cfg.get("input_size") or (3, 224, 224))
    return module, (InputShape("", (1, *sizes)),)


def _torchvision(name: str, arguments: Mapping[str, Any]) -> Given:
    _known("torchvision", name)
    module = import_module("torchvision.models").get_model(name, **{"weights": None, **arguments})
    return module, (InputShape("", (1, 3, 224, 224)),)


def _transformers(name: str, arguments: Mapping[str, Any]) -> Given:
    _known("transformers", name)
    package: Any = import_module("transformers")
    config = package.CONFIG_MAPPING[name](**arguments)
    config.use_cache = False
    module = package.AutoModel.from_config(config)
    main = str(module.main_input_name)
    size = getattr(config, "image_size", 224)
    shapes = {
        "pixel_values": InputShape(main, (1, 3, *(size if isinstance(size, list | tuple) else (size, size)))),
        "input_values": InputShape(main, (1, 16000)),
        "input_ids": InputShape(main, (1, WORDS), "int64"),
    }
    pair = (InputShape("decoder_input_ids", (1, WORDS), "int64"),) if config.is_encoder_decoder else ()
    return module, (shapes[main], *pair) if main in shapes else ()


_MADE: Mapping[str, Callable[[str, Mapping[str, Any]], Given]] = {
    "timm": _timm,
    "torchvision": _torchvision,
    "transformers": _transformers,
}
_NAMES: Mapping[str, Callable[[], list[str]]] = {
    "timm": lambda: import_module("timm").list_models(),
    "torchvision": lambda: import_module("torchvision.models").list_models(),
    "transformers": lambda: list(import_module("transformers").CONFIG_MAPPING.keys()),
}
