//! The painter: replays a scene on a plotters backend.

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, TextStyle};

use crate::scene::{Align, Colour, Dots, Primitive, Scene, Text, pixels};
use crate::{encode, font, stroke};

/// The way in which a backend takes text and strokes.
#[derive(Clone, Copy)]
enum Medium {
    /// As one element each, with text in the viewer's font.
    Element,
    /// As pixels, with text in our fonts, one run at a time.
    Pixel,
}

/// Draws the scene as SVG text; its width and height are nominal pixels, its view box is in dots.
pub(crate) fn svg(scene: &Scene) -> String {
    let (width, height) = dots(scene);
    let mut text = String::new();
    paint(SVGBackend::with_string(&mut text, (width, height)), scene, Medium::Element);
    // plotters knows one size only, and writes it into the first tag.
    let mut nominal = format!(r#"width="{}" height="{}""#, pixels(scene.width), pixels(scene.height));
    if scene.shapes.iter().any(|shape| matches!(shape, Primitive::Path(..))) {
        // All lines inherit these.
        nominal += r#" stroke-linejoin="round" stroke-linecap="round""#;
    }
    let text = text.replacen(&format!(r#"width="{width}" height="{height}""#), &nominal, 1);
    // These are defaults and a quarter of the text; quotes inside labels are escaped.
    text.replace(r#" opacity="1""#, "").replace(r#" stroke="none""#, "")
}

/// Draws the scene as the bytes of a PNG file, with one pixel per dot.
pub(crate) fn png(scene: &Scene) -> Vec<u8> {
    let (width, height) = dots(scene);
    let mut pixels = vec![0; width as usize * height as usize * 3];
    paint(BitMapBackend::with_buffer(&mut pixels, (width, height)), scene, Medium::Pixel);
    encode::png(&pixels, width, height)
}

fn dots(scene: &Scene) -> (u32, u32) {
    (scene.width.unsigned_abs(), scene.height.unsigned_abs())
}

/// Replays the scene; drawing into memory cannot fail once the fonts are registered.
fn paint<B: DrawingBackend>(mut backend: B, scene: &Scene, medium: Medium) {
    font::register();
    for shape in &scene.shapes {
        draw(&mut backend, shape, medium);
    }
    backend.present().expect("memory needs no flushing");
}

fn draw<B: DrawingBackend>(backend: &mut B, shape: &Primitive, medium: Medium) {
    match (shape, medium) {
        (Primitive::Rect(area, colour), _) => {
            let (from, to) = ((area.left, area.top), (area.right, area.bottom));
            backend.draw_rect(from, to, &rgb(*colour), true).expect("memory takes a rectangle");
        }
        (Primitive::Fill(points, colour, percent), _) => {
            let ink = rgb(*colour).mix(f64::from(*percent) / 100.0);
            backend.fill_polygon(points.clone(), &ink).expect("memory takes a polygon");
        }
        (Primitive::Path(points, thick, colour), Medium::Element) => {
            let ink = rgb(*colour).stroke_width(thick.unsigned_abs());
            backend.draw_path(points.clone(), &ink).expect("memory takes a line");
        }
        (Primitive::Disc(centre, radius, colour), Medium::Element) => {
            let ink = rgb(*colour);
            backend.draw_circle(*centre, radius.unsigned_abs(), &ink, true).expect("memory takes a disc");
        }
        (Primitive::Path(points, thick, colour), Medium::Pixel) => stroke(backend, points, *thick, *colour),
        (Primitive::Disc(centre, radius, colour), Medium::Pixel) => {
            stroke(backend, &[*centre], 2 * radius, *colour);
        }
        (Primitive::Text(text), Medium::Element) => whole(backend, text),
        (Primitive::Text(text), Medium::Pixel) => in_runs(backend, text),
    }
}

fn stroke<B: DrawingBackend>(backend: &mut B, points: &[Dots], thick: i32, colour: Colour) {
    for (point, share) in stroke::covered(points, thick) {
        backend.draw_pixel(point, rgb(colour).mix(share).to_backend_color()).expect("memory takes a pixel");
    }
}

fn rgb(Colour(red, green, blue): Colour) -> RGBColor {
    RGBColor(red, green, blue)
}

/// Draws a text as one SVG element.
fn whole<B: DrawingBackend>(backend: &mut B, text: &Text) {
    // plotters divides the size by 1.24, and asks for a baseline half an x-height (0.27 em) below the position;
    // the middle of capitals is 0.35 em above the baseline.
    let size = f64::from(text.size);
    let font = FontDesc::new(FontFamily::from(font::SANS), size * 1.24, FontStyle::Normal);
    let align = match text.align {
        Align::Start => HPos::Left,
        Align::Middle => HPos::Center,
        Align::End => HPos::Right,
    };
    let at = below(text, (size * 0.08).round() as i32, 0);
    letter(backend, &text.text, &font, align, text, at);
}

/// Draws a text as pixels, with a second font for the signs that the first one lacks.
fn in_runs<B: DrawingBackend>(backend: &mut B, text: &Text) {
    let runs = font::runs(&text.text);
    let widths: Vec<i32> = runs.iter().map(|(family, run)| font::run_width(family, run, text.size)).collect();
    let total: i32 = widths.iter().sum();
    let mut along = match text.align {
        Align::Start => 0,
        Align::Middle => -total / 2,
        Align::End => -total,
    };
    // plotters' bitmap baseline is 0.109 em below the position, where 0.35 em is wanted.
    let down = (f64::from(text.size) * 0.24).round() as i32;
    for ((family, run), width) in runs.into_iter().zip(widths) {
        let font = font::font(family, f64::from(text.size));
        letter(backend, run, &font, HPos::Left, text, below(text, down, along));
        along += width;
    }
}

/// The position of a text, moved `down` across its line and `along` its reading direction.
fn below(text: &Text, down: i32, along: i32) -> (i32, i32) {
    if text.upright { (text.x + down, text.y - along) } else { (text.x + along, text.y + down) }
}

fn letter<B: DrawingBackend>(
    backend: &mut B,
    letters: &str,
    font: &FontDesc<'_>,
    align: HPos,
    text: &Text,
    at: (i32, i32),
) {
    let turn = if text.upright { FontTransform::Rotate270 } else { FontTransform::None };
    let colour = rgb(text.colour);
    let style = TextStyle::from(font.transform(turn)).color(&colour).pos(Pos::new(align, VPos::Center));
    backend.draw_text(letters, &style, at).expect("registered fonts can be drawn");
}
