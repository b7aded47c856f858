//! Rasters: pixels that are scaled without smoothing, for matrices of too many cells to draw one by one.

use png::{BitDepth, ColorType, DeflateCompression, Encoder, Filter};

use crate::scene::{Area, Colour};

/// Rows of pixels from the top.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Raster {
    pub columns: usize,
    pub pixels: Vec<Colour>,
}

impl Raster {
    pub(crate) fn rows(&self) -> usize {
        self.pixels.len() / self.columns
    }

    /// The colour in the middle of a dot of the area that the raster fills.
    pub(crate) fn at(&self, area: Area, (x, y): (i32, i32)) -> Colour {
        let part = |at: i32, length: i32, count: usize| {
            (f64::from(2 * at + 1) / f64::from(2 * length) * count as f64) as usize
        };
        let column = part(x - area.left, area.width(), self.columns);
        self.pixels[part(y - area.top, area.height(), self.rows()) * self.columns + column]
    }

    /// The element of an SVG: a PNG inside a URI, with one pixel for each of the raster's.
    pub(crate) fn element(&self, area: Area) -> String {
        let Area { left, top, .. } = area;
        format!(
            r#"<image x="{left}" y="{top}" width="{}" height="{}" preserveAspectRatio="none" image-rendering="pixelated" style="image-rendering:pixelated" href="data:image/png;base64,{}"/>"#,
            area.width(),
            area.height(),
            base64(&self.png())
        )
    }

    /// A PNG file, with a palette if there are few colours.
    ///
    /// # Panics
    /// If a side has 2³² pixels.
    pub(crate) fn png(&self) -> Vec<u8> {
        let mut palette: Vec<Colour> = Vec::new();
        let index = |colour: &Colour| {
            let known = palette.iter().position(|known| known == colour);
            known.unwrap_or_else(|| {
                palette.push(*colour);
                palette.len() - 1
            })
        };
        let indices: Vec<usize> = self.pixels.iter().map(index).collect();
        let bytes = |colours: &[Colour]| colours.iter().flat_map(|c| [c.0, c.1, c.2]).collect::<Vec<u8>>();
        let [width, height] =
            [self.columns, self.rows()].map(|side| u32::try_from(side).expect("a side of a PNG file"));
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, width, height);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_deflate_compression(DeflateCompression::Level(9));
        // Indices are no quantities, so neighbouring ones do not predict each other.
        encoder.set_filter(Filter::NoFilter);
        let data = if palette.len() <= 256 {
            encoder.set_color(ColorType::Indexed);
            encoder.set_palette(bytes(&palette));
            indices.into_iter().map(|index| index as u8).collect()
        } else {
            encoder.set_color(ColorType::Rgb);
            bytes(&self.pixels)
        };
        let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&data));
        written.expect("a buffer of the stated size is encoded into memory");
        file
    }
}

/// Base 64 (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= three.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 4648, section 10.
    #[test]
    fn base_64_is_that_of_the_standard() {
        let pairs = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, coded) in pairs {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }

    fn decoded(file: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info.width, info.height, pixels)
    }

    #[test]
    fn a_png_has_the_pixels_with_and_without_a_palette() {
        for colours in [3, 300] {
            let pixels: Vec<Colour> = (0..600_u32)
                .map(|i| i * i % colours)
                .map(|i| Colour((i % 256) as u8, (i / 256) as u8, 7))
                .collect();
            let raster = Raster { columns: 30, pixels };
            let (width, height, bytes) = decoded(&raster.png());
            assert_eq!((width, height), (30, 20));
            let same = bytes.chunks(3).zip(&raster.pixels).all(|(rgb, c)| rgb == [c.0, c.1, c.2]);
            assert!(same, "{colours} colours");
        }
    }

    #[test]
    fn every_dot_has_the_colour_of_its_pixel() {
        let pixels: Vec<Colour> = (0..6).map(|i| Colour(i, 0, 0)).collect();
        let (raster, area) = (Raster { columns: 3, pixels }, Area::new(10, 20, 19, 24));
        let row = |y: i32| (10..19).map(|x| raster.at(area, (x, y)).0).collect::<Vec<u8>>();
        assert_eq!((row(20), row(23)), (vec![0, 0, 0, 1, 1, 1, 2, 2, 2], vec![3, 3, 3, 4, 4, 4, 5, 5, 5]));
    }
}
