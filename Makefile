# make book     build the book and say where to open it
# make test     everything that must hold: lint, tests, notebooks, book, browser
# make lab      read and run the chapters in JupyterLab
# make chapters re-execute every notebook in place, and draw the landing page's picture
# make address  carry the repository's address from _config.yml to the files that repeat it
# make lock     renew requirements.lock from pyproject.toml
# make clean    remove what make has made

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
SITE := _build/html

.DEFAULT_GOAL := help
.PHONY: help setup book test lint lab chapters address lock clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

setup: $(INSTALLED)

# The stamp is removed first and written last, so that an interrupted installation is never
# mistaken for a whole one: the next make starts it anew.
$(INSTALLED): requirements.lock pyproject.toml
	@python=$$(PYTHON="$(PYTHON)" sh tools/find_python.sh) || exit 1; \
	if [ ! -f $@ ]; then \
		echo "Creating $(VENV) with $$python ($$($$python --version)); about 8 GB, a few minutes ..."; \
		$$python -m venv --clear $(VENV); \
	fi
	@rm -f $@
	$(BIN)/python -m pip install --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --editable .
	@touch $@

book: $(INSTALLED)
	$(BIN)/jupyter-book build . --warningiserror --keep-going
	@echo "Open $(CURDIR)/$(SITE)/index.html in a browser."

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

test: lint book
	$(BIN)/python -m pytest tests
	$(BIN)/python -m pytest --nbval chapters

lab: $(INSTALLED)
	$(BIN)/jupyter lab --notebook-dir=. chapters

chapters: $(INSTALLED)
	$(BIN)/python book/hero.py
	$(BIN)/python tools/execute_chapters.py

address: $(INSTALLED)
	$(BIN)/python tools/stamp_address.py

lock: $(INSTALLED)
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --all-extras \
		--no-header --no-annotate --no-emit-index-url --upgrade --output-file requirements.lock

clean:
	rm -rf $(VENV) _build .pytest_cache .hypothesis .ruff_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
