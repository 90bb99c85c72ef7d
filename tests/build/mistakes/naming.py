"""Mistakes in names, types, parameters and fields of the data."""

from __future__ import annotations

from tests.build.drawings import node
from tests.build.mistakes.making import Mistake, classes, conv, numbers, row, scores

NAMING = (
    Mistake(
        "a name that PyTorch uses itself",
        classes(conv("conv1"), node("forward", "ReLU")),
        says="forward: this name does not work: PyTorch itself uses the name forward",
        at="forward",
        fix="Rename it to forward1",
    ),
    Mistake(
        "a name that is a word of Python",
        classes(conv("conv1"), node("class", "ReLU")),
        says="class: this name does not work: a name is letters, digits and underscores, starts with a "
        "letter, and is no Python keyword",
        at="class",
        fix="Rename it to class1",
    ),
    Mistake(
        "a name with a blank",
        classes(conv("conv1"), node("my layer", "ReLU")),
        says="my layer: this name does not work: a name is letters, digits and underscores, starts with "
        "a letter, and is no Python keyword",
        at="my layer",
        fix="Rename it to my_layer",
    ),
    Mistake(
        "a name that begins with a digit",
        classes(conv("conv1"), node("2nd", "ReLU")),
        says="2nd: this name does not work: a name is letters, digits and underscores, starts with a "
        "letter, and is no Python keyword",
        at="2nd",
        fix="Rename it to n2nd",
    ),
    Mistake(
        "a layer's name mistyped",
        classes(node("conv1", "Conv2D"), node("relu1", "ReLU")),
        says="conv1: there is no layer called Conv2D",
        at="conv1",
        fix="Make it Conv2d",
    ),
    Mistake(
        "a layer of a newer version",
        classes(conv("conv1"), node("relu1", "ReLU"), node("new", "HyperGate9")),
        says="new: there is no layer called HyperGate9",
        at="new",
        fix="Remove new",
    ),
    Mistake(
        "a parameter's name mistyped",
        classes(node("conv1", "Conv2d", kernal_size=5), node("relu1", "ReLU")),
        says="conv1: Conv2d has no parameter kernal_size",
        at="conv1.kernal_size",
        fix="Rename kernal_size to kernel_size",
        severity="warning",
    ),
    Mistake(
        "a parameter of another layer",
        classes(conv("conv1"), node("relu1", "ReLU", momentum=0.1)),
        says="relu1: ReLU has no parameter momentum",
        at="relu1.momentum",
        fix="Remove momentum",
        severity="warning",
    ),
    Mistake(
        "a number out of its bounds",
        classes(conv("conv1", channels=0), node("relu1", "ReLU")),
        says="conv1: out_channels takes a whole number of at least 1, not 0",
        at="conv1.out_channels",
        fix="Set out_channels back to 32",
    ),
    Mistake(
        "a share above 1",
        classes(conv("conv1"), node("relu1", "ReLU"), node("drop", "Dropout", p=1.5)),
        says="drop: p takes a number from 0 to 1, not 1.5",
        at="drop.p",
        fix="Set p back to 0.5",
    ),
    Mistake(
        "a text for a number",
        classes(conv("conv1", channels="many"), node("relu1", "ReLU")),  # type: ignore[arg-type]
        says="conv1: out_channels takes a whole number of at least 1, not 'many'",
        at="conv1.out_channels",
        fix="Set out_channels back to 32",
    ),
    Mistake(
        "a word that is no choice",
        classes(conv("conv1", padding_mode="mirror"), node("relu1", "ReLU")),
        says="conv1: padding_mode takes one of zeros, reflect, replicate, circular, not 'mirror'",
        at="conv1.padding_mode",
        fix="Set padding_mode back to 'zeros'",
    ),
    Mistake(
        "as many sizes as there are no dimensions",
        classes(conv("conv1", kernel_size=(3, 3, 3)), node("relu1", "ReLU")),
        says="conv1: kernel_size takes whole numbers (1 or 2 of them) of at least 1, not [3, 3, 3]",
        at="conv1.kernel_size",
        fix="Set kernel_size back to 3",
    ),
    Mistake(
        "a formula that reads what is not there",
        classes(node("conv1", "Conv2d", out_channels="= 2 * width"), node("relu1", "ReLU")),
        says="conv1: out_channels is a formula: there is nothing called width here; there are: image.shape, "
        "rows.shape, words.shape, words.count, label.shape, label.classes, answer.shape, answer.classes, "
        "price.shape, photo.shape, steps.shape, number.shape, share.shape, change.shape, mask.shape",
        at="conv1.out_channels",
        fix="Set out_channels back to 32",
    ),
    Mistake(
        "an Input without a field",
        classes(field=""),
        says="x: no field of the data is chosen",
        at="x.field",
        fix="Take the field image",
    ),
    Mistake(
        "a field's name mistyped",
        classes(field="imag"),
        says="x: the data has no field imag",
        at="x.field",
        fix="Take the field image",
    ),
    Mistake(
        "a target's name mistyped",
        numbers(node("fc", "Linear", out_features=1), target="prize"),
        says="loss: the data has no field prize to compare with",
        at="loss.target",
        fix="Compare with price",
    ),
    Mistake(
        "a loss without a target",
        numbers(node("fc", "Linear", out_features=1), target=""),
        says="loss: no field to compare with is chosen",
        at="loss.target",
        fix="Compare with price",
    ),
    Mistake(
        "a table shorter than the words",
        row(
            node("embedding", "Embedding", num_embeddings=10),
            node("flatten", "Flatten"),
            *scores(),
            field="words",
        ),
        says="embedding: words holds numbers up to 19; the table ends at 9",
        at="embedding.num_embeddings",
        fix="Set num_embeddings to 20",
    ),
)
