//! Letters as outlines of the embedded fonts, so that SVG and PNG are the same picture in every viewer.

use std::collections::BTreeSet;
use std::fmt::Write;

use ttf_parser::OutlineBuilder;

use crate::escape::escaped;
use crate::font;
use crate::scene::{Align, Colour, Primitive, Scene, Text};

/// Units of an em, in which letters are placed and drawn.
pub(crate) const EM: f64 = 1000.0;
/// The middle of capitals, where a text's position is, lies this far above the baseline, in units.
const MIDDLE: f64 = 350.0;

/// The letters of a text that have an outline, each with the units from the text's position to its origin, in reading direction.
pub(crate) fn placed(text: &Text) -> Vec<(char, f64)> {
    let total: f64 = text.text.chars().map(font::advance).sum();
    let mut pen = match text.align {
        Align::Start => 0.0,
        Align::Middle => -total / 2.0,
        Align::End => -total,
    };
    let mut letters = Vec::new();
    for letter in text.text.chars() {
        if !letter.is_whitespace() && font::glyph(letter).is_some() {
            letters.push((letter, (pen * EM).round()));
        }
        pen += font::advance(letter);
    }
    letters
}

/// Hands the outline of a letter to a builder, in units to the right and *down* from the middle of capitals.
pub(crate) fn outline(letter: char, builder: &mut impl OutlineBuilder) {
    if let Some((face, glyph)) = font::glyph(letter) {
        let scale = EM as f32 / f32::from(face.units_per_em());
        // A glyph of a font that was parsed has an outline, or is a blank.
        let _ = face.outline_glyph(glyph, &mut Downwards { builder, scale });
    }
}

/// The definitions of all letters of a scene; none without texts.
pub(crate) fn definitions(scene: &Scene) -> String {
    let texts = scene.shapes.iter().filter_map(|shape| match shape {
        Primitive::Text(text) => Some(text),
        _ => None,
    });
    let letters: BTreeSet<char> = texts.flat_map(placed).map(|(letter, _)| letter).collect();
    if letters.is_empty() {
        return String::new();
    }
    let mut definitions = String::from("<defs>\n");
    for letter in letters {
        let mut path = PathText::default();
        outline(letter, &mut path);
        let _ = writeln!(definitions, r#"<path id="{}" d="{}"/>"#, id(letter), path.0);
    }
    definitions + "</defs>\n"
}

/// A text as references to the definitions of its letters; the label has its words, for whoever reads or searches the file.
pub(crate) fn element(text: &Text) -> String {
    let Colour(red, green, blue) = text.colour;
    let turn = if text.upright { "rotate(-90)" } else { "" };
    let (x, y, scale, words) = (text.x, text.y, f64::from(text.size) / EM, escaped(&text.text));
    let mut element = format!(
        r##"<g aria-label="{words}" transform="translate({x} {y}){turn}scale({scale})" fill="#{red:02X}{green:02X}{blue:02X}">"##
    );
    for (letter, x) in placed(text) {
        let _ = write!(element, r##"<use href="#{}" x="{x}"/>"##, id(letter));
    }
    element + "</g>"
}

fn id(letter: char) -> String {
    format!("u{:x}", u32::from(letter))
}

/// Turns font units, whose y points up from the baseline, into ours.
struct Downwards<'a, B> {
    builder: &'a mut B,
    scale: f32,
}

impl<B> Downwards<'_, B> {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (x * self.scale, MIDDLE as f32 - y * self.scale)
    }
}

impl<B: OutlineBuilder> OutlineBuilder for Downwards<'_, B> {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.builder.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.builder.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.builder.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.builder.curve_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.builder.close();
    }
}

/// An outline in the language of SVG, in whole units.
#[derive(Default)]
struct PathText(String);

impl PathText {
    fn step(&mut self, command: char, points: &[(f32, f32)]) {
        self.0.push(command);
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.0} {y:.0}")).collect();
        self.0 += &points.join(" ");
    }
}

impl OutlineBuilder for PathText {
    fn move_to(&mut self, x: f32, y: f32) {
        self.step('M', &[(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.step('L', &[(x, y)]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.step('Q', &[(x1, y1), (x, y)]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.step('C', &[(x1, y1), (x2, y2), (x, y)]);
    }

    fn close(&mut self) {
        self.0.push('Z');
    }
}
