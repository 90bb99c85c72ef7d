"""Makes small files of arrays, of digits that ship with scikit-learn: python samples/make_arrays.py FOLDER

digits.h5            HDF5, training and test arrays
digits.safetensors   safetensors
digits.npz           NumPy, pictures and what they show
digits.npy           the pictures alone
digits_idx/          as MNIST is written, training and test files
digits_set           as Hugging Face's library saves it, where that is installed
digits.py            a function that gives a torch Dataset
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import h5py
import numpy as np
from safetensors.numpy import save_file
from sklearn.datasets import load_digits

CODE = '''"""The digits of scikit-learn as a torch Dataset."""

import torch
from sklearn.datasets import load_digits
from torch.utils.data import Dataset


class Digits(Dataset):
    def __init__(self) -> None:
        self.images, self.labels = load_digits(return_X_y=True)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, at: int) -> tuple[torch.Tensor, int]:
        return torch.tensor(self.images[at], dtype=torch.float32).reshape(1, 8, 8) / 16, int(self.labels[at])


def digits() -> Dataset:
    return Digits()
'''


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Pictures (n, 8, 8) of 0 to 255, and what they show."""
    images, labels = load_digits(return_X_y=True)
    return (images.reshape(-1, 8, 8) * 15.9375).astype(np.uint8), labels.astype(np.int64)


def hdf5(path: Path) -> None:
    """The first 1500 to train, the others to test."""
    images, labels = digits()
    with h5py.File(path, "w") as file:
        for name, array in (("x", images), ("y", labels)):
            file.create_dataset(f"{name}_train", data=array[:1500], compression="gzip", chunks=True)
            file.create_dataset(f"{name}_test", data=array[1500:])


def safetensors(path: Path) -> None:
    """Pictures as fractions, and what they show."""
    images, labels = digits()
    save_file({"image": (images[:, None] / 255).astype(np.float32), "label": labels}, path)


def numpy(folder: Path) -> None:
    """The pictures with what they show, and the pictures alone."""
    images, labels = digits()
    np.savez(folder / "digits.npz", image=images, label=labels)
    np.save(folder / "digits.npy", images)


def idx(folder: Path) -> None:
    """The first 1500 to train, the others to test, in files of bytes behind the sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    images, labels = digits()
    for part, rows in (("train", slice(0, 1500)), ("t10k", slice(1500, None))):
        for name, array in (("images-idx3", images[rows]), ("labels-idx1", labels[rows])):
            head = struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
            (folder / f"{part}-{name}-ubyte").write_bytes(head + array.astype(np.uint8).tobytes())


def hugging_face(folder: Path) -> None:
    """A data set with pictures as PNG and with names of classes, in two parts. Raises ImportError."""
    import datasets
    from PIL import Image

    images, labels = digits()
    features = datasets.Features(
        {"image": datasets.Image(), "label": datasets.ClassLabel(names=[str(one) for one in range(10)])}
    )
    datasets.disable_progress_bars()
    parts = {}
    for name, rows in (("train", slice(0, 600)), ("test", slice(600, 800))):
        content = {"image": [Image.fromarray(one) for one in images[rows]], "label": labels[rows].tolist()}
        parts[name] = datasets.Dataset.from_dict(content, features=features)
    datasets.DatasetDict(parts).save_to_disk(folder)


def make(folder: Path) -> None:
    """Write all files, the saved set only where its library is installed."""
    folder.mkdir(parents=True, exist_ok=True)
    hdf5(folder / "digits.h5")
    safetensors(folder / "digits.safetensors")
    numpy(folder)
    idx(folder / "digits_idx")
    (folder / "digits.py").write_text(CODE, "utf-8")
    try:
        hugging_face(folder / "digits_set")
    except ImportError:
        sys.stderr.write("The package datasets is not installed: digits_set was not made.\n")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
