# make run · make test · make lint · make torture · make bench · make pages · make wheel
# Each makes its own environment first, in .venv.

RUN := .venv/bin/python
export OMP_WAIT_POLICY ?= PASSIVE
WORKERS ?= $(shell nproc 2>/dev/null || echo 2)

.PHONY: run test lint format types imports torture bench pages wheel clean

run: .venv/ready
	$(RUN) -m studio samples/cnn_digits.loom --train

test: .venv/ready
	OMP_NUM_THREADS=1 QT_QPA_PLATFORM=offscreen $(RUN) -m pytest -n $(WORKERS) --dist loadfile

lint: format types imports

format: .venv/ready
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .

types: .venv/ready
	$(RUN) -m pyright

imports: .venv/ready
	.venv/bin/lint-imports

torture: .venv/ready
	OMP_NUM_THREADS=1 QT_QPA_PLATFORM=offscreen $(RUN) -m pytest -m torture

bench: .venv/ready
	for program in $$(grep -l __main__ benchmarks/*.py); do \
		$(RUN) -m "benchmarks.$$(basename $$program .py)" || exit 1; \
	done

pages: .venv/ready
	$(RUN) tools/sample_pages.py

wheel: .venv/ready
	$(RUN) -m build --wheel

.venv/ready: pyproject.toml constraints.txt tools/setup.sh
	./tools/setup.sh

clean:
	rm -rf .venv build dist .ruff_cache .pytest_cache .hypothesis .import_linter_cache
