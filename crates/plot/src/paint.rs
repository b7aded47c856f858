//! The painter: replays a scene on plotters' SVG backend.

use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::{Color, RGBColor};

use crate::escape::escaped;
use crate::palette::PLACE;
use crate::scene::{Area, Colour, Primitive, Scene, pixels};
use crate::{dark, letters};

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
    // These are defaults and a quarter of the text.
    let text = text.replace(r#" opacity="1""#, "").replace(r#" stroke="none""#, "");
    let text = with_places_filled(&text, scene);
    let head = element("title", title) + &element("desc", description) + &dark::style(scene);
    text.replacen(">\n", &format!(">\n{head}{}", letters::definitions(scene)), 1)
}

/// The text with each raster and each text of the scene in its place.
fn with_places_filled(text: &str, scene: &Scene) -> String {
    let elements = scene.shapes.iter().filter_map(|shape| match shape {
        Primitive::Raster(area, raster) => Some(raster.element(*area)),
        Primitive::Text(text) => Some(letters::element(text)),
        _ => None,
    });
    let Colour(red, green, blue) = PLACE;
    let colour = format!(r##"fill="#{red:02X}{green:02X}{blue:02X}""##);
    let (mut done, mut rest) = (String::new(), text);
    for element in elements {
        let at = rest.find(&colour).expect("a rectangle holds the place of each element");
        let start = rest[..at].rfind('<').expect("an attribute stands in an element");
        let end = at + rest[at..].find("/>").expect("an element ends") + 2;
        done += &rest[..start];
        done += &element;
        rest = &rest[end..];
    }
    done + rest
}

/// An element of text on a line of its own; none without text.
fn element(name: &str, text: &str) -> String {
    if text.trim().is_empty() { String::new() } else { format!("<{name}>{}</{name}>\n", escaped(text)) }
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
        // A rectangle that the element takes the place of.
        Primitive::Text(_) | Primitive::Raster(..) => {
            draw(backend, &Primitive::Rect(Area::new(0, 0, 1, 1), PLACE));
        }
    }
}

fn rgb(Colour(red, green, blue): Colour) -> RGBColor {
    RGBColor(red, green, blue)
}
