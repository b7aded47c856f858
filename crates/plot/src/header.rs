//! The head of a figure: title, caption and legend, each centred.

use super::Figure;
use super::font;
use super::glyph::{self, Glyph};
use super::palette::{self, FAINT, INK, PAPER};
use super::scene::{Align, Area, Colour, Scene, Text};

/// Dots an em.
const TITLE: i32 = 32;
const TEXT: i32 = 24;
/// Dots of a line, letters and air.
const TITLE_LINE: i32 = 50;
const TEXT_LINE: i32 = 36;
/// Air over the first line.
const TOP: i32 = 12;
/// Dots of a legend's swatch, from it to its text, and between entries.
const SWATCH: i32 = 44;
const NEAR: i32 = 12;
const FAR: i32 = 36;

/// More rows would leave no room for the panels; the last one says how many entries are left out.
const MOST_ROWS: usize = 8;

/// What a legend shows beside a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Swatch {
    /// A filled box.
    Box,
    /// Strokes of a line, (dots on, dots off).
    Strokes(i32, i32),
    /// A whole line, with the glyph of its points.
    Line(Option<Glyph>),
    /// A glyph alone.
    Glyph(Glyph),
    /// The colours of depth, from the first layer to the last.
    Depth,
    /// Nothing: the label is a remark.
    None,
}

/// One line of a legend.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub label: String,
    pub colour: Colour,
    pub swatch: Swatch,
}

/// The distinct legend entries of all panels, in order of appearance.
pub(super) fn legend(figure: &Figure) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for entry in figure.panels.iter().flat_map(|panel| panel.kind().legend()) {
        if !entry.label.is_empty() && !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    entries
}

/// The entries in rows that fit into `room` dots.
pub(super) fn rows(entries: Vec<Entry>, room: i32) -> Vec<Vec<Entry>> {
    let mut rows: Vec<Vec<Entry>> = Vec::new();
    for mut entry in entries {
        entry.label = font::shortened(&entry.label, TEXT, room - SWATCH - NEAR);
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
    /// A line of text without a swatch.
    pub(super) fn remark(label: String) -> Self {
        Entry { label, colour: INK, swatch: Swatch::None }
    }

    /// The dots of the swatch and from it to the label.
    fn before(&self) -> i32 {
        if self.swatch == Swatch::None { 0 } else { SWATCH + NEAR }
    }
}

fn entry_width(entry: &Entry) -> i32 {
    entry.before() + font::width(&entry.label, TEXT)
}

fn row_width(row: &[Entry]) -> i32 {
    row.iter().map(|entry| entry_width(entry) + FAR).sum::<i32>() - FAR
}

/// The height in dots of a head with these legend rows.
pub(super) fn height(figure: &Figure, legend_rows: usize) -> i32 {
    let title = if figure.title.is_empty() { 0 } else { TITLE_LINE };
    let caption = if figure.caption.is_empty() { 0 } else { TEXT_LINE };
    TOP + title + caption + legend_rows as i32 * TEXT_LINE
}

/// Draws the head.
pub(super) fn draw(scene: &mut Scene, figure: &Figure, legend: &[Vec<Entry>]) {
    let (centre, room) = (scene.width / 2, scene.width - 40);
    let mut y = TOP;
    let lines = [(&figure.title, TITLE, TITLE_LINE, INK), (&figure.caption, TEXT, TEXT_LINE, FAINT)];
    for (text, size, line, colour) in lines.into_iter().filter(|(text, ..)| !text.is_empty()) {
        scene.text(Text::new(text, (centre, y + line / 2), size, Align::Middle, colour).within(room));
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
        Swatch::Depth => {
            for part in 0..SWATCH / 4 {
                let left = x + part * 4;
                let colour = palette::depth(part as usize, (SWATCH / 4) as usize);
                scene.rect(Area::new(left, y - 9, left + 4, y + 9), colour);
            }
        }
        Swatch::None => {}
    }
}

/// A box, outlined where it is as white as the paper.
fn boxed(scene: &mut Scene, area: Area, colour: Colour) {
    if colour == PAPER {
        scene.rect(area, INK);
        scene.rect(area.grown(-2), colour);
    } else {
        scene.rect(area, colour);
    }
}
