"""Formulas on tensors, such as `a * sigmoid(b)`: which names they read, and the PyTorch they stand for.

Only what is listed here is understood; a formula is never run as Python at large.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 2000
LARGEST_POWER = 64
"""Of numbers; powers of tensors are not bound."""
TORCH = (
    *("abs", "acos", "acosh", "add", "addbmm", "addcdiv", "addcmul", "addmm", "addmv", "addr"),
    *("affine_grid_generator", "all", "amax", "angle"),
    *("amin", "any", "arange", "argmax", "argmin", "argsort", "as_strided", "asin", "asinh", "atan"),
    *("atan2", "atanh", "baddbmm", "bincount", "bitwise_and", "bitwise_not", "bitwise_or"),
    *("bitwise_xor", "block_diag", "bmm", "broadcast_to", "bucketize", "cat", "cdist", "ceil", "chunk"),
    *("clamp", "clone", "column_stack", "complex", "conj", "copysign", "corrcoef", "cos", "cosh"),
    *("count_nonzero", "cov", "cross", "cummax", "cummin", "cumprod"),
    *("cumsum", "deg2rad", "detach", "diag", "diag_embed", "diagonal", "diagonal_scatter", "diff"),
    *(
        "digamma",
        "div",
        "dot",
        "dstack",
        "einsum",
        "eq",
        "erf",
        "erfc",
        "erfinv",
        "exp",
        "exp2",
        "expm1",
        "eye",
    ),
    *("fft.fft", "fft.fft2", "fft.fftfreq", "fft.fftn", "fft.fftshift", "fft.ifft", "fft.ifft2"),
    *("fft.ifftn", "fft.ifftshift", "fft.irfft", "fft.irfft2", "fft.irfftn", "fft.rfft", "fft.rfft2"),
    *("fft.rfftfreq", "fft.rfftn", "flatten", "flip", "fliplr", "flipud", "float_power", "floor"),
    *("floor_divide", "fmod", "frac", "full", "full_like", "gather", "ge", "gru", "gru_cell", "gt"),
    *("hamming_window", "hann_window", "heaviside", "histc", "hstack", "hypot", "imag", "index_add"),
    *("index_copy", "index_fill", "index_put", "index_reduce", "index_select", "isclose", "isfinite"),
    *("isin", "isinf", "isnan", "istft", "kron", "kthvalue", "le", "lerp", "lgamma", "linalg.cholesky"),
    *("linalg.cross", "linalg.det", "linalg.eigh", "linalg.eigvalsh", "linalg.inv", "linalg.lstsq"),
    *("linalg.matrix_norm", "linalg.matrix_power", "linalg.multi_dot", "linalg.pinv", "linalg.qr"),
    *("linalg.slogdet", "linalg.solve", "linalg.solve_triangular", "linalg.svd", "linalg.svdvals"),
    *("linspace", "log", "log10", "log1p", "log2", "log_softmax", "logaddexp", "logaddexp2"),
    *("logcumsumexp", "logdet", "logical_and", "logical_not", "logical_or", "logical_xor"),
    *("logit", "logspace", "logsumexp", "lstm", "lstm_cell", "lt", "masked_fill", "masked_scatter"),
    *("matmul", "matrix_exp", "maximum", "mean", "median", "meshgrid", "minimum", "mode", "movedim"),
    *("mul", "mv", "nan_to_num", "nanmean", "nanmedian", "nansum", "narrow", "ne", "neg"),
    *("norm_except_dim", "numel", "ones", "ones_like", "outer", "polar", "pow", "prod", "quantile"),
    *("rand", "rand_like", "randn", "randn_like", "real", "reciprocal", "relu", "remainder", "renorm"),
    *(
        "repeat_interleave",
        "rnn_relu",
        "rnn_relu_cell",
        "rnn_tanh",
        "rnn_tanh_cell",
        "roll",
        "rot90",
        "round",
        "rsqrt",
        "rsub",
    ),
    *("scatter", "scatter_add", "scatter_reduce", "searchsorted", "select", "select_scatter"),
    *("sgn", "sigmoid", "sign", "signbit", "sin", "sinc", "sinh", "slice_scatter", "softmax", "sort"),
    *(
        "special.entr",
        "special.erf",
        "special.erfcx",
        "special.expit",
        "special.gammaln",
        "special.logit",
        "split",
        "sqrt",
        "square",
        "squeeze",
    ),
    *("stack", "std", "stft", "sub", "sum", "take", "take_along_dim", "tan", "tanh", "tensor_split"),
    *("tensordot", "tile", "topk", "trace", "transpose", "trapezoid", "tril", "tril_indices", "triu"),
    *("triu_indices", "true_divide", "trunc", "unbind", "unflatten", "unsqueeze", "var"),
    *("linalg.vecdot", "vander", "vdot", "vstack"),
    *("view_as_complex", "view_as_real", "where", "xlogy", "zeros", "zeros_like"),
)
FUNCTIONAL = (
    *("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d"),
    *("adaptive_max_pool2d", "adaptive_max_pool3d", "affine_grid", "alpha_dropout", "avg_pool1d"),
    *("avg_pool2d", "avg_pool3d", "batch_norm", "bilinear", "binary_cross_entropy"),
    *("binary_cross_entropy_with_logits", "celu", "channel_shuffle", "conv1d"),
    *("conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
    *("cosine_embedding_loss", "cross_entropy", "dropout"),
    *("dropout1d", "dropout2d", "dropout3d", "elu", "embedding", "embedding_bag"),
    *("feature_alpha_dropout", "fold", "gelu", "glu", "grid_sample", "group_norm", "grouped_mm"),
    *("gumbel_softmax", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "huber_loss"),
    *(
        "instance_norm",
        "interpolate",
        "kl_div",
        "l1_loss",
        "layer_norm",
        "leaky_relu",
        "linear",
        "local_response_norm",
        "logsigmoid",
    ),
    *("lp_pool1d", "lp_pool2d", "max_pool1d", "max_pool2d", "max_pool3d", "max_unpool1d"),
    *("max_unpool2d", "max_unpool3d", "mish", "mse_loss", "multi_head_attention_forward", "nll_loss"),
    *("normalize", "one_hot"),
    *("pad", "pairwise_distance", "pdist", "pixel_shuffle", "pixel_unshuffle", "prelu", "relu6"),
    *("rms_norm", "rrelu", "scaled_dot_product_attention", "selu", "silu", "smooth_l1_loss"),
    *("softmin", "softplus"),
    *("softshrink", "softsign", "tanhshrink", "threshold", "unfold", "upsample"),
)
METHODS = (
    *("expand", "expand_as", "reshape", "reshape_as", "view", "view_as", "permute", "repeat", "contiguous"),
    *("new_zeros", "new_ones", "new_full", "to", "type_as", "float", "double", "half", "bfloat16", "long"),
    *("int", "bool", "index_put", "t"),
)
DTYPES = (
    *("float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8"),
    *("complex64", "complex128", "bool"),
)
FUNCTIONS: Mapping[str, str] = {
    **{name.replace(".", "_"): f"torch.{name}" for name in TORCH},
    **{name: f"F.{name}" for name in FUNCTIONAL},
    **{name: f".{name}" for name in METHODS},
    "max": "torch.amax",
    "min": "torch.amin",
    "norm": "torch.linalg.vector_norm",
    "cosine_similarity": "F.cosine_similarity",
    "windows": ".unfold",
}
"""What may be called, and what it is in PyTorch: max and min along dimensions, maximum and minimum of two.

