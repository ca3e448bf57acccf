#!/bin/sh
# Writes constraints.txt: one set of versions for Python 3.11 to 3.13, development tools and extras included.
# usage: sh dev/lock.sh PYTHON [--upgrade | --upgrade-package NAME]
# The resolver (uv) lives in a throw-away environment; nobody else needs it.
set -eu
cd "$(dirname "$0")/.."
python=$1
shift
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
echo "lock: resolving pyproject.toml for Python 3.11 to 3.13"
"$python" -m venv "$place/venv"
"$place/venv/bin/pip" --quiet --disable-pip-version-check install uv
cp constraints.txt "$place/pins.txt"
"$place/venv/bin/uv" --quiet pip compile pyproject.toml --extra dev --extra table --extra lab --extra cluster \
    --universal --python-version 3.11 \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file "$place/pins.txt" "$@" >/dev/null
{
    echo "# The locked set of packages for Python 3.11 to 3.13, development tools and extras included."
    echo "# Made by \`make lock\`; set-up installs exactly this. Do not edit by hand."
    grep -v '^#' "$place/pins.txt"
} >"$place/constraints.txt"
mv "$place/constraints.txt" constraints.txt
git --no-pager diff --stat -- constraints.txt
