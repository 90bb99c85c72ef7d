#!/usr/bin/env bash
# Makes .venv with everything Neuroloom needs, in the versions of constraints.txt. Installs Debian's or Ubuntu's
# system libraries where they are missing and that is permitted; otherwise says the exact command and goes on
# (without them the window cannot open; training in the terminal works all the same).
set -euo pipefail
cd "$(dirname "$0")/.."

QT="libegl1 libgl1 libglib2.0-0 libdbus-1-3 libxkbcommon0 libfontconfig1 fonts-dejavu-core"
SCREEN="libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0"
NEW_ENOUGH='import sys; sys.exit(sys.version_info < (3, 11))'

install_packages() {  # what for, then the packages: 0 if they are there afterwards
    local reason=$1; shift
    local missing=() name
    command -v apt-get >/dev/null || { echo "neuroloom: $reason: install the equivalents of: $*" >&2; return 1; }
    for name in "$@"; do
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q "ok installed" || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            echo "neuroloom: $reason: run  sudo apt-get install --no-install-recommends ${missing[*]}" >&2
            return 1
        fi
        root=(sudo -n)
    fi
    "${root[@]}" apt-get update -qq || true
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "${missing[@]}" >/dev/null && return 0
    echo "neuroloom: $reason: these could not be installed: ${missing[*]}" >&2
    return 1
}

find_python() {
    local name
    for name in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && "$name" -c "$NEW_ENOUGH" 2>/dev/null; then echo "$name"; return; fi
    done
    echo "neuroloom: Python 3.11 or newer is needed; name one with  make PYTHON=/path/to/python3 run" >&2
    return 1
}

torch_sources() {  # without an NVIDIA card the builds for the CPU save some gigabytes
    [ "$(uname -s)" = Linux ] && ! command -v nvidia-smi >/dev/null || return 0
    local settings
    settings=$(.venv/bin/pip config list 2>/dev/null || true)
    [[ $settings =~ index|find-links ]] && return 0  # sources of your own stay as they are
    echo "--extra-index-url ${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}"
}

PYTHON=$(find_python)
if [ "${1:-}" = "--system" ]; then
    shift
    # shellcheck disable=SC2086
    install_packages "the window and its tests need Qt's system libraries" $QT || true
    install_packages "more is needed here" "$@" || true
    exit 0
fi

if ! .venv/bin/python -c "$NEW_ENOUGH" 2>/dev/null; then
    "$PYTHON" -m venv .venv 2>/dev/null || {
        version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        install_packages "Python's venv is missing" "python$version-venv" && "$PYTHON" -m venv .venv
    }
fi
echo "neuroloom: installing into .venv (some minutes the first time)"
# shellcheck disable=SC2046
.venv/bin/python -m pip install --quiet --constraint constraints.txt $(torch_sources) --editable ".[test]"

# shellcheck disable=SC2086
if [ "$(uname -s)" = Linux ] && ! .venv/bin/python -c "import PySide6.QtWidgets" 2>/dev/null; then
    install_packages "the window needs Qt's system libraries" $QT $SCREEN || true
elif [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v apt-get >/dev/null; then
    install_packages "windows under X need these" $SCREEN || true
fi
touch .venv/ready