Those with a dot in front are methods of their first argument; windows(x, dim, size, step) is x.unfold(…).
"""
KEPT = frozenset(
    (
        *("abs", "acos", "asin", "atan", "atan2", "bmm", "cat", "ceil", "clamp", "cos", "cosh", "cumprod"),
        *("cumsum", "einsum", "elu", "embedding", "erf", "exp", "expm1", "flatten", "flip", "float", "floor"),
        *("gelu", "lerp", "log", "log10", "log1p", "log2", "log_softmax", "logical_not", "logsumexp"),
        *("matmul", "max", "maximum", "mean", "min", "minimum", "mish", "movedim", "norm", "normalize"),
        *("numel", "ones_like", "outer", "pow", "prod", "relu", "roll", "round", "rsqrt", "sigmoid", "sign"),
        *("silu", "sin", "sinh", "softmax", "softplus", "softsign", "sqrt", "square", "squeeze", "stack"),
        *("std", "sum", "tan", "tanh", "transpose", "unsqueeze", "var", "where", "zeros_like"),
        "cosine_similarity",
    )
)
"""Functions whose names no tensor can have; those of the others are free where nothing is called."""
CONSTANTS: Mapping[str, str] = {
    "pi": "math.pi",
    "e": "math.e",
    "inf": "math.inf",
    **{name: f"torch.{name}" for name in DTYPES},
}
ATTRIBUTES = ("shape", "device", "dtype")
"""What may be read off a tensor: x.shape[0] is the number of samples."""
PACKAGES = ("torch", "F", "nn", "np", "numpy", "math")
"""Names that people put in front of a function out of habit."""
OPERATORS = (
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult),
    *(ast.BitAnd, ast.BitOr, ast.BitXor, ast.USub, ast.UAdd, ast.Invert),
    *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was understood: the names it reads in order of appearance, and its code on them.

    In `code` the names stand in braces, as in "{a} * torch.sigmoid({b})".
    """

    text: str
    names: tuple[str, ...]
    code: str


