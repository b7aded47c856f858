//! The head of a figure: title, caption and legend, each centred.

use super::Figure;
use super::font;
use super::palette::{FAINT, INK};
use super::scene::{Align, Area, Colour, Scene, Text};

/// Dots an em.
const TITLE: i32 = 32;
const TEXT: i32 = 24;
/// Dots of a line, letters and air.
const TITLE_LINE: i32 = 50;
const TEXT_LINE: i32 = 36;
/// Air over the first line.
const TOP: i32 = 12;
/// Dots of a legend's sample, from it to its text, and between entries.
const SAMPLE: i32 = 44;
const NEAR: i32 = 12;
const FAR: i32 = 36;

/// What a legend shows beside a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sample {
    /// A filled box.
    Box,
    /// Strokes of a line, (dots on, dots off).
    Strokes(i32, i32),
}

/// One line of a legend.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub label: String,
    pub colour: Colour,
    pub sample: Sample,
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
    for entry in entries {
        match rows.last_mut() {
            Some(row) if row_width(row) + FAR + entry_width(&entry) <= room => row.push(entry),
            _ => rows.push(vec![entry]),
        }
    }
    rows
}

fn entry_width(entry: &Entry) -> i32 {
    SAMPLE + NEAR + font::width(&entry.label, TEXT)
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
        sample(scene, entry, x, y);
        let room = scene.width - SAMPLE - 2 * NEAR;
        let at = (x + SAMPLE + NEAR, y);
        scene.text(Text::new(&entry.label, at, TEXT, Align::Start, INK).within(room));
        x += entry_width(entry) + FAR;
    }
}

fn sample(scene: &mut Scene, entry: &Entry, x: i32, y: i32) {
    match entry.sample {
        Sample::Box => scene.rect(Area::new(x, y - 9, x + SAMPLE, y + 9), entry.colour),
        Sample::Strokes(on, off) => {
            for start in (x..x + SAMPLE).step_by((on + off).unsigned_abs() as usize) {
                let end = (start + on).min(x + SAMPLE);
                scene.rect(Area::new(start, y - 2, end, y + 2), entry.colour);
            }
        }
    }
}
