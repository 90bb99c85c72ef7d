"""Layers of the Transformer and stacks of them in Keras, by functions of the source."""

from __future__ import annotations

from studio.interchange.keras.twin import HERE, Arrays, Module, Said, Site, Twin, array, said
from studio.interchange.keras.twins.attention import attention_arrays, input_at, mask_of, masks_lack
from studio.interchange.keras.twins.linear import dense_arrays

SETTINGS = (
    ("heads", "nhead", None),
    ("width", "dim_feedforward", 2048),
    ("dropout", "dropout", 0.1),
    ("activation", "activation", "relu"),
    ("epsilon", "layer_norm_eps", 1e-5),
    ("norm_first", "norm_first", False),
    ("use_bias", "bias", True),
)
"""What the functions call torch's settings, with their defaults."""


def _settings(site: Site) -> list[str]:
    return [text for keras, torch, default in SETTINGS if (text := site.keyword(keras, torch, default))]


def _causal(site: Site) -> bool:
    return bool(site.options.get("causal") or site.step.kwargs.get("causal"))


def _masks(site: Site, own: tuple[str, str], memory: str = "") -> list[str]:
    """The arguments that say what may look at what."""
    padding, pairs = (input_at(site, port) for port in own)
    mask = mask_of(padding, pairs)
    other = mask_of(input_at(site, memory), "") if memory else ""
    found = [f"mask={mask}"] if mask else []
    found += [f"memory_mask={other}"] if other else []
    return [*found, *(["causal=True"] if _causal(site) else [])]


def _encoder_layer(site: Site) -> Said:
    masks = _masks(site, ("src_key_padding_mask", "src_mask"))
    given = [HERE, *_settings(site), *masks, f"name={site.named()}"]
    return said(f"transformer_encoder_layer({', '.join(given)})", copies=("transformer_encoder_layer",))


def _decoder_layer(site: Site) -> Said:
    masks = _masks(site, ("tgt_key_padding_mask", "tgt_mask"), "memory_key_padding_mask")
    given = [HERE, site.inputs[1], *_settings(site), *masks, f"name={site.named()}"]
    return said(f"transformer_decoder_layer({', '.join(given)})", copies=("transformer_decoder_layer",))


def _encoder(site: Site) -> Said:
    masks = _masks(site, ("src_key_padding_mask", "mask"))
    norm = site.keyword("final_norm", "final_norm", False)
    given = [HERE, site.text("num_layers"), norm, *_settings(site), *masks, f"name={site.named()}"]
    return said(f"transformer_encoder({', '.join(filter(None, given))})", copies=("transformer_encoder",))


def _decoder(site: Site) -> Said:
    masks = _masks(site, ("tgt_key_padding_mask", "tgt_mask"), "memory_key_padding_mask")
    norm = site.keyword("final_norm", "final_norm", False)
    given = [HERE, site.inputs[1], site.text("num_layers"), norm, *_settings(site), *masks]
    call = f"transformer_decoder({', '.join(filter(None, [*given, f'name={site.named()}']))})"
    return said(call, copies=("transformer_decoder",))


def _whole(site: Site) -> Said:
    """The encoder on the source, then the decoder on the target with the encoder's result as its memory."""
    target = site.outputs["output"]
    padding = input_at(site, "src_key_padding_mask")
    source = mask_of(padding, input_at(site, "src_mask"))
    settings = ["final_norm=True", *_settings(site)]
    encoder = [HERE, site.text("num_encoder_layers"), *settings]
    encoder += [f"mask={source}"] if source else []
    encoder.append(f"name={site.named('_encoder')}")
    decoder = [site.inputs[1], target, site.text("num_decoder_layers"), *settings]
    own = mask_of(input_at(site, "tgt_key_padding_mask"), input_at(site, "tgt_mask"))
    decoder += [f"mask={own}"] if own else []
    decoder += [f"memory_mask={mask_of(padding, '')}"] if padding else []
    decoder += ["causal=True"] if _causal(site) else []
    decoder.append(f"name={site.named('_decoder')}")
    calls = (f"transformer_encoder({', '.join(encoder)})", f"transformer_decoder({', '.join(decoder)})")
    return said(*calls, copies=("transformer_encoder", "transformer_decoder"))


def _norm(module: Module) -> list[object]:
    return [array(one) for one in (module.weight, module.bias) if one is not None]


def layer_weights(module: Module, behind: str = "") -> dict[str, list[object]]:
    """The weights of an encoder or decoder layer, by what its Keras layers have behind the name."""
    found = {
        f"{behind}_self_attn": attention_arrays(module.self_attn),
        f"{behind}_linear1": dense_arrays(module.linear1),
        f"{behind}_linear2": dense_arrays(module.linear2),
        f"{behind}_norm1": _norm(module.norm1),
        f"{behind}_norm2": _norm(module.norm2),
    }
    if hasattr(module, "norm3"):
        found[f"{behind}_multihead_attn"] = attention_arrays(module.multihead_attn)
        found[f"{behind}_norm3"] = _norm(module.norm3)
    return found


def _stack_weights(module: Module, behind: str = "") -> Arrays:
    found: dict[str, list[object]] = {}
    for at, layer in enumerate(module.layers):
        found |= layer_weights(layer, f"{behind}_{at}")
    if module.norm is not None:
        found[f"{behind}_norm"] = _norm(module.norm)
    return found


def _whole_weights(module: Module) -> Arrays:
    return {**_stack_weights(module.encoder, "_encoder"), **_stack_weights(module.decoder, "_decoder")}


TRANSFORMER = {
    "TransformerEncoderLayer": Twin(_encoder_layer, "torch", layer_weights, masks_lack),
    "TransformerDecoderLayer": Twin(_decoder_layer, "torch", layer_weights, masks_lack),
    "TransformerEncoder": Twin(_encoder, "torch", _stack_weights, masks_lack),
    "TransformerDecoder": Twin(_decoder, "torch", _stack_weights, masks_lack),
    "Transformer": Twin(_whole, "torch", _whole_weights, masks_lack),
}
