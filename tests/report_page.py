#!/usr/bin/env python3
"""Tests the page of a report in headless Chromium: sorting, marking of one location in every view, links, widths.

    python3 tests/report_page.py PROGRAM

PROGRAM is step-zero. Needs Chromium and the standard library.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

from explore import ROOT, Browser

RECORDINGS = ROOT / "tests/recordings"


def page_of(program, folder, *arguments):
    """The address of the page that `observe` writes; findings make it exit with 1."""
    path = pathlib.Path(folder) / "page.html"
    done = subprocess.run([program, "observe", *arguments, "--html", path], cwd=ROOT, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr)
    return path.as_uri()


def show(browser, address, width=1280):
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    browser.call("Page.navigate", url=address)
    browser.until("document.readyState === 'complete' && typeof mark === 'function'")


def column(browser, table, at):
    rows = f"[...document.querySelectorAll('table')[{table}].tBodies[0].rows]"
    return browser.js(f"JSON.stringify({rows}.map((row) => row.cells[{at}].textContent.trim()))")


def numbers(text):
    """The numbers of a column of JSON, without empty cells."""
    return [float(cell.split("…")[0].rstrip("%×")) for cell in json.loads(text) if cell]


def test_sorting(browser):
    """Three turns: ascending, descending, the order of the network; empty cells stay last."""
    at = browser.js("[...document.querySelector('table').tHead.rows[0].cells].findIndex((c) => c.textContent.trim() === 'rms')")
    as_written = column(browser, 0, at)
    for turn, order in [("ascending", sorted), ("descending", lambda cells: sorted(cells, reverse=True))]:
        browser.js(f"document.querySelectorAll('table')[0].tHead.rows[0].cells[{at}].querySelector('button').click()")
        got = numbers(column(browser, 0, at))
        check(got == order(got), f"{turn}: {got}")
        shown = browser.js(f"document.querySelector('table').tHead.rows[0].cells[{at}].getAttribute('aria-sort')")
        check(shown == turn, f"aria-sort is {shown}, not {turn}")
    browser.js(f"document.querySelectorAll('table')[0].tHead.rows[0].cells[{at}].querySelector('button').click()")
    check(column(browser, 0, at) == as_written, "the third turn does not bring back the order of the network")
    check(numbers(as_written) != sorted(numbers(as_written)), "the column is in order as it stands: it shows nothing")


def marks(browser):
    rows = browser.js("[...document.querySelectorAll('tr.marked')].map(nameOf).join()")
    guides = browser.js("[...document.querySelectorAll('.guides')].map((g) => g.children.length).join()")
    return rows, guides


def test_marking(browser):
    """A row of twelve blocks marks twelve places in each figure, and one of these places marks the row."""
    browser.js("bodyRows.find((row) => nameOf(row) === 'blocks.{0…11}.norm1').dispatchEvent(new MouseEvent('mouseenter'))")
    check(marks(browser) == ("blocks.{0…11}.norm1", "12,12"), f"by the row: {marks(browser)}")
    spot = browser.js("""(() => {
      const [x, top, bottom] = figures[0].places['blocks.3.norm1'][0];
      const point = new DOMPoint(x, (top + bottom) / 2).matrixTransform(figures[0].svg.getScreenCTM());
      figures[0].svg.dispatchEvent(new MouseEvent('mousemove', { clientX: point.x, clientY: point.y }));
      return marked;
    })()""")
    check(spot == "blocks.3.norm1", f"pointing at its place marks {spot}")
    check(marks(browser) == ("blocks.{0…11}.norm1", "1,1"), f"by the figure: {marks(browser)}")
    browser.js("figures[0].svg.dispatchEvent(new MouseEvent('mouseleave'))")
    check(marks(browser) == ("", "0,0"), f"left: {marks(browser)}")
    check(not browser.js("isOf('blocks.{0…11}.norm1', 'blocks.3.norm10') || isOf('a.b', 'axb')"), "too many names match")


def test_findings_lead_to_rows(browser):
    name = browser.js("document.querySelector('.finding strong a').textContent")
    target = browser.js("document.querySelector(document.querySelector('.finding strong a').hash).cells[0].textContent.trim()")
    check(browser.js(f"isOf({target!r}, {name!r})"), f"{name} leads to {target}")
    headline = browser.js("document.querySelector('.headline').textContent")
    check(name in headline, f"the first screen does not name {name}: {headline}")


def test_width(browser, width):
    wide = browser.js("document.documentElement.scrollWidth")
    check(wide <= width, f"{wide} px wide on a screen of {width}")


def check(holds, message):
    if not holds:
        sys.exit(f"tests/report_page.py: {message}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        address = page_of(program, folder, "--recording", RECORDINGS / "vit-tiny.safetensors")
        show(browser, address)
        test_sorting(browser)
        test_marking(browser)
        address = page_of(program, folder, "--recording", RECORDINGS / "one-layer-too-large.safetensors")
        for width in [1280, 360]:
            show(browser, address, width)
            test_width(browser, width)
        test_findings_lead_to_rows(browser)
        show(browser, page_of(program, folder))
        test_findings_lead_to_rows(browser)
        wrong = [event for event in browser.events if event["method"] == "Runtime.exceptionThrown"]
        check(not wrong, f"errors of the script: {wrong}")
    print("the page of a report sorts, marks and links")


if __name__ == "__main__":
    main()
