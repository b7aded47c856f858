#!/usr/bin/env python3
"""Tests in headless Chromium that the SVG and the PNG of every committed figure are the same picture.

    python3 tests/figures.py

Both are drawn at the size of the PNG. Edges are smoothed by two programs in two ways, so a pixel at an edge may differ by much;
a letter out of place makes many pixels differ. Needs Chromium and the standard library.
"""

import base64
import sys

from explore import ROOT, Browser

FIGURES = ROOT / "docs" / "out"

# The mean difference of a channel, of 255, that two ways of smoothing may make. Those of the figures are 1.1 or less; a picture
# that is moved by two pixels has 3.6 or more.
MOST = 1.5

COMPARE = """(async (svg, png, moved) => {
  const drawn = async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    return image;
  };
  const [first, second] = [await drawn(svg), await drawn(png)];
  const { naturalWidth: width, naturalHeight: height } = second;
  const pixels = (image, by) => {
    const canvas = new OffscreenCanvas(width, height).getContext("2d");
    canvas.fillStyle = "white";
    canvas.fillRect(0, 0, width, height);
    canvas.drawImage(image, by, 0, width, height);
    return canvas.getImageData(0, 0, width, height).data;
  };
  const [a, b] = [pixels(first, moved), pixels(second, 0)];
  return a.reduce((sum, value, at) => sum + Math.abs(value - b[at]), 0) / (3 * width * height);
})"""


def data(path, kind):
    return f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def difference(browser, path, moved=0):
    """The mean difference between a figure's SVG and its PNG, the SVG moved to the right by some pixels."""
    svg, png = data(path, "svg+xml"), data(path.with_suffix(".png"), "png")
    return browser.js(f"{COMPARE}('{svg}', '{png}', {moved})")


def main():
    figures = sorted(path for path in FIGURES.rglob("*.svg") if path.with_suffix(".png").exists())
    with Browser() as browser:
        found = {path.relative_to(FIGURES): difference(browser, path) for path in figures}
        # The comparison must reject something.
        moved = min(difference(browser, path, moved=2) for path in figures)
    wrong = [f"{path}: the SVG differs from the PNG by {by:.2f} of 255 (limit {MOST})" for path, by in found.items() if by > MOST]
    if moved <= MOST:
        wrong.append(f"a picture that is moved by two pixels differs by {moved:.2f} only: the comparison shows nothing")
    print("\n".join(wrong) or f"{len(found)} figures: SVG and PNG differ by at most {max(found.values()):.2f}, moved ones by at least {moved:.2f}")
    return 1 if wrong or not found else 0


if __name__ == "__main__":
    sys.exit(main())
