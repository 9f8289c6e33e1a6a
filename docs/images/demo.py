#!/usr/bin/env python3
"""Draws demo.svg, the picture of the README, from a real run of `conversation-delete demo` in a pseudo-terminal.

    cargo build --release -p conversation-delete-cli
    docs/images/demo.py target/release/conversation-delete

The test `the_picture_shows_what_the_demo_prints` fails if the picture is out of date.
"""

import os
import pathlib
import pty
import re
import sys
from html import escape

COLUMNS = 122  # The width of the demo's table.
LINE_HEIGHT = 18
CHARACTER_WIDTH = 7.9  # Of the widest common monospaced font at 13 px, with some room.
MARGIN = 16

HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title">
<title id="title">A terminal shows the output of conversation-delete demo: each result of the deletes at four fake \
vendors, and a table in which all reports agree with what the fakes hold</title>
<style>
rect {{ fill: #f6f8fa; stroke: #d0d7de }}
text {{ font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328; \
white-space: pre }}
.c31 {{ fill: #a40e26 }} .c32 {{ fill: #116329 }} .c33 {{ fill: #7d4e00 }}
.prompt {{ fill: #59636e }}
@media (prefers-color-scheme: dark) {{
rect {{ fill: #0d1117; stroke: #3d444d }}
text {{ fill: #e6edf3 }}
.c31 {{ fill: #ff7b72 }} .c32 {{ fill: #56d364 }} .c33 {{ fill: #e3b341 }}
.prompt {{ fill: #9198a1 }}
}}
</style>
<rect x="0.5" y="0.5" width="{inner_width}" height="{inner_height}" rx="8"/>
"""


def main():
    program = os.path.abspath(sys.argv[1])
    lines = [line for text in run([program, "demo"]).splitlines() for line in wrap(spans(text))]
    while lines and not lines[-1]:
        lines.pop()
    prompt = [("prompt", "$ "), ("", "conversation-delete demo")]
    pathlib.Path(__file__).with_name("demo.svg").write_text(draw([prompt, *lines]), encoding="utf-8")


def run(command):
    """Returns what the command prints on a terminal. Ends the script if the command fails."""
    environment = {"TERM": "xterm-256color", "PATH": os.environ.get("PATH", "")}
    child, terminal = pty.fork()
    if child == 0:
        os.execve(command[0], command, environment)
    output = b""
    while chunk := read(terminal):
        output += chunk
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"the demo failed:\n{output.decode()}")
    return output.decode().replace("\r\n", "\n")


def read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux reports the end of a terminal as an error.
        return b""


def spans(line):
    """Splits a line into parts of one colour: its class in the picture, and its text."""
    parts, colour = [], ""
    for code, text in re.findall(r"(?:\x1b\[([0-9;]*)m)?([^\x1b]*)", line):
        if code:
            colour = "" if code == "0" else f"c{code}"
        if text:
            parts.append((colour, text))
    return parts


def wrap(parts):
    """Breaks a line where the terminal ends."""
    line, room = [], COLUMNS
    for colour, text in parts:
        while len(text) > room:
            yield [*line, (colour, text[:room])]
            line, text, room = [], text[room:], COLUMNS
        line.append((colour, text))
        room -= len(text)
    yield line


def draw(lines):
    width = round(COLUMNS * CHARACTER_WIDTH + 2 * MARGIN)
    height = len(lines) * LINE_HEIGHT + 2 * MARGIN
    head = HEAD.format(width=width, height=height, inner_width=width - 1, inner_height=height - 1)
    rows = [
        f'<text x="{MARGIN}" y="{MARGIN + 13 + row * LINE_HEIGHT}" xml:space="preserve">{"".join(map(tspan, line))}</text>\n'
        for row, line in enumerate(lines)
    ]
    return f"{head}{''.join(rows)}</svg>\n"


def tspan(part):
    colour, text = part
    return f'<tspan class="{colour}">{escape(text, quote=False)}</tspan>' if colour else escape(text, quote=False)


if __name__ == "__main__":
    main()
