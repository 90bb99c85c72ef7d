"""Functions of formulas that compute: layers as functions, norms, and reductions."""

from __future__ import annotations

from math import prod
from string import ascii_lowercase

from studio.interchange.keras.twins.formulas.call import Call, Write


def along(named: str) -> Write:
    """A reduction with torch's dim and keepdim."""
    return lambda call: f"ops.{named}({call.code('x')}{call.where()})"


def counted(call: Call) -> str:
    """How many values are not 0; Keras' own turns the result on one backend."""
    return f'ops.sum(ops.cast(ops.cast({call.code("x")}, "bool"), "int32"){call.where()})'


def crossed(call: Call) -> str:
    """The cross product, for which the backends of Keras take dimensions each in its own way."""
    axis = call.value("dim", -1)
    one, other = (
        [f"ops.roll({call.code(name)}, {by}, axis={axis})" for by in (-1, -2)] for name in ("x", "other")
    )
    return f"({one[0]} * {other[1]} - {one[1]} * {other[0]})"


def linear(call: Call) -> str:
    """A Linear whose weights are tensors of the formula."""
    return _biased(call, f"ops.matmul({call.code('x')}, ops.transpose({call.code('weight')}))")


def _biased(call: Call, text: str) -> str:
    return f"({text} + {call.code('bias')})" if call.has("bias") else text


def _per_channel(call: Call, name: str) -> str:
    """A vector with a value for each channel, as it meets (N, C, …)."""
    return f"ops.reshape({call.code(name)}, {(-1, *[1] * (len(call.shape('x')) - 2))})"


def _scaled(call: Call, text: str) -> str:
    text = f"({text} * {_per_channel(call, 'weight')})" if call.has("weight") else text
    return f"({_per_channel(call, 'bias')} + {text})" if call.has("bias") else text


def convolved(call: Call) -> str:
    """A convolution whose kernel is a tensor of the formula."""
    dims = len(call.shape("x")) - 2
    stride, padding, dilation = (
        _each(call, name, default, dims) for name, default in (("stride", 1), ("padding", 0), ("dilation", 1))
    )
    if max(stride) > 1 and max(dilation) > 1:
        raise call.refused()
    groups = call.value("groups", 1)
    given = f"{call.code('x')}, {call.code('weight')}, {stride}, {padding}, {dilation}"
    given += f", {groups}" if groups != 1 else ""
    text = f"{call.copied('convolved')}({given})"
    return f"({_per_channel(call, 'bias')} + {text})" if call.has("bias") else text


def _each(call: Call, name: str, default: int, dims: int) -> tuple[int, ...]:
    value = call.value(name, default)
    given: tuple[int, ...] = tuple(value) if isinstance(value, tuple | list) else (value,)
    if not all(isinstance(one, int) for one in given):
        raise call.refused()
    return given if len(given) == dims else (given[0],) * dims


def spread(call: Call) -> str:
    """Variance and standard deviation, which torch divides by one less than there are values."""
    less = call.value("correction", 1 if call.value("unbiased", True) else 0)
    factor = f" * {_corrected(call, less)!r}" if less else ""
    text = f"(ops.var({call.code('x')}{call.where()}){factor})"
    return f"ops.sqrt{text}" if call.name == "std" else text


def _corrected(call: Call, less: int) -> float:
    shape, dims = call.shape("x"), call.axis()
    over = range(len(shape)) if dims is None else dims if isinstance(dims, tuple) else (dims,)
    sizes = [shape[axis] for axis in over]
    if None in sizes:
        raise call.refused()
    count = prod(size or 0 for size in sizes)
    return count / (count - less)


def norm(call: Call) -> str:
    """The length of vectors."""
    order, where, text = call.value("ord", 2), call.where(), call.code("x")
    if order == 2:
        return f"ops.sqrt(ops.sum(ops.square({text}){where}))"
    if order == 1:
        return f"ops.sum(ops.abs({text}){where})"
    if order == float("inf"):
        return f"ops.max(ops.abs({text}){where})"
    return f"ops.power(ops.sum(ops.power(ops.abs({text}), {order}){where}), {1 / order!r})"


def normalized(call: Call) -> str:
    """Vectors of the length 1."""
    order, eps = call.value("p", 2.0), call.value("eps", 1e-12)
    return f"ops.normalize({call.code('x')}, axis={call.value('dim', 1)}, order={order:g}, epsilon={eps})"


def cosine(call: Call) -> str:
    """The cosine of the angle between vectors."""
    axis, eps = call.value("dim", 1), call.value("eps", 1e-8)
    one, other = (f"ops.normalize({call.code(name)}, axis={axis}, epsilon={eps})" for name in ("x", "x2"))
    return f"ops.sum({one} * {other}, axis={axis})"


def norm_except(call: Call) -> str:
    """The length of what lies at each place of one dimension."""
    rank, dim, order = len(call.shape("x")), call.value("dim", 0), call.value("pow", 2)
    if order != 2:
        raise call.refused()
    axes = tuple(axis for axis in range(rank) if axis != dim % rank)
    return f"ops.sqrt(ops.sum(ops.square({call.code('x')}), axis={axes}, keepdims=True))"


