"""Data: how fast samples come from files, against programs that others would write.

Times that include processes of its own count their CPU time too. The measuring modules are imported late:
processes that load samples read this one anew, and need neither torch nor scikit-learn.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")


def main() -> None:
    """Measure and print."""
    from benchmarks import data_browser, data_memory, data_pictures, data_tables
    from benchmarks.table import arguments, show

    chosen = arguments(__doc__ or "")
    show(
        [
            *data_pictures.rows(chosen.quick),
            *data_tables.rows(chosen.quick),
            *data_browser.rows(chosen.quick),
            *data_memory.rows(chosen.quick),
        ],
        chosen.json,
    )


if __name__ == "__main__":
    main()
