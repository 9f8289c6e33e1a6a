#!/bin/sh
# Runs the vendors' own clients and a schema-driven tester against the fakes. Needs Python 3.11+, Node 20+, a network
# to install from; what cannot be installed is skipped, loudly, and in CI a failure. See README.md.
set -u

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
server=
failed=0

finish() {
    [ -n "$server" ] && kill "$server" 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
. "$here/install.sh"

skip() {
    echo "SKIPPED: $1"
    skipped=1
}

start_server() {
    cargo build --quiet --manifest-path "$here/../Cargo.toml" --example serve || exit 1
    : >"$work/env"
    "$(target_directory)/debug/examples/serve" >"$work/env" &
    server=$!
    while [ "$(wc -l <"$work/env")" -lt 12 ]; do
        kill -0 "$server" 2>/dev/null || { echo "the server did not start"; exit 1; }
        sleep 0.1
    done
    set -a
    . "$work/env"
    set +a
}

python_checks() {
    install_python || { skip "the Python clients and the schema tester cannot be installed"; return; }
    PATH="$work/venv/bin:$PATH"
    python "$here/sdk.py" || failed=1
    python "$here/schema.py" || failed=1
}

javascript_checks() {
    install_javascript "$here/sdk.mjs" || { skip "the JavaScript clients cannot be installed"; return; }
    (cd "$work/js" && node sdk.mjs) || failed=1
}

skipped=0
start_server
# Clients must not read a .env of the folder they are started in.
cd "$work" || exit 1
javascript_checks
python_checks
if [ "$skipped" -ne 0 ]; then
    echo "Some checks were SKIPPED; see above."
    [ "${CI:-}" != true ] || failed=1
fi
exit "$failed"