@lru_cache(maxsize=1024)
def read_formula(text: str) -> Formula:
    """Understand a formula. Raises ValueError that says what is not understood."""
    if len(text) > LONGEST:
        raise ValueError(f"a formula has at most {LONGEST} characters; this one has {len(text)}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        at = f" at character {error.offset}" if error.offset else ""
        raise ValueError(f"this is no formula{at}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"this is no formula: {error}") from None
    names: dict[str, None] = {}
    try:
        code = ast.unparse(_Reader(names).visit(tree))
    except RecursionError:
        raise ValueError("this formula is nested too deeply") from None
    if not names:
        raise ValueError("a formula reads at least one tensor; give it a name, such as x")
    for name in names:
        code = code.replace(_held(name), f"{{{name}}}")
    return Formula(text, tuple(names), code)


def _held(name: str) -> str:
    """What stands for a variable until the code is text."""
    return f"__{name}__"


class _Reader(ast.NodeTransformer):
    """Refuses everything that is not listed, collects names, and puts PyTorch in place of functions."""

    def __init__(self, names: dict[str, None]) -> None:
        self._names = names

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Only what this class visits by name is known."""
        if isinstance(node, (ast.expr_context, *OPERATORS)):
            return node
        shown = ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__
        raise ValueError(f"{shown} is not understood in a formula")

    def _inside(self, node: ast.AST) -> ast.AST:
        return super().generic_visit(node)

    visit_UnaryOp = visit_Compare = visit_Tuple = visit_List = visit_Slice = _inside  # noqa: N815

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A tensor, or a constant."""
        if node.id in CONSTANTS:
            return ast.parse(CONSTANTS[node.id], mode="eval").body
        if node.id in KEPT:
            raise ValueError(f"{node.id} is a function: write {node.id}(…)")
        if node.id.startswith("_"):
            raise ValueError(f"a name starts with a letter, not as {node.id}")
        self._names[node.id] = None
        return ast.Name(_held(node.id), ast.Load())

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """A power of plain numbers stays small: Python would compute any, for as long as it takes."""
        if isinstance(node.op, ast.Pow) and not any(isinstance(one, ast.Name) for one in ast.walk(node)):
            right = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
            plain = isinstance(node.left, ast.Constant) and isinstance(right, ast.Constant)
            power = right.value if isinstance(right, ast.Constant) else None
            if not plain or not isinstance(power, int | float) or power > LARGEST_POWER:
                raise ValueError(f"{ast.unparse(node)} is too large a power; write the number itself")
        return self._inside(node)

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        """Numbers, and the texts of einsum."""
        if node.value is None or node.value is ... or isinstance(node.value, bool | int | float):
            return node
        if isinstance(node.value, str) and all(c.isalpha() or c in " ,->._" for c in node.value):
            return node
        raise ValueError(f"{node.value!r} is not understood in a formula")

    def visit_Subscript(self, node: ast.Subscript) -> ast.Subscript:
        """Parts of a tensor: x[:, 0]."""
        return ast.Subscript(self.visit(node.value), self.visit(node.slice), ast.Load())

    def visit_Attribute(self, node: ast.Attribute) -> ast.Attribute:
        """Sizes and the like of a tensor: x.shape."""
        if node.attr not in ATTRIBUTES:
            raise ValueError(f"{ast.unparse(node)} is not understood in a formula")
        return ast.Attribute(self.visit(node.value), node.attr, ast.Load())

    def visit_Call(self, node: ast.Call) -> ast.Call:
        """A function of those listed; x.mean(1) is mean(x, 1)."""
        name, first = node.func, list[ast.expr]()
        if isinstance(name, ast.Attribute):
            if isinstance(name.value, ast.Name) and name.value.id in PACKAGES:
                raise ValueError(f"write {name.attr}(…) without {name.value.id} in front")
            name, first = ast.Name(name.attr), [name.value]
        if not isinstance(name, ast.Name) or name.id not in FUNCTIONS:
            raise ValueError(
                f"there is no function {ast.unparse(name)}; there are: {', '.join(sorted(KEPT))} and others"
            )
        args = [self.visit(one) for one in (*first, *node.args)]
        keywords = [ast.keyword(one.arg, self.visit(one.value)) for one in node.keywords]
        if any(one.arg is None for one in keywords):
            raise ValueError("** is not understood in a formula")
        target = FUNCTIONS[name.id]
        if target.startswith("."):
            return _method(target[1:], args, keywords)
        return ast.Call(ast.parse(target, mode="eval").body, args, keywords)


def _method(name: str, args: list[ast.expr], keywords: list[ast.keyword]) -> ast.Call:
    """A call of a method of the first argument."""
    if not args:
        raise ValueError(f"{name}(…) works on a tensor: write {name}(x)")
    return ast.Call(ast.Attribute(args[0], name, ast.Load()), args[1:], keywords)
