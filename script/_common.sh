# Shared by setup, server and test: where things are, and a virtual environment that is up to date.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
VENV="${PORTAL_VENV:-.venv}"
[[ $VENV = /* ]] || VENV="$PWD/$VENV"
export PATH="$VENV/bin:$PATH"
export DJANGO_SETTINGS_MODULE="${DJANGO_SETTINGS_MODULE:-portal.settings.dev}"
export PYTHONUNBUFFERED=1

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }

find_python() {
  for candidate in "${PYTHON:-}" python3.11 python3.12 python3.13 python3; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "Python 3.11 or newer is needed; set PYTHON to its path." >&2
  exit 1
}

# ensure_environment [dev]: create the virtual environment and install what is pinned, once.
ensure_environment() {
  local wanted stamp
  wanted="$(cat pyproject.toml constraints.txt | sha256sum | cut -d' ' -f1) $*"
  stamp="$VENV/.installed-$(printf %s "${*:-runtime}" | tr " " -)"
  if [ -x "$VENV/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    return
  fi
  if [ ! -x "$VENV/bin/python" ]; then
    say "Creating the virtual environment in $VENV"
    "$(find_python)" -m venv "$VENV"
    python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
  fi
  say "Installing dependencies (a few minutes the first time)"
  python -m pip install --disable-pip-version-check --quiet --progress-bar on \
    -c constraints.txt -r <(python script/requirements.py "$@")
  echo "$wanted" >"$stamp"
}
