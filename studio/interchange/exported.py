"""What an export has written, and how far what was written agrees with the network it came from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Exported:
    """Files that were written, the first of them what was asked for.

    `largest_difference` is that of any value of any result on `samples` samples, None where nothing was
    compared; `notes` are sentences on what a reader of the files should know.
    """

    paths: tuple[Path, ...]
    largest_difference: float | None = None
    notes: tuple[str, ...] = ()
    samples: int = 0

    @property
    def sentence(self) -> str:
        """network.onnx written; largest difference on 8 samples: 3.1e-07."""
        written = f"{', '.join(path.name for path in self.paths)} written"
        return f"{written}; {self.difference}." if self.difference else f"{written}."

    @property
    def difference(self) -> str:
        """largest difference on 8 samples: 3.1e-07; empty where nothing was compared."""
        if self.largest_difference is None:
            return ""
        count = f"{self.samples} sample{'' if self.samples == 1 else 's'}"
        on = f" on {count}" if self.samples else ""
        return f"largest difference{on}: {self.largest_difference:.1e}"
