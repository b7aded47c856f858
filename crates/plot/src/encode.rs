//! Encoding pixels as PNG.

use std::collections::HashMap;

use png::{ColorType, DeflateCompression, Encoder, Filter};

/// Encodes RGB pixels as the bytes of a PNG file.
///
/// Figures have few colours, so a palette and one byte per pixel usually suffice: half the bytes in half the time.
pub(crate) fn png(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    // The fastest level that finds repeats: three times as fast as the default, and small enough.
    encoder.set_deflate_compression(DeflateCompression::Level(1));
    // Most lines of a figure equal the line above.
    encoder.set_filter(Filter::Up);
    let indexed = indexed(pixels);
    let data = match &indexed {
        Some((palette, indices)) => {
            encoder.set_color(ColorType::Indexed);
            encoder.set_palette(palette.as_flattened());
            indices.as_slice()
        }
        None => {
            encoder.set_color(ColorType::Rgb);
            // Blended edges: differences between lines hide their repeats, and a longer search saves a third.
            encoder.set_filter(Filter::NoFilter);
            encoder.set_deflate_compression(DeflateCompression::Level(6));
            pixels
        }
    };
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(data));
    written.expect("a buffer of the stated size is encoded into memory");
    bytes
}

/// The distinct colours in order of appearance and each pixel's index, unless there are more than 256.
fn indexed(pixels: &[u8]) -> Option<(Vec<[u8; 3]>, Vec<u8>)> {
    let (colours, _) = pixels.as_chunks::<3>();
    let mut palette: Vec<[u8; 3]> = Vec::new();
    let mut known = HashMap::new();
    let mut indices = Vec::with_capacity(colours.len());
    // Neighbours are mostly equal, so the table is seldom used; its order does not matter.
    for stretch in colours.chunk_by(|left, right| left == right) {
        let index = *known.entry(stretch[0]).or_insert(palette.len());
        if index == palette.len() {
            palette.push(stretch[0]);
        }
        let index = u8::try_from(index).ok()?;
        indices.resize(indices.len() + stretch.len(), index);
    }
    Some((palette, indices))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_palette_holds_256_colours_and_no_more() {
        let grey = |n: usize| (0..n).flat_map(|i| [i as u8, (i >> 8) as u8, 0]).collect::<Vec<u8>>();
        assert_eq!(indexed(&grey(256)).map(|(palette, _)| palette.len()), Some(256));
        assert_eq!(indexed(&grey(257)), None);
        assert_eq!(indexed(&[1, 2, 3, 1, 2, 3, 4, 5, 6]), Some((vec![[1, 2, 3], [4, 5, 6]], vec![0, 0, 1])));
    }
}
