//! The header of a figure: title and caption, broken into lines, and the legend, each centred.

use crate::Figure;
use crate::font;
use crate::glyph::{self, Glyph};
use crate::palette::{self, FAINT, INK, PAPER, SET, UNSET};
use crate::scale::Scale;
use crate::scene::{Align, Area, Colour, Scene, Text};

/// The sizes of the title and of other text, in dots per em.
const TITLE: i32 = 32;
const TEXT: i32 = 24;
/// The heights of their lines, in dots.
const TITLE_LINE: i32 = 42;
const TEXT_LINE: i32 = 36;
/// Free dots above the first line.
const TOP: i32 = 12;
/// In dots: the width of a swatch, the distance to its label, and the distance between entries.
const SWATCH: i32 = 44;
const RAMP: i32 = 240;
const NEAR: i32 = 12;
const FAR: i32 = 36;

/// The most rows of a legend: more would leave no room for the panels. The last one then counts the entries left out.
const MOST_ROWS: usize = 8;

/// The sign beside a label of a legend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Swatch {
    /// A filled box.
    Box,
    /// A broken line: the lengths of a dash and a gap, in dots.
    Strokes(i32, i32),
    /// A solid line, with the glyph of its points.
    Line(Option<Glyph>),
    /// A glyph alone.
    Glyph(Glyph),
    /// The ordered colours, from the first to the last.
    Ordered,
    /// The colours of a scale, from the lowest value to the highest.
    Ramp(Scale),
    /// Nothing: the label is a remark.
    None,
}

/// One entry of a legend.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub label: String,
    pub colour: Colour,
    pub swatch: Swatch,
}

/// The distinct legend entries of all panels, in order of appearance.
pub(crate) fn legend(figure: &Figure) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for entry in figure.panels.iter().flat_map(|panel| panel.kind().legend()) {
        if !entry.label.is_empty() && !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    entries
}

/// Puts the entries into rows that fit into `room` dots.
pub(crate) fn rows(entries: Vec<Entry>, room: i32) -> Vec<Vec<Entry>> {
    let mut rows: Vec<Vec<Entry>> = Vec::new();
    for mut entry in entries {
        entry.label = font::shortened(&entry.label, TEXT, room - entry.before());
        match rows.last_mut() {
            Some(row) if row_width(row) + FAR + entry_width(&entry) <= room => row.push(entry),
            _ => rows.push(vec![entry]),
        }
    }
    if rows.len() > MOST_ROWS {
        let left_out: usize = rows.drain(MOST_ROWS - 1..).map(|row| row.len()).sum();
        rows.push(vec![Entry::remark(format!("and {left_out} more"))]);
    }
    rows
}

impl Entry {
    /// An entry of text alone.
    pub(crate) fn remark(label: String) -> Self {
        Entry { label, colour: INK, swatch: Swatch::None }
    }

    /// The dots before the label.
    fn before(&self) -> i32 {
        match self.swatch {
            Swatch::None => 0,
            Swatch::Ramp(_) => RAMP + NEAR,
            _ => SWATCH + NEAR,
        }
    }
}

fn entry_width(entry: &Entry) -> i32 {
    entry.before() + font::width(&entry.label, TEXT)
}

fn row_width(row: &[Entry]) -> i32 {
    row.iter().map(|entry| entry_width(entry) + FAR).sum::<i32>() - FAR
}

/// The lines of title and caption, each with its size in dots per em, its height in dots, and its colour.
fn lines(figure: &Figure, width: i32) -> Vec<(String, i32, i32, Colour)> {
    let parts = [(&figure.title, TITLE, TITLE_LINE, INK), (&figure.caption, TEXT, TEXT_LINE, FAINT)];
    let broken = parts.into_iter().flat_map(|(text, size, line, colour)| {
        font::broken(text, size, width - 40).into_iter().map(move |text| (text, size, line, colour))
    });
    broken.collect()
}

/// The height in dots of a header of this width with this many legend rows.
pub(crate) fn height(figure: &Figure, width: i32, legend_rows: usize) -> i32 {
    let lines: i32 = lines(figure, width).iter().map(|&(_, _, line, _)| line).sum();
    TOP + lines + legend_rows as i32 * TEXT_LINE
}

/// Draws the header.
pub(crate) fn draw(scene: &mut Scene, figure: &Figure, legend: &[Vec<Entry>]) {
    let (centre, mut y) = (scene.width / 2, TOP);
    for (text, size, line, colour) in lines(figure, scene.width) {
        scene.text(Text::new(&text, (centre, y + line / 2), size, Align::Middle, colour));
        y += line;
    }
    for row in legend {
        draw_row(scene, row, y + TEXT_LINE / 2);
        y += TEXT_LINE;
    }
}

fn draw_row(scene: &mut Scene, row: &[Entry], y: i32) {
    let mut x = (scene.width - row_width(row)) / 2;
    for entry in row {
        swatch(scene, entry, x, y);
        scene.text(Text::new(&entry.label, (x + entry.before(), y), TEXT, Align::Start, INK));
        x += entry_width(entry) + FAR;
    }
}

fn swatch(scene: &mut Scene, entry: &Entry, x: i32, y: i32) {
    let (colour, middle) = (entry.colour, x + SWATCH / 2);
    match entry.swatch {
        Swatch::Box => boxed(scene, Area::new(x, y - 9, x + SWATCH, y + 9), colour),
        Swatch::Strokes(on, off) => {
            for start in (x..x + SWATCH).step_by((on + off).unsigned_abs() as usize) {
                let end = (start + on).min(x + SWATCH);
                scene.rect(Area::new(start, y - 2, end, y + 2), colour);
            }
        }
        Swatch::Line(dots) => {
            scene.rect(Area::new(x, y - 2, x + SWATCH, y + 2), colour);
            dots.into_iter().for_each(|dot| glyph::draw(scene, dot, (middle, y), colour));
        }
        Swatch::Glyph(sign) => glyph::draw(scene, sign, (middle, y), colour),
        Swatch::Ordered => {
            for part in 0..SWATCH / 4 {
                let left = x + part * 4;
                let colour = palette::ordered(part as usize, (SWATCH / 4) as usize);
                scene.rect(Area::new(left, y - 9, left + 4, y + 9), colour);
            }
        }
        Swatch::Ramp(scale) => {
            const PARTS: i32 = 40;
            for part in 0..PARTS {
                let area = Area::new(x + part * RAMP / PARTS, y - 9, x + (part + 1) * RAMP / PARTS, y + 9);
                scene.rect(area, scale.colour(f64::from(part) / f64::from(PARTS - 1)));
            }
        }
        Swatch::None => {}
    }
}

/// Draws a box, outlined if it may be as white as the paper, or as dark in dark mode.
fn boxed(scene: &mut Scene, area: Area, colour: Colour) {
    if [PAPER, SET, UNSET].contains(&colour) {
        scene.rect(area, INK);
        scene.rect(area.grown(-2), colour);
    } else {
        scene.rect(area, colour);
    }
}
