//! The embedded fonts, and the widths of texts.

use std::sync::LazyLock;

use ttf_parser::{Face, GlyphId};

/// Ubuntu Light, and Hack, which has the few signs that it lacks.
const EMBEDDED: [&[u8]; 2] = [epaint_default_fonts::UBUNTU_LIGHT, epaint_default_fonts::HACK_REGULAR];

static FACES: LazyLock<[Face<'static>; 2]> =
    LazyLock::new(|| EMBEDDED.map(|font| Face::parse(font, 0).expect("an embedded font is readable")));

/// The glyph of a letter in the first font that has it.
pub(crate) fn glyph(letter: char) -> Option<(&'static Face<'static>, GlyphId)> {
    FACES.iter().find_map(|face| Some((face, face.glyph_index(letter)?)))
}

/// The advance of a letter in ems; one that no font has takes a whole one.
pub(crate) fn advance(letter: char) -> f64 {
    let advance = |(face, glyph): (&Face<'_>, GlyphId)| {
        Some(f64::from(face.glyph_hor_advance(glyph)?) / f64::from(face.units_per_em()))
    };
    glyph(letter).and_then(advance).unwrap_or(1.0)
}

/// The width of a text in dots.
pub(crate) fn width(text: &str, size: i32) -> i32 {
    let ems: f64 = text.chars().map(advance).sum();
    (ems * f64::from(size)).ceil() as i32
}

/// The text, with its middle replaced by … if it takes more than `room` dots: numbered names differ at their ends.
pub(crate) fn shortened(text: &str, size: i32, room: i32) -> String {
    let letters: Vec<char> = text.chars().collect();
    let keeping = |kept: usize| -> String {
        let (head, tail) = (kept.div_ceil(2), letters.len() - kept / 2);
        letters[..head].iter().chain(['…'].iter()).chain(&letters[tail..]).collect()
    };
    // No letter is narrower than a sixth of an em, so very long texts need not be measured.
    let most = letters.len().saturating_sub(1).min((room.max(0) * 6 / size) as usize);
    if letters.len() <= most + 1 && width(text, size) <= room {
        return text.to_string();
    }
    let (mut fits, mut above) = (0, most + 1);
    while above - fits > 1 {
        let middle = (fits + above) / 2;
        *(if width(&keeping(middle), size) <= room { &mut fits } else { &mut above }) = middle;
    }
    keeping(fits)
}

/// The most lines of a title or caption.
const MOST_LINES: usize = 3;

/// The text broken between words into lines of at most `room` dots; the last of three is shortened. None without text.
pub(crate) fn broken(text: &str, size: i32, room: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let full = lines.len() == MOST_LINES;
        match lines.last_mut() {
            Some(line) if full || width(&format!("{line} {word}"), size) <= room => {
                *line += &format!(" {word}");
            }
            _ => lines.push(word.to_string()),
        }
    }
    lines.iter().map(|line| shortened(line, size, room)).collect()
}
