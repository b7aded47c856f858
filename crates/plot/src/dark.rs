//! Dark mode: a style sheet inside the SVG that replaces colours if the viewer prefers dark ones.

use std::fmt::Write;

use crate::palette;
use crate::scene::{Colour, Primitive, Scene};

/// The style element of a scene, with a rule for each of its colours that differs on dark paper.
pub(crate) fn style(scene: &Scene) -> String {
    let mut seen: Vec<Colour> = Vec::new();
    for colour in scene.shapes.iter().map(Primitive::colour) {
        if !seen.contains(&colour) {
            seen.push(colour);
        }
    }
    let mut rules = String::new();
    for (light, dark) in seen.into_iter().filter_map(|light| Some((hex(light), hex(palette::dark(light)?)))) {
        let _ = write!(rules, r#"[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}"#);
    }
    format!("<style>@media(prefers-color-scheme:dark){{{rules}}}</style>\n")
}

/// The colour as plotters writes it, which the rules must match.
fn hex(Colour(red, green, blue): Colour) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}
