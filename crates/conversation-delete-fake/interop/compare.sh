#!/bin/sh
# Measures what the clients of docs/comparison.md do, and writes compare/comparison.json, the tables of that page and the one
# of README.md. With --check it measures, changes nothing, and fails if anything differs from what the repository holds. Takes
# seven minutes: two cases wait for the clients' time limits. See README.md.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
. "$here/install.sh"

install_python
install_javascript "$here/compare/driver.mjs"
target=$(target_directory)/compare
cargo build --quiet --manifest-path "$here/compare/rust/Cargo.toml" --target-dir "$target"

PATH="$work/venv/bin:$PATH"
export PYTHONDONTWRITEBYTECODE=1
python "$here/compare/compare.py" --javascript "$work/js" --rust "$target/debug/compare-driver" "$@"
python "$here/compare/render.py" "$@"
