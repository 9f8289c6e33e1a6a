# Installs the pinned clients into the folder $work. Sourced by run.sh and compare.sh, which set $here and $work.

install_python() {
    python3 -m venv "$work/venv" && "$work/venv/bin/pip" install --quiet -r "$here/requirements.txt"
}

# Installs the JavaScript clients, and beside them the scripts that are given.
install_javascript() {
    mkdir "$work/js" && cp "$here/package.json" "$@" "$work/js"
    (cd "$work/js" && npm install --silent --no-audit --no-fund)
}

target_directory() {
    cargo metadata --format-version 1 --no-deps --manifest-path "$here/../Cargo.toml" |
        sed 's/.*"target_directory":"\([^"]*\)".*/\1/'
}