def einsum(call: Call) -> str:
    """Keras takes an equation in small letters, without blanks."""
    equation = call.value("equation").replace(" ", "")
    capitals = {one for one in equation if one.isupper()}
    free = iter(sorted(set(ascii_lowercase) - set(equation)))
    equation = equation.translate({ord(one): next(free) for one in sorted(capitals)})
    return f"ops.einsum({equation!r}, {', '.join(call.codes('operands'))})"


def layer_norm(call: Call) -> str:
    """A LayerNorm whose weights are tensors of the formula."""
    axes = tuple(range(-len(call.value("normalized_shape")), 0))
    text = _to_one(call, call.code("x"), axes)
    return _biased(call, f"({text} * {call.code('weight')})" if call.has("weight") else text)


def rms_norm(call: Call) -> str:
    """An RMSNorm whose weight is a tensor of the formula."""
    axes = tuple(range(-len(call.value("normalized_shape")), 0))
    x, eps = call.code("x"), call.value("eps", 2**-23)
    text = f"({x} * ops.rsqrt(ops.mean(ops.square({x}), axis={axes}, keepdims=True) + {eps}))"
    return f"({text} * {call.code('weight')})" if call.has("weight") else text


def _to_one(call: Call, text: str, axes: tuple[int, ...]) -> str:
    return f"{call.copied('scaled_to_one')}({text}, {axes}, {call.value('eps', 1e-5)})"


def group_norm(call: Call) -> str:
    """A GroupNorm whose weights are tensors of the formula."""
    x, groups, rank = call.code("x"), call.value("num_groups"), len(call.shape("x"))
    split = f"ops.reshape({x}, (-1, {groups}, {x}.shape[1] // {groups}, *{x}.shape[2:]))"
    text = _to_one(call, split, tuple(range(2, rank + 1)))
    return _scaled(call, f"ops.reshape({text}, (-1, *{x}.shape[1:]))")


def instance_norm(call: Call) -> str:
    """An InstanceNorm by each sample's own numbers."""
    if not call.value("use_input_stats", True):
        raise call.refused()
    axes = tuple(range(2, len(call.shape("x"))))
    return _scaled(call, _to_one(call, call.code("x"), axes))


def batch_norm(call: Call) -> str:
    """A BatchNorm by the numbers that it has learned, or by those of the batch."""
    if call.value("training", False):
        return _scaled(call, _to_one(call, call.code("x"), (0, *range(2, len(call.shape("x"))))))
    mean, spread = (_per_channel(call, f"running_{name}") for name in ("mean", "var"))
    return _scaled(call, f"(({call.code('x')} - {mean}) * ops.rsqrt({spread} + {call.value('eps', 1e-5)}))")


def attention(call: Call) -> str:
    """Attention; a mask says what may be looked at, or holds numbers that are added."""
    given = [call.code(name) for name in ("query", "key", "value")]
    if call.value("enable_gqa", False):
        given[1:] = [f"ops.repeat({one}, {_heads(call)}, axis=-3)" for one in given[1:]]
    if call.has("attn_mask"):
        given.append(f"mask={call.code('attn_mask')}")
    given += ["causal=True"] if call.value("is_causal", False) else []
    given += [f"scale={call.value('scale')!r}"] if call.has("scale") else []
    return f"{call.copied('dot_product_attention')}({', '.join(given)})"


def _heads(call: Call) -> int:
    """How many heads of the query share one of the key."""
    asking, asked = call.shape("query")[-3], call.shape("key")[-3]
    if asking is None or asked is None:
        raise call.refused()
    return asking // asked


def clamped(call: Call) -> str:
    """Keras wants both bounds."""
    bounds = [call.code(name) for name in ("min", "max") if call.has(name)]
    if len(bounds) == 2:
        return f"ops.clip({call.code('x')}, {', '.join(bounds)})"
    return f"ops.{'maximum' if call.has('min') else 'minimum'}({call.code('x')}, {bounds[0]})"


def gelu(call: Call) -> str:
    """Keras' own is the approximate one."""
    return f"ops.gelu({call.code('x')}, approximate={call.value('approximate', 'none') == 'tanh'})"


def prelu(call: Call) -> str:
    """A slope below zero for each channel, or one for all."""
    weight = call.code("weight") if call.shape("weight") == (1,) else _per_channel(call, "weight")
    x = call.code("x")
    return f"ops.where({x} > 0, {x}, {weight} * {x})"


def not_dropped(call: Call) -> str:
    """A dropout that is switched off."""
    if call.value("training", True):
        raise call.refused()
    return call.code("x")


def one_hot(call: Call) -> str:
    """1 at the place that a number names, 0 elsewhere."""
    return f'ops.one_hot({call.code("x")}, {call.value("num_classes")}, dtype="{call.dtype()}")'


def pooled_whole(call: Call) -> str:
    """The mean or the largest value of each channel, where one is left."""
    if set(call.result()[2:]) != {1}:
        raise call.refused()
    axes = tuple(range(2, len(call.shape("x"))))
    named = "max" if "max" in call.name else "mean"
    return f"ops.{named}({call.code('x')}, axis={axes}, keepdims=True)"
