"""The functions of formulas that are called otherwise in keras.ops than in torch, with torch's arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from studio.interchange.keras.twins.formulas import computing, shaping
from studio.interchange.keras.twins.formulas.call import Call, Write, template

Told = tuple[str, Write]
"""The names of a function's arguments, and what writes its call."""
SHAPING: Mapping[str, Told] = {
    **dict.fromkeys(("reshape", "view"), ("x *shape", shaping.reshaped)),
    **dict.fromkeys(("reshape_as", "view_as"), ("x other", shaping.reshaped)),
    "flatten": ("x start_dim end_dim", shaping.reshaped),
    "unflatten": ("x dim sizes", shaping.reshaped),
    **dict.fromkeys(("expand", "broadcast_to"), ("x *size", shaping.expanded)),
    "expand_as": ("x other", shaping.expanded),
    "permute": ("x *dims", shaping.permuted),
    "t": ("x", template("ops.transpose({x})")),
    "transpose": ("x dim0 dim1", template("ops.swapaxes({x}, {dim0}, {dim1})")),
    "movedim": ("x source destination", template("ops.moveaxis({x}, {source}, {destination})")),
    **dict.fromkeys(("repeat", "tile"), ("x *dims", template("ops.tile({x}, {dims})"))),
    "repeat_interleave": ("x repeats dim", template("ops.repeat({x}, {repeats}, axis={dim})", dim=None)),
    "pad": ("x pad mode value", shaping.padded),
    "roll": ("x shifts dims", shaping.rolled),
    "interpolate": ("x size scale_factor mode align_corners antialias", shaping.resized),
}
PARTS: Mapping[str, Told] = {
    "chunk": ("x chunks dim", shaping.divided),
    "split": ("x split_size_or_sections dim", shaping.divided),
    "tensor_split": ("x indices_or_sections dim", shaping.divided),
    "unbind": ("x dim", shaping.unbound),
    "narrow": ("x dim start length", shaping.cut),
    "select": ("x dim index", shaping.cut),
    "gather": ("x dim index", shaping.taken),
    "take_along_dim": ("x index dim", shaping.taken),
    "index_select": ("x dim index", template("ops.take({x}, {index}, axis={dim})")),
    "embedding": ("x weight padding_idx max_norm norm_type scale_grad_by_freq sparse", shaping.embedded),
    "tril": ("x diagonal", template("ops.tril({x}, {diagonal})", diagonal=0)),
    "triu": ("x diagonal", template("ops.triu({x}, {diagonal})", diagonal=0)),
    "diagonal": (
        "x offset dim1 dim2",
        template("ops.diagonal({x}, {offset}, {dim1}, {dim2})", offset=0, dim1=0, dim2=1),
    ),
    "argsort": ("x dim descending", lambda call: shaping.in_order(call, 1)),
    **{
        name: ("x dim keepdim", computing.along(name))
        for name in ("argmax", "argmin", "any", "all", "amax", "amin")
    },
    "count_nonzero": ("x dim", computing.counted),
}
MADE: Mapping[str, Told] = {
    "zeros": ("*size dtype", shaping.filled),
    "ones": ("*size dtype", shaping.filled),
    "full": ("size fill_value dtype", shaping.filled),
    "new_zeros": ("x *size dtype", shaping.filled),
    "new_ones": ("x *size dtype", shaping.filled),
    "new_full": ("x size fill_value dtype", shaping.filled),
    "arange": ("*ends dtype", shaping.counted),
    "one_hot": ("x num_classes", computing.one_hot),
    "to": ("x dtype", shaping.cast),
    "type_as": ("x other", shaping.cast),
    **dict.fromkeys(shaping.KINDS, ("x memory_format", shaping.cast)),
    **dict.fromkeys(("contiguous", "clone"), ("x memory_format", template("{x}"))),
    "detach": ("x", template("ops.stop_gradient({x})")),
}
COMPUTING: Mapping[str, Told] = {
    "linear": ("x weight bias", computing.linear),
    **{f"conv{n}d": ("x weight bias stride padding dilation groups", computing.convolved) for n in (1, 2, 3)},
    "var": ("x dim unbiased keepdim correction", computing.spread),
    "std": ("x dim unbiased keepdim correction", computing.spread),
    "norm": ("x ord dim keepdim", computing.norm),
    "normalize": ("x p dim eps", computing.normalized),
    "layer_norm": ("x normalized_shape weight bias eps", computing.layer_norm),
    "rms_norm": ("x normalized_shape weight eps", computing.rms_norm),
    "group_norm": ("x num_groups weight bias eps", computing.group_norm),
    "instance_norm": (
        "x running_mean running_var weight bias use_input_stats momentum eps",
        computing.instance_norm,
    ),
    "batch_norm": ("x running_mean running_var weight bias training momentum eps", computing.batch_norm),
    "scaled_dot_product_attention": (
        "query key value attn_mask dropout_p is_causal scale enable_gqa",
        computing.attention,
    ),
    "cosine_similarity": ("x x2 dim eps", computing.cosine),
    "einsum": ("equation *operands", computing.einsum),
    "norm_except_dim": ("x pow dim", computing.norm_except),
    "clamp": ("x min max", computing.clamped),
    "masked_fill": ("x mask value", template("ops.where({mask}, {value}, {x})")),
    **{
        f"adaptive_{kind}_pool{n}d": ("x output_size", computing.pooled_whole)
        for kind in ("avg", "max")
        for n in (1, 2, 3)
    },
    **dict.fromkeys(
        ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"),
        ("x p training", computing.not_dropped),
    ),
    "lerp": ("x end weight", template("({x} + {weight} * ({end} - {x}))")),
    "addcmul": ("x tensor1 tensor2 value", template("({x} + {value} * {tensor1} * {tensor2})", value=1)),
    "addcdiv": ("x tensor1 tensor2 value", template("({x} + {value} * {tensor1} / {tensor2})", value=1)),
    **{
        name: (
            f"x {one} {other} beta alpha",
            template(f"({{beta}} * {{x}} + {{alpha}} * ops.matmul({{{one}}}, {{{other}}}))", beta=1, alpha=1),
        )
        for name, one, other in (
            ("addmm", "mat1", "mat2"),
            ("baddbmm", "batch1", "batch2"),
            ("addmv", "mat", "vec"),
        )
    },
    "rsub": ("x other alpha", template("({other} - {alpha} * {x})", alpha=1)),
    "frac": ("x", template("({x} - ops.trunc({x}))")),
    "exp2": ("x", template("ops.power(2.0, {x})")),
    "logit": ("x", template("ops.log({x} / (1 - {x}))")),
    "hypot": ("x other", template("ops.sqrt(ops.square({x}) + ops.square({other}))")),
    "cross": ("x other dim", computing.crossed),
    "tensordot": ("x other dims", template("ops.tensordot({x}, {other}, axes={dims})", dims=2)),
    "nan_to_num": (
        "x nan posinf neginf",
        template(
            "ops.nan_to_num({x}, nan={nan}, posinf={posinf}, neginf={neginf})",
            nan=0.0,
            posinf=None,
            neginf=None,
        ),
    ),
}
ACTIVATIONS: Mapping[str, Told] = {
    "gelu": ("x approximate", computing.gelu),
    "elu": ("x alpha", template("ops.elu({x}, alpha={alpha})", alpha=1.0)),
    "celu": ("x alpha", template("ops.celu({x}, alpha={alpha})", alpha=1.0)),
    "selu": ("x", template("ops.selu({x})")),
    "relu6": ("x", template("ops.relu6({x})")),
    "mish": ("x", template("({x} * ops.tanh(ops.softplus({x})))")),
    "leaky_relu": (
        "x negative_slope",
        template("ops.leaky_relu({x}, negative_slope={negative_slope})", negative_slope=0.01),
    ),
    "prelu": ("x weight", computing.prelu),
    "hardsigmoid": ("x", template("ops.hard_sigmoid({x})")),
    "hardswish": ("x", template("ops.hard_silu({x})")),
    "hardtanh": ("x min_val max_val", template("ops.clip({x}, {min_val}, {max_val})", min_val=-1, max_val=1)),
    "glu": ("x dim", template("ops.glu({x}, axis={dim})", dim=-1)),
    "logsigmoid": ("x", template("ops.log_sigmoid({x})")),
    "softmin": ("x dim", template("ops.softmax(-{x}, axis={dim})")),
    "tanhshrink": ("x", template("({x} - ops.tanh({x}))")),
}
FUNCTIONS: Mapping[str, Told] = {**SHAPING, **PARTS, **MADE, **COMPUTING, **ACTIVATIONS}
PAIRS: Mapping[str, tuple[str, Callable[[Call, int], str]]] = {
    "sort": ("x dim descending", shaping.in_order),
    "topk": ("x k dim largest sorted", shaping.largest),
}
"""Functions that give values and places, of which a formula takes one."""
