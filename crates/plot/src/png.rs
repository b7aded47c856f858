//! PNG: the same scene as the SVG, rasterised.

use png::{ColorType, DeflateCompression, Encoder, Filter};
use tiny_skia::{
    Color, ColorU8, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform,
};
use ttf_parser::OutlineBuilder;

use crate::letters;
use crate::scene::{Colour, Dots, Primitive, Scene, Text};

/// Draws the scene as the bytes of a PNG file, with one pixel per dot.
///
/// # Panics
/// If the scene does not fit into memory.
pub(crate) fn png(scene: &Scene) -> Vec<u8> {
    let (width, height) = (scene.width.unsigned_abs(), scene.height.unsigned_abs());
    let mut pixels = Pixmap::new(width, height).expect("a figure fits into memory");
    pixels.fill(Color::WHITE);
    scene.shapes.iter().for_each(|shape| draw(&mut pixels, shape));
    encoded(&pixels)
}

/// The pixels, which are all opaque, as a PNG file.
fn encoded(pixels: &Pixmap) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, pixels.width(), pixels.height());
    encoder.set_color(ColorType::Rgb);
    // Most lines of a figure equal the line above; a longer search for repeats saves little.
    encoder.set_filter(Filter::Up);
    encoder.set_deflate_compression(DeflateCompression::Level(4));
    let data: Vec<u8> = pixels.data().as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&data));
    written.expect("a buffer of the stated size is encoded into memory");
    bytes
}

fn draw(pixels: &mut Pixmap, shape: &Primitive) {
    match shape {
        Primitive::Rect(area, colour) => {
            let [left, top, right, bottom] =
                [area.left, area.top, area.right, area.bottom].map(|dots| dots as f32);
            if let Some(rect) = Rect::from_ltrb(left, top, right, bottom) {
                pixels.fill_rect(rect, &ink(*colour, 100), Transform::identity(), None);
            }
        }
        Primitive::Fill(points, colour, percent) => {
            if let Some(path) = line(points, true) {
                fill(pixels, &path, &ink(*colour, *percent));
            }
        }
        Primitive::Path(points, thick, colour) => {
            let (width, line_cap, line_join) = (*thick as f32, LineCap::Round, LineJoin::Round);
            let stroke = Stroke { width, line_cap, line_join, ..Stroke::default() };
            if let Some(path) = line(points, false) {
                pixels.stroke_path(&path, &ink(*colour, 100), &stroke, Transform::identity(), None);
            }
        }
        Primitive::Disc((x, y), radius, colour) => {
            if let Some(path) = PathBuilder::from_circle(*x as f32, *y as f32, *radius as f32) {
                fill(pixels, &path, &ink(*colour, 100));
            }
        }
        Primitive::Raster(area, raster) => {
            let width = pixels.width() as usize;
            let all = pixels.pixels_mut();
            for y in area.top..area.bottom {
                for x in area.left..area.right {
                    let Colour(red, green, blue) = raster.at(*area, (x, y));
                    // An area lies on the sheet.
                    all[y as usize * width + x as usize] =
                        ColorU8::from_rgba(red, green, blue, 255).premultiply();
                }
            }
        }
        Primitive::Text(text) => {
            if let Some(path) = letters(text) {
                fill(pixels, &path, &ink(text.colour, 100));
            }
        }
    }
}

fn ink(Colour(red, green, blue): Colour, percent: u8) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, (u32::from(percent) * 255 / 100) as u8);
    paint
}

fn fill(pixels: &mut Pixmap, path: &Path, ink: &Paint<'_>) {
    pixels.fill_path(path, ink, FillRule::Winding, Transform::identity(), None);
}

fn line(points: &[Dots], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (first, rest) = points.split_first()?;
    path.move_to(first.0 as f32, first.1 as f32);
    rest.iter().for_each(|&(x, y)| path.line_to(x as f32, y as f32));
    if closed {
        path.close();
    }
    path.finish()
}

/// The outlines of a text's letters, each at its exact distance from the one before.
fn letters(text: &Text) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (letter, pen) in letters::placed(text) {
        letters::outline(letter, &mut Outline { path: &mut path, pen: pen as f32 });
    }
    let turn = if text.upright { -90.0 } else { 0.0 };
    let scale = text.size as f32 / letters::EM as f32;
    let place =
        Transform::from_rotate(turn).post_scale(scale, scale).post_translate(text.x as f32, text.y as f32);
    path.finish()?.transform(place)
}

/// Adds the outline of a letter to a path, at a distance to the right.
struct Outline<'a> {
    path: &'a mut PathBuilder,
    pen: f32,
}

impl OutlineBuilder for Outline<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.pen + x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.pen + x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.path.quad_to(self.pen + x1, y1, self.pen + x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.path.cubic_to(self.pen + x1, y1, self.pen + x2, y2, self.pen + x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}
