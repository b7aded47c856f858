//! The fonts of bitmaps, and the widths of texts on both backends.

use std::sync::Once;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

/// The font that an SVG asks its viewer for, and the name under which bitmaps find Ubuntu Light.
pub(crate) const SANS: &str = "sans-serif";
/// The name of Hack, which has the few signs that Ubuntu Light lacks.
const FALLBACK: &str = "monospace";
/// The signs that labels use and Ubuntu Light lacks.
const LACKING: [char; 6] = ['⁻', '→', '←', '↑', '↓', '⇒'];
/// A viewer's sans-serif may be as wide as Verdana, a fifth wider than Ubuntu Light.
const SLACK: f64 = 1.2;
/// The font's ascent plus descent in ems, which `ab_glyph` calls its size.
pub(crate) const LINE: f64 = 1.121;

/// Registers the fonts with plotters, whose `ab_glyph` path keeps them in a table of the process and begins with none.
///
/// # Panics
/// If an embedded font cannot be read, which would be a fault of its crate.
pub(crate) fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let fonts =
            [(SANS, epaint_default_fonts::UBUNTU_LIGHT), (FALLBACK, epaint_default_fonts::HACK_REGULAR)];
        for (name, bytes) in fonts {
            assert!(register_font(name, FontStyle::Normal, bytes).is_ok(), "unreadable font for {name}");
        }
    });
}

/// A font of `size` dots per em for bitmaps.
pub(crate) fn font(family: &str, size: f64) -> FontDesc<'_> {
    FontDesc::new(FontFamily::from(family), size * LINE, FontStyle::Normal)
}

/// The text cut into runs of one font each: (family, run).
pub(crate) fn runs(text: &str) -> Vec<(&'static str, &str)> {
    let family = |c: char| if LACKING.contains(&c) { FALLBACK } else { SANS };
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| family(c) != family(first)).unwrap_or(rest.len());
        runs.push((family(first), &rest[..end]));
        rest = &rest[end..];
    }
    runs
}

/// The width in dots of a run in a bitmap.
pub(crate) fn run_width(family: &str, text: &str, size: i32) -> i32 {
    // A registered font always has a size; a missing one would be caught by `register`.
    font(family, f64::from(size)).box_size(text).map_or(0, |(width, _)| width as i32)
}

/// The width in dots to leave for a text on either backend.
pub(crate) fn width(text: &str, size: i32) -> i32 {
    register();
    let exact: i32 = runs(text).into_iter().map(|(family, run)| run_width(family, run, size)).sum();
    (f64::from(exact) * SLACK).ceil() as i32
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
