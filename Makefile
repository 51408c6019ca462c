# One word for each thing one does with the project; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run test check bench fuzz fmt messages lock

# PYTHON=/path/to/python names the interpreter that makes .venv; otherwise the first one of 3.11 or newer is taken,
# preferably one that can make virtual environments (Debian ships that part in a package of its own).
SUITS = import sys; sys.exit(sys.version_info < (3, 11))
MAKES_VENVS = import ensurepip, venv; $(SUITS)
CANDIDATES = $(if $(PYTHON),$(PYTHON),python3 python3.13 python3.12 python3.11 python)
define start
	@for program in "$(MAKES_VENVS)" "$(SUITS)"; do \
	  for python in $(CANDIDATES); do \
	    if "$$python" -c "$$program" >/dev/null 2>&1; then \
	      PYTHON='$(PYTHON)' exec "$$python" -m analyticbot.local.bootstrap $(1); \
	    fi; \
	  done; \
	done; \
	echo "Python 3.11 or newer is needed; looked for: $(CANDIDATES)"; \
	echo "Install one, or name it: make $@ PYTHON=/path/to/python3.12"; \
	exit 1
endef

help: ## this list
	@echo "AnalyticBot. Say make and one of:"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST)

run: ## start everything at http://127.0.0.1:8000 (PORT=8001 for another port); Ctrl-C stops it
	$(call start,run)

test: ## run the tests, after installing what they need (ARGS="tests/local -k ports" for some of them)
	$(call start,test $(ARGS))

check: ## lint, format, types, imports, templates, migrations, deployment, translations, unsafe calls, secrets, locks
	$(call start,check)

bench: ## measure speed (ARGS passes options on)
	$(call start,bench $(ARGS))

fuzz: ## send 10,000 wild requests to the API and to the forms of strangers and of members (CASES=100000 for more)
	@export FUZZ_CASES=$(or $(CASES),10000); $(MAKE) --no-print-directory test \
	  ARGS="-n 0 -s tests/api/test_fuzz.py tests/security/test_wild_forms.py"

fmt: ## format the code
	$(call start,fmt)

messages: ## bring the message catalogues up to date with the sources
	$(call start,messages)

LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)
lock: ## pin the requirements anew after a change in requirements/*.in (needs uv; UPGRADE=1 for newer versions)
	cd requirements && $(LOCK) base.in -o base.txt
	cd requirements && $(LOCK) run.in -c base.txt -o run.txt
	cd requirements && $(LOCK) production.in -c base.txt -o production.txt
	cd requirements && $(LOCK) dev.in -c run.txt -o dev.txt
