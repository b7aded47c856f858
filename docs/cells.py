"""Runs the PyTorch cells of the book and compares what they print with what the page says.

A cell is a block of Python that is followed by a block of text, its output. The cells of a page run in their order and
share their names, as in a notebook.

    python docs/cells.py             compares every page; exits with 1 if a cell prints something else
    python docs/cells.py --write     writes the outputs into the pages
    python docs/cells.py --self-test shows the comparison an output that it must reject

The outputs are rounded to what PyTorch's versions and processors agree on.
"""

import contextlib
import io
import pathlib
import re
import sys

CELL = re.compile(r"```python\n(?P<code>.*?)```\n\n```text\n(?P<output>.*?)```", re.DOTALL)


def printed(code, names):
    """What a cell prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "cell", "exec"), names)
    return out.getvalue()


def run(text):
    """The page with the outputs of its cells, and the number of cells."""
    names = {"__name__": "cells"}
    return CELL.subn(lambda cell: f"```python\n{cell['code']}```\n\n```text\n{printed(cell['code'], names)}```", text)


def self_test():
    page = "```python\nprint(1 + 1)\n```\n\n```text\n{}\n```\n"
    assert run(page.format(2)) == (page.format(2), 1)
    assert run(page.format(3))[0] != page.format(3)
    assert run("```python\nopen('x')\n```\n") == ("```python\nopen('x')\n```\n", 0)


def main(options):
    self_test()
    if options == ["--self-test"]:
        return 0
    import torch

    torch.set_num_threads(1)
    stale, cells = [], 0
    for path in sorted(pathlib.Path(__file__).parent.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        fresh, count = run(text)
        cells += count
        if fresh != text and options == ["--write"]:
            path.write_text(fresh, encoding="utf-8")
        elif fresh != text:
            stale.append(f"docs/{path.name}: a cell prints something else; renew it with python docs/cells.py --write")
    print("\n".join(stale) or f"{cells} cells print what their pages say")
    return 1 if stale or not cells else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
