"""Attention in Keras: True in a mask lets a place be looked at, where torch's keeps it away."""

from __future__ import annotations

from typing import Any

from studio.build.plan import Step
from studio.interchange.keras.twin import HERE, Array, Arrays, Module, Said, Site, Twin, array, narrowed, said

NUMBERS = "Keras' masks say which places may look at which; give a mask of true and false, not numbers."
POSITIONS_OPEN = "Positions need a length that is known; set the Input's shape to whole numbers."


def input_at(site: Site, port: str) -> str:
    """The variable at a port, "" where nothing is connected."""
    found = (one for one, name in zip(site.inputs, site.step.ports, strict=True) if name == port)
    return next(found, "")


def mask_of(padding: str, pairs: str) -> str:
    """Keras' mask from torch's: which keys are padding, and which places may not look at which."""
    parts = [f"ops.logical_not({padding})[:, None, :]"] if padding else []
    parts += [f"ops.logical_not({pairs})"] if pairs else []
    if len(parts) == 2:
        return f"ops.logical_and({', '.join(parts)})"
    return "".join(parts)


def _multihead(site: Site) -> Said:
    query = site.inputs[0]
    key = input_at(site, "key") or query
    value = input_at(site, "value") or key
    mask = mask_of(input_at(site, "key_padding_mask"), input_at(site, "attn_mask"))
    causal = bool(site.options.get("causal"))
    shares = site.used("weights")
    given = [query, value, *([key] if key != value else [])]
    given += [f"attention_mask={mask}"] if mask else []
    given += ["use_causal_mask=True"] if causal else []
    given += ["return_attention_scores=True"] if shares else []
    heads = site.text("num_heads")
    size = site.size(2)
    width = str(int(size) // site.value("num_heads")) if site.known("num_heads") and size.isdigit() else ""
    call = site.layer(
        "MultiHeadAttention",
        heads,
        width or f"{size} // {heads}",
        site.keyword("dropout", "dropout", 0.0),
        site.keyword("use_bias", "bias", True),
        on=", ".join(given),
    )
    if not shares:
        return said(call)
    weights = site.outputs["weights"]
    target = f"{site.outputs['output']}, {weights}"
    if site.options.get("average_attn_weights", True):
        return said((target, call), (weights, f"ops.mean({weights}, axis=1)"))
    return said((target, call))


def attention_arrays(module: Module) -> list[Array]:
    """The kernels and biases of query, key, value and output, by heads as Keras has them."""
    heads, width = module.num_heads, module.embed_dim
    if module.in_proj_weight is None:
        kernels = [array(one) for one in (module.q_proj_weight, module.k_proj_weight, module.v_proj_weight)]
    else:
        kernels = list(array(module.in_proj_weight).reshape(3, width, -1))
    bias = None if module.in_proj_bias is None else array(module.in_proj_bias).reshape(3, heads, -1)
    found: list[Any] = []
    for at, kernel in enumerate(kernels):
        found.append(kernel.T.reshape(kernel.shape[1], heads, -1))
        found += [] if bias is None else [bias[at]]
    found.append(array(module.out_proj.weight).T.reshape(heads, width // heads, -1))
    return found if module.out_proj.bias is None else [*found, array(module.out_proj.bias)]


def _multihead_weights(module: Module) -> Arrays:
    return {"": attention_arrays(module)}


def masks_lack(step: Step) -> str:
    """Whether a mask is one of numbers to add."""
    masks = [one for one, port in zip(step.inputs, step.ports, strict=True) if "mask" in port]
    return NUMBERS if any(one.dtype != "bool" for one in masks) else ""


def _dot_product(site: Site) -> Said:
    mask = input_at(site, "attn_mask")
    given = [*site.inputs[:3]]
    given += [f"mask={mask}"] if mask else []
    given += ["causal=True"] if site.value("is_causal") else []
    scale = site.keyword("scale", "scale", None)
    given += [scale] if scale else []
    return said(f"dot_product_attention({', '.join(given)})", copies=("dot_product_attention",))


def _dropped(step: Step) -> str:
    if step.kwargs.get("dropout_p"):
        return "The twin drops no shares of attention in training."
    return ""


def _sinusoidal(site: Site) -> Said:
    base = site.keyword("base", "base", 10000.0)
    given = ", ".join(filter(None, (HERE, base)))
    return said(f"sinusoidal_positions({given})", copies=("sinusoidal_positions",))


def _length_lacks(step: Step) -> str:
    return "" if all(isinstance(size, int) for size in step.inputs[0].shape[-2:]) else POSITIONS_OPEN


def _rotary(site: Site) -> Said:
    given = [HERE, site.keyword("base", "base", 10000.0), site.keyword("interleaved", "interleaved", False)]
    call = f"rotary_embedding({', '.join(filter(None, given))})"
    return said(call, copies=("rotary_embedding",))


def _learned(site: Site) -> Said:
    call = site.layer("LearnedPositions", site.text("num_positions"), by="")
    return said(call, copies=("LearnedPositions",))


def _token(site: Site) -> Said:
    tokens = site.keyword("tokens", "tokens", 1)
    return said(site.layer("ClassToken", tokens, by=""), copies=("ClassToken",))


def _own_weight(module: Module) -> Arrays:
    return {"": [array(module.weight)]}


FRACTIONS = ("float32", "float16")
"""Types of a buffer that is of float32 in Keras, as its weights are."""
WHOLE = ("int64", "int32", "int16", "int8", "uint8", "bool")


def _buffer(site: Site) -> Said:
    """A tensor that comes with the weights and is not learned."""
    each = "" if site.inputs else "per_sample=False"
    on = HERE if site.inputs else site.anchor
    dtype = narrowed(site.value("dtype"))
    kind = "" if dtype in FRACTIONS else f'dtype="{dtype}"'
    call = site.layer("Parameter", site.sizes("shape"), each, kind, "trainable=False", on=on, by="")
    return said(call, orders=("torch",), copies=("Parameter",))


def _buffer_weights(module: Module) -> Arrays:
    return {"": [array(module.value)]}


def _buffer_lacks(step: Step) -> str:
    if step.kwargs["dtype"] in (*FRACTIONS, "float64", *WHOLE):
        return ""
    return f"Keras holds no weights of {step.kwargs['dtype']}; put a Cast behind a Buffer of float32."


def _constant(site: Site) -> Said:
    """A fixed tensor; a layer of the source's own where it stands for each sample."""
    dtype = narrowed(site.value("dtype"))
    kind = "" if dtype == "float32" else f'dtype="{dtype}"'
    each = "" if site.inputs else "per_sample=False"
    on = HERE if site.inputs else site.anchor
    call = site.layer("Constant", site.text("value"), site.sizes("shape"), kind, each, on=on, by="")
    return said(call, orders=("torch",), copies=("Constant",))


def _parameter(site: Site) -> Said:
    each = "" if site.inputs else "per_sample=False"
    on = HERE if site.inputs else site.anchor
    start = _start(site)
    call = site.layer("Parameter", site.sizes("shape"), start, each, on=on, by="")
    return said(call, orders=("torch",), copies=("Parameter",))


def _start(site: Site) -> str:
    """What a learned tensor starts from."""
    value = site.text("value")
    starts = {
        "normal": f"keras.initializers.RandomNormal(stddev={value})",
        "uniform": f"keras.initializers.RandomUniform(-{value}, {value})",
        "constant": f"keras.initializers.Constant({value})",
    }
    return starts[site.value("start")]


ATTENTION = {
    "MultiheadAttention": Twin(_multihead, "torch", _multihead_weights, masks_lack),
    "ScaledDotProductAttention": Twin(_dot_product, "torch", differs=_dropped),
    "SinusoidalPositions": Twin(_sinusoidal, "torch", lacks=_length_lacks),
    "LearnedPositions": Twin(_learned, "torch", _own_weight),
    "RotaryEmbedding": Twin(_rotary, "torch", lacks=_length_lacks),
    "ClassToken": Twin(_token, "torch", _own_weight),
    "Constant": Twin(_constant),
    "Buffer": Twin(_buffer, weights=_buffer_weights, lacks=_buffer_lacks),
    "Parameter": Twin(_parameter, weights=_own_weight),
}
