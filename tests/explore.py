#!/usr/bin/env python3
"""Tests docs/explore.html in headless Chromium: its numbers, keyboard, names, contrast and widths.

    python3 tests/explore.py [--screenshots FOLDER]

Needs Chromium and the standard library. Expected values are those of the crates (explore.csv, which tests/explore.rs checks)
and of the lesson (docs/out).
"""

import base64
import csv
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/explore.html").as_uri()
LESSON = {
    "random": "act=tanh&gain=1&scale=none&emb=one&bias=1&depth=3&width=100&seed=42",
    "kaiming": "act=tanh&gain=1.4142135623730951&scale=fan&emb=scaled&bias=0&depth=3&width=100&seed=42",
    "xavier": "act=tanh&gain=1&scale=fan&emb=scaled&bias=0&depth=3&width=100&seed=42",
}


class Browser:
    """Chromium behind a pipe that speaks the DevTools protocol: JSON texts that end with a zero byte."""

    def __init__(self):
        program = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
        if program is None:
            sys.exit("Chromium is missing: apt-get install chromium")
        # Some of its processes write the profile for a moment after the first has ended, so removing it may fail.
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        # The child wants them as 3 and 4, so they must not have these numbers already.
        theirs_in, theirs_out = (fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (theirs_in, theirs_out))
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                 "--disable-dev-shm-usage", "--hide-scrollbars", f"--user-data-dir={self.profile.name}", "--remote-debugging-pipe"]
        self.process = subprocess.Popen(
            [program, *flags, "about:blank"], stderr=subprocess.DEVNULL, close_fds=False,
            preexec_fn=lambda: (os.dup2(theirs_in, 3), os.dup2(theirs_out, 4)))
        os.close(theirs_in)
        os.close(theirs_out)
        self.read, self.write = os.fdopen(ours_in, "rb"), os.fdopen(ours_out, "wb")
        self.next, self.session, self.events = 0, None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network", "Accessibility"]:
            self.call(f"{domain}.enable")

    def message(self):
        text = bytearray()
        while (byte := self.read.read(1)) != b"\0":
            if not byte:
                sys.exit("Chromium has ended")
            text += byte
        return json.loads(text)

    def call(self, method, **params):
        self.next += 1
        request = {"id": self.next, "method": method, "params": params}
        if self.session:
            request["sessionId"] = self.session
        self.write.write(json.dumps(request).encode() + b"\0")
        self.write.flush()
        while (answer := self.message()).get("id") != self.next:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def js(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression[:80]}: {answer['exceptionDetails']['exception']['description']}")
        return answer["result"].get("value")

    def until(self, condition):
        end = time.monotonic() + 180
        while not self.js(condition):
            if time.monotonic() > end:
                raise RuntimeError(f"never true: {condition}")
            time.sleep(0.02)

    def open(self, settings, width=1280, dark=False):
        """Opens the page anew at settings and waits until they are on show."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=f"{PAGE}#{settings}")
        self.until("document.readyState === 'complete' && typeof state === 'object' && state !== null")

    def to(self, settings):
        """Changes the settings of the open page by its address."""
        self.js(f"location.hash = '{settings}'")
        self.until(f"write(state.settings) === '{settings}' && write(settings) === '{settings}'")

    def press(self, key):
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.profile.cleanup()


# ---- Numbers ----

MEASURED = """(() => {
  const { seen, expected, deep } = state, rows = [], push = (name, index, value) => rows.push([name, String(index), value]);
  push("bits", 0, seen.parameters.reduce((sum, p) => p.reduce((s, x) => (s + toBits(x)) >>> 0, sum), 0));
  push("loss", 0, seen.loss);
  seen.layers.forEach((l, i) => ["mean", "std", "beyond", "gradient"].forEach(name => push(name, i + 1, l[name])));
  seen.gradients.forEach((g, i) => push("weight gradient", i + 1, g.magnitude));
  expected.forEach((l, i) => { push("theory", i + 1, l.rms); push("backward", i + 1, l.backward); });
  push("fixed variance", 0, deep.q === Infinity ? "inf" : deep.q);
  push("chi", 0, deep.slope);
  push("phase", 0, { ordered: -1, critical: 0, chaotic: 1 }[deep.phase]);
  push("fixed correlation", 0, deep.fixed);
  return rows;
})()"""

EXPECTATIONS = """(() => {
  const rows = [];
  for (const q of [0.01, 1, 30]) {
    const field = { act: '%s', weight: 1, bias: 0 }, map = correlationMap(field, q);
    const all = { "value squared": valueSquared(field.act, q), "slope squared": slopeSquared(field.act, q), "correlation at 0.3": map(0.3), "correlation at 0.9": map(0.9) };
    for (const [name, value] of Object.entries(all)) rows.push([name, String(q), value]);
  }
  return rows;
})()"""

# Largest differences, relative to the number; of a mean, in itself. Sums of the page are in double precision and those of the
# crates in single precision, 1e-6 apart at these settings; the page interpolates theory, to 1e-6. Correlations lose digits
# in functions with kinks, whose series is cut after 40 terms; fixed points lose some near criticality.
LIMITS = {"bits": 0, "phase": 0, "fixed correlation": 3e-4, "fixed variance": 1e-4, "correlation at 0.9": 2e-4}
LIMIT = 1e-5


def differences(wanted, got):
    """Lines that say which of the wanted values the page does not have."""
    found = {(name, index): float(value) if value is not None else float("nan") for name, index, value in got}
    lines = []
    for name, index, value in wanted:
        have, want = found.get((name, index), float("nan")), float(value)
        scale = max(1 if name == "mean" else 0, abs(want))
        # A variance below 1e-9 counts as 0.
        least = 1e-9 if name == "fixed variance" else 0
        if not (have == want or abs(have - want) <= max(least, LIMITS.get(name, LIMIT) * scale)):
            lines.append(f"{name} {index}: {have}, not {want}")
    return lines


def expected_rows():
    """The rows of explore.csv by settings or activation."""
    by_settings = {}
    with open(ROOT / "tests/explore.csv", newline="") as file:
        for row in csv.DictReader(file):
            by_settings.setdefault(row["settings"], []).append((row["quantity"], row["index"], row["value"]))
    return by_settings


def test_numbers(browser):
    expected, moved = expected_rows(), set()
    browser.open(LESSON["kaiming"])
    for settings, wanted in expected.items():
        if "=" in settings:
            browser.to(settings)
        got = browser.js(MEASURED if "=" in settings else EXPECTATIONS % settings)
        check(not (lines := differences(wanted, got)), f"{settings}: {'; '.join(lines[:5])}")
        for name, index, value in wanted:
            # A digit that moved is rejected, in every quantity.
            if float(value) != 0 and name not in moved and float(value) < float("inf"):
                moved.add(name)
                step = 1 if name == "bits" else 2e-3 * max(abs(float(value)), 1 if name == "mean" else 0)
                check(differences([(name, index, float(value) + step)], got), f"{name}: a moved digit is accepted")
    print(f"  {len(expected)} settings and activations, {sum(map(len, expected.values()))} numbers; {len(moved)} quantities moved and rejected")


def table(browser, name):
    return browser.js(f"[...$('{name}').tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent))")


def lesson_rows(name):
    with open(ROOT / f"docs/out/{name}.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_lesson_digits(browser):
    browser.js("$('numbers').open = true")
    gradients, xavier = lesson_rows("gradients"), lesson_rows("xavier-kaiming")
    for init in ["random", "kaiming"]:
        browser.to(LESSON[init])
        wanted = [[row["layer"], f"{float(row['mean']):.4f}", f"{float(row['std']):.4f}", f"{100 * float(row['saturated']):.1f}%"]
                  for row in lesson_rows(f"activations-{init}")]
        check([row[:4] for row in table(browser, "layers")] == wanted, f"{init}: {table(browser, 'layers')}, not {wanted}")
        wanted = [[row["weight"], f"{float(row[init]):.2e}"] for row in gradients]
        check([row[:2] for row in table(browser, "weights")] == wanted, f"{init}: {table(browser, 'weights')}, not {wanted}")
        loss = {"random": "18.68", "kaiming": "3.46"}[init]
        check(browser.js("$('loss').textContent").startswith(f"Loss {loss}"), f"{init}: {browser.js('$(`loss`).textContent')}")
    browser.to(LESSON["xavier"])
    wanted = [f"{float(row['xavier']):.4f}" for row in xavier]
    check([row[2] for row in table(browser, "layers")] == wanted, f"xavier: {table(browser, 'layers')}, not {wanted}")


BANDS = [
    "act=tanh&gain=1&scale=none&bias=1&depth=3", "act=tanh&gain=1.4142135623730951&depth=15", "act=gelu&gain=1.5&bias=0.3&depth=8",
    "act=relu&gain=1.4142135623730951&depth=20&width=50",
]
COVERAGE = """(() => {
  let inside = 0, all = 0;
  const count = (measured, theory, spread) => { if (spread > 0) { all++; inside += Math.abs(Math.log(measured / theory)) <= 1.96 * spread; } };
  for (let seed = 0; seed < 12; seed++) {
    const settings = parse('%s&seed=' + seed, { ...LESSON, emb: "one" }), work = observe(settings);
    let step;
    do step = work.next(); while (!step.done);
    const expected = predict(settings, step.value);
    step.value.layers.forEach((l, i) => { count(l.rms, expected[i].rms, expected[i].spread * %s); count(l.gradient, expected[i].gradient, expected[i].gradientSpread * %s); });
  }
  return inside / all;
})()"""


def test_band(browser):
    """The band, 1.96 standard deviations to first order, holds about nine of ten points; a quarter of it does not hold 85%."""
    for settings in BANDS:
        share = browser.js(COVERAGE % (settings, 1, 1))
        check(0.85 <= share, f"{settings}: the band holds {share:.1%} of the points")
        check(browser.js(COVERAGE % (settings, 0.25, 0.25)) < 0.85, f"{settings}: a narrow band is accepted")
        print(f"  {settings}: {share:.1%} in the band")


# ---- Use ----

def test_keyboard(browser):
    browser.open(LESSON["kaiming"])
    stops = []
    for _ in range(40):
        browser.press("Tab")
        stop = browser.js("document.activeElement === document.body ? null : [document.activeElement.id || document.activeElement.textContent.slice(0, 30), getComputedStyle(document.activeElement).outlineStyle]")
        if stop is None or stop in stops:
            break
        stops.append(stop)
    names = [name for name, _ in stops]
    for name in ["act", "gain", "gain-number", "scale", "emb", "bias", "depth", "width", "seed", "next-seed", "plane", "Lesson: random"]:
        check(name in names, f"Tab does not reach {name}: {names}")
    check(all(outline != "none" for _, outline in stops), f"focus is not visible: {stops}")

    for focus, key, changed in [("gain", "ArrowRight", "gain"), ("depth", "ArrowRight", "depth"), ("plane", "ArrowUp", "bias"), ("plane", "ArrowLeft", "gain"), ("act", "ArrowDown", "act")]:
        before = browser.js(f"settings.{changed}")
        sentence = browser.js("$('flow-says').textContent + $('ridges-says').textContent")
        browser.js(f"$('{focus}').focus()")
        browser.press(key)
        browser.until(f"settings.{changed} !== {json.dumps(before)} && write(state.settings) === write(settings)")
        check(browser.js("location.hash.slice(1) === write(settings)"), f"{focus}: the address is old")
        check(browser.js("$('flow-says').textContent + $('ridges-says').textContent") != sentence, f"{focus}: {sentence}")
    browser.until("$('live').textContent.includes($('flow-says').textContent)")


def test_pointer(browser):
    """A pointer marks one layer in every view, and drags the dot of the plane."""
    browser.open(LESSON["kaiming"])
    place = lambda name, x, y: browser.js(f"(() => {{ const box = $('{name}').getBoundingClientRect(); return [box.left + {x} * box.width, box.top + {y} * box.height]; }})()")
    mouse = lambda kind, at, buttons=0: browser.call("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], button="left" if buttons else "none", buttons=buttons, clickCount=1)
    for name, at in [("flow", (0.55, 0.5)), ("ridges", (0.5, 0.5))]:
        mouse("mouseMoved", place(name, *at))
        browser.until("document.querySelectorAll('.marked').length === 4")
        check(browser.js("$('layer-says').textContent").startswith("Layer 2: activations 0.415 (theory "), browser.js("$('layer-says').textContent"))
    mouse("mouseMoved", place("loss", 0.5, 0.5))
    browser.until("document.querySelectorAll('.marked').length === 0")

    browser.js("$('plane').scrollIntoView()")
    mouse("mousePressed", place("plane", 0.3, 0.5), 1)
    browser.until("settings.gain < 1 && settings.bias > 0.5 && write(state.settings) === write(settings)")
    mouse("mouseMoved", place("plane", 0.9, 0.8), 1)
    mouse("mouseReleased", place("plane", 0.9, 0.8))
    browser.until("settings.gain > 8 && settings.bias < 0.5 && write(state.settings) === write(settings)")


def test_deep_links(browser):
    browser.open("act=__proto__&gain=abc&depth=1e9&width=-3&seed=1.5&scale=<b>&bias=")
    check(browser.js("write(state.settings)") == "act=tanh&gain=1.4142135623730951&scale=fan&emb=scaled&bias=0&depth=64&width=4&seed=2", browser.js("write(state.settings)"))
    for settings in ["act=relu&gain=16&scale=none&emb=one&bias=2&depth=64&width=16&seed=1", "act=tanh&gain=0.02&scale=fan&emb=one&bias=0&depth=64&width=16&seed=1",
                     "act=identity&gain=16&scale=fan&emb=one&bias=0&depth=64&width=8&seed=3"]:
        browser.to(settings)
        words = browser.js("document.querySelector('#views').innerHTML + $('loss').textContent")
        check("NaN" not in words.replace("not a number", ""), f"{settings}: NaN is on show: {words[max(0, words.find('NaN') - 200):][:260]}")


def test_presets(browser):
    for name in browser.js("Object.keys(PRESETS)"):
        browser.js(f"[...$('presets').children].find(button => button.textContent === {json.dumps(name)}).click()")
        browser.until(f"write(state.settings) === write(PRESETS[{json.dumps(name)}])")
        check(browser.js("$('presets').querySelector('[aria-pressed=true]').textContent") == name, name)


# ---- Accessibility ----

NAMED = {"slider", "combobox", "button", "spinbutton", "img", "image", "link", "table", "status"}
CONTRAST = """(() => {
  const parse = colour => colour.match(/[\\d.]+/g).map(Number), linear = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = element => { for (let e = element; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  const bad = [];
  for (const element of document.querySelectorAll('body *')) {
    const words = [...element.childNodes].filter(node => node.nodeType === 3 && node.textContent.trim()).map(node => node.textContent.trim()).join(' ');
    if (!words || ['SCRIPT', 'STYLE', 'OPTION'].includes(element.tagName)) continue;
    const style = getComputedStyle(element), ink = element instanceof SVGElement ? style.fill : style.color;
    const [a, b] = [luminance(parse(ink)), luminance(behind(element))].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
    if (ratio < %s) bad.push(`${words.slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return bad;
})()"""
# Text on the plane stands on its shading.
PLANE_CONTRAST = """(() => {
  const of = name => getComputedStyle(document.documentElement).getPropertyValue(name), linear = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ink = luminance(of('--ink').trim().match(/\\w\\w/g).map(h => parseInt(h, 16)));
  return Math.min(...['--ordered', '--chaotic', '--ordered-deep', '--chaotic-deep'].map(name => { const [a, b] = [ink, luminance(of(name).split(',').map(Number))].sort((x, y) => y - x); return (a + 0.05) / (b + 0.05); }));
})()"""
OVERFLOW = """(() => {
  const bad = [];
  if (document.documentElement.scrollWidth > innerWidth) bad.push(`page: ${document.documentElement.scrollWidth} of ${innerWidth}`);
  for (const text of document.querySelectorAll('svg text')) {
    const inner = text.getBoundingClientRect(), outer = text.closest('svg').getBoundingClientRect();
    if (inner.left < outer.left - 1 || inner.right > outer.right + 1) bad.push(`${text.textContent}: ${inner.left - outer.left} to ${inner.right - outer.left} of ${outer.width}`);
  }
  for (const element of document.querySelectorAll('p, figcaption, label, button, h1, h2, legend, select, input'))
    if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth) bad.push(`${element.tagName} ${element.id}: ${element.scrollWidth} of ${element.clientWidth}`);
  return bad;
})()"""


def unnamed(nodes):
    """Nodes of the accessibility tree that need a name and have none."""
    role = lambda node: node.get("role", {}).get("value", "")
    return [role(node) for node in nodes if not node.get("ignored") and role(node) in NAMED - {"status"} and not node.get("name", {}).get("value", "").strip()]


def test_accessibility(browser):
    for dark in [False, True]:
        browser.open(LESSON["random"], dark=dark)
        browser.js("$('numbers').open = true")
        check(not (bad := browser.js(CONTRAST % "4.5")), f"contrast, {'dark' if dark else 'light'}: {bad[:5]}")
        check(browser.js(CONTRAST % "22"), "no text was compared")
        check((ratio := browser.js(PLANE_CONTRAST)) >= 4.5, f"contrast on the plane, {'dark' if dark else 'light'}: {ratio:.2f}")
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    check(not unnamed(nodes), f"without a name: {unnamed(nodes)}")
    roles = [node["role"]["value"] for node in nodes if not node.get("ignored") and "role" in node]
    check(sum(role in ("image", "img") for role in roles) == 4 and roles.count("slider") == 5, f"roles: {sorted(set(roles))}")
    browser.js("$('gain').labels[0].remove()")
    check(unnamed(browser.call("Accessibility.getFullAXTree")["nodes"]), "a control without a label is accepted")
    ids = browser.js("[...document.querySelectorAll('[id]')].map(element => element.id)")
    check(len(ids) == len(set(ids)), "two elements have one id")
    check(browser.js("document.documentElement.lang === 'en' && document.title.length > 0"), "no language or title")


def test_widths(browser):
    for width in [360, 768, 1000, 1280, 1600]:
        for settings in [LESSON["random"], "act=relu&gain=3&scale=none&emb=one&bias=2&depth=64&width=16&seed=1"]:
            browser.open(settings, width=width)
            check(not (bad := browser.js(OVERFLOW)), f"{width} px: {bad[:5]}")
    browser.js("$('loss').textContent = 'x'.repeat(3000)")
    check(browser.js(OVERFLOW), "text that is too wide is accepted")


def test_time(browser):
    """Prints times; a busy machine must not fail the test."""
    browser.open(LESSON["kaiming"])
    for change in ["gain", "seed"]:
        times = []
        for i in range(30):
            settings = LESSON["kaiming"].replace("seed=42", f"seed={i + 100}") if change == "seed" else LESSON["kaiming"].replace("1.4142135623730951", f"1.{2 * i + 101}")
            browser.to(settings)
            times.append(browser.js("[timing.pass, timing.theory, timing.paint]"))
        at = lambda share: [sorted(column)[int(share * (len(times) - 1))] for column in zip(*times)]
        print("  lesson's size, a new {}, fastest and median: pass {:.1f} and {:.1f} ms, theory {:.1f} and {:.1f}, paint {:.1f} and {:.1f} (a frame is 16.7)"
              .format(change, *(time for pair in zip(at(0), at(0.5)) for time in pair)))
    began = time.monotonic()
    browser.to("act=tanh&gain=1.5&scale=fan&emb=one&bias=0&depth=64&width=512&seed=1")
    print(f"  64 layers of 512, drawn and shown: {time.monotonic() - began:.1f} s")


def complaints(events):
    """What a page must not do: errors in the console, exceptions, requests to anywhere."""
    lines = []
    for event in events:
        method, params = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            lines.append(params["exceptionDetails"].get("exception", {}).get("description", "an exception"))
        if method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            lines.append(f"console: {params['args']}")
        if method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            lines.append(params["entry"]["text"])
        if method == "Network.requestWillBeSent" and not params["request"]["url"].startswith(("data:", "file:", "about:")):
            lines.append(f"request: {params['request']['url']}")
    return lines


def test_quiet(browser):
    """The last of the tests: what all others caused."""
    check(not (lines := complaints(browser.events)), f"{lines[:3]}")
    check(any(event.get("method") == "Network.requestWillBeSent" for event in browser.events), "no request was seen at all")
    browser.js("setTimeout(() => { throw new Error('planted'); }); console.error('planted'); fetch('http://127.0.0.1:9/').catch(() => {}); 0")
    end = time.monotonic() + 20
    while len(complaints(browser.events)) < 3 and time.monotonic() < end:
        time.sleep(0.05)
        browser.js("0")  # Reads the events that have come.
    check(len(complaints(browser.events)) >= 3, "planted errors and requests are accepted")


# ---- The program ----

FAILED = []


def check(condition, message):
    if not condition:
        FAILED.append(message)
        print(f"  FAILED: {message}")


SHOTS = {
    "random": (LESSON["random"], 1440, False), "kaiming-dark": (LESSON["kaiming"], 1440, True), "narrow": (LESSON["random"], 360, False),
    "critical": ("act=tanh&gain=1&scale=fan&emb=one&bias=0&depth=20&width=100&seed=42", 1440, False),
    "deep-dark": ("act=tanh&gain=2&scale=fan&emb=one&bias=0.1&depth=64&width=100&seed=42", 1440, True),
    "relu": ("act=relu&gain=1.4142135623730951&scale=fan&emb=one&bias=0&depth=30&width=60&seed=1", 1440, False),
    "gelu": ("act=gelu&gain=1.5&scale=fan&emb=one&bias=0.3&depth=12&width=100&seed=1", 1440, False),
    "sigmoid": ("act=sigmoid&gain=1&scale=fan&emb=one&bias=0&depth=20&width=100&seed=42", 1000, False),
    "overflow": ("act=relu&gain=16&scale=none&emb=one&bias=2&depth=64&width=16&seed=1", 1440, False),
    "narrow-dark": ("act=silu&gain=1.5&scale=fan&emb=one&bias=0.4&depth=10&width=100&seed=42", 360, True),
}


def take_screenshots(browser, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, (settings, width, dark) in SHOTS.items():
        browser.open(settings, width, dark)
        shot = browser.call("Page.captureScreenshot", captureBeyondViewport=True)
        (folder / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))


def main():
    with Browser() as browser:
        if sys.argv[1:2] == ["--screenshots"]:
            return take_screenshots(browser, pathlib.Path(sys.argv[2]))
        for test in [test_numbers, test_lesson_digits, test_band, test_keyboard, test_pointer, test_deep_links, test_presets,
                     test_accessibility, test_widths, test_time, test_quiet]:
            print(test.__name__)
            test(browser)
    if FAILED:
        sys.exit(f"{len(FAILED)} checks failed")
    print("the page is right")


if __name__ == "__main__":
    main()
