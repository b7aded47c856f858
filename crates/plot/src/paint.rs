//! The painter: replays a scene on plotters' SVG backend.

use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, TextStyle};

use crate::palette::RASTER;
use crate::scene::{Align, Colour, Primitive, Scene, Text, pixels};
use crate::{dark, font};

/// Draws the scene as SVG text; its width and height are nominal pixels, its view box is in dots.
///
/// `title` and `description` are for readers who hear the picture, and for those who point at it.
pub(crate) fn svg(scene: &Scene, title: &str, description: &str) -> String {
    let (width, height) = (scene.width.unsigned_abs(), scene.height.unsigned_abs());
    let mut text = String::new();
    let mut backend = SVGBackend::with_string(&mut text, (width, height));
    scene.shapes.iter().for_each(|shape| draw(&mut backend, shape));
    backend.present().expect("memory needs no flushing");
    drop(backend);
    // plotters knows one size only, and writes it into the first tag.
    let mut nominal = format!(r#"width="{}" height="{}""#, pixels(scene.width), pixels(scene.height));
    nominal += r#" role="img""#;
    if scene.shapes.iter().any(|shape| matches!(shape, Primitive::Path(..))) {
        // All lines inherit these.
        nominal += r#" stroke-linejoin="round" stroke-linecap="round""#;
    }
    let text = text.replacen(&format!(r#"width="{width}" height="{height}""#), &nominal, 1);
    // These are defaults and a quarter of the text; quotes inside labels are escaped.
    let text = text.replace(r#" opacity="1""#, "").replace(r#" stroke="none""#, "");
    let text = with_rasters(&text, scene);
    let head = element("title", title) + &element("desc", description) + &dark::style(scene);
    text.replacen(">\n", &format!(">\n{head}"), 1)
}

/// The text with each raster in its place.
fn with_rasters(text: &str, scene: &Scene) -> String {
    let rasters = scene.shapes.iter().filter_map(|shape| match shape {
        Primitive::Raster(area, raster) => Some(raster.element(*area)),
        _ => None,
    });
    let Colour(red, green, blue) = RASTER;
    let colour = format!(r##"fill="#{red:02X}{green:02X}{blue:02X}""##);
    let (mut done, mut rest) = (String::new(), text);
    for raster in rasters {
        let at = rest.find(&colour).expect("a rectangle holds the place of each raster");
        let start = rest[..at].rfind('<').expect("an attribute stands in an element");
        let end = at + rest[at..].find("/>").expect("an element ends") + 2;
        done += &rest[..start];
        done += &raster;
        rest = &rest[end..];
    }
    done + rest
}

/// An element of text on a line of its own; none without text.
fn element(name: &str, text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '&' => escaped += "&amp;",
            // A control character would make the SVG ill-formed.
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    format!("<{name}>{escaped}</{name}>\n")
}

/// Replays a shape; drawing into memory cannot fail.
fn draw(backend: &mut SVGBackend<'_>, shape: &Primitive) {
    match shape {
        Primitive::Rect(area, colour) => {
            let (from, to) = ((area.left, area.top), (area.right, area.bottom));
            backend.draw_rect(from, to, &rgb(*colour), true).expect("memory takes a rectangle");
        }
        Primitive::Fill(points, colour, percent) => {
            let ink = rgb(*colour).mix(f64::from(*percent) / 100.0);
            backend.fill_polygon(points.clone(), &ink).expect("memory takes a polygon");
        }
        Primitive::Path(points, thick, colour) => {
            let ink = rgb(*colour).stroke_width(thick.unsigned_abs());
            backend.draw_path(points.clone(), &ink).expect("memory takes a line");
        }
        Primitive::Disc(centre, radius, colour) => {
            let ink = rgb(*colour);
            backend.draw_circle(*centre, radius.unsigned_abs(), &ink, true).expect("memory takes a disc");
        }
        Primitive::Text(text) => letter(backend, text),
        // A rectangle that the raster takes the place of.
        Primitive::Raster(area, _) => draw(backend, &Primitive::Rect(*area, RASTER)),
    }
}

fn rgb(Colour(red, green, blue): Colour) -> RGBColor {
    RGBColor(red, green, blue)
}

fn letter(backend: &mut SVGBackend<'_>, text: &Text) {
    // plotters divides the size by 1.24, and asks for a baseline half an x-height (0.27 em) below the position;
    // the middle of capitals is 0.35 em above the baseline.
    let size = f64::from(text.size);
    let font = FontDesc::new(FontFamily::from(font::FAMILY), size * 1.24, FontStyle::Normal);
    let align = match text.align {
        Align::Start => HPos::Left,
        Align::Middle => HPos::Center,
        Align::End => HPos::Right,
    };
    let down = (size * 0.08).round() as i32;
    let at = if text.upright { (text.x + down, text.y) } else { (text.x, text.y + down) };
    let turn = if text.upright { FontTransform::Rotate270 } else { FontTransform::None };
    let colour = rgb(text.colour);
    let style = TextStyle::from(font.transform(turn)).color(&colour).pos(Pos::new(align, VPos::Center));
    backend.draw_text(&text.text, &style, at).expect("memory takes a text");
}
