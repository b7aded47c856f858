//! The style sheet inside an SVG: it replaces colours if the viewer prefers dark ones, and draws cells without seams.

use std::fmt::Write;

use crate::palette;
use crate::scene::{Colour, Primitive, Scene};

/// The style element of a scene, with a rule for each of its colours that differs on dark paper, and one for those of cells: without
/// smoothing, the background does not shine through between neighbours.
pub(crate) fn style(scene: &Scene) -> String {
    let mut seen: Vec<Colour> = Vec::new();
    for colour in scene.shapes.iter().map(Primitive::colour) {
        if !seen.contains(&colour) {
            seen.push(colour);
        }
    }
    let mut rules = String::new();
    for (light, dark) in seen.iter().filter_map(|&light| Some((hex(light), hex(palette::dark(light)?)))) {
        let _ = write!(rules, r#"[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}"#);
    }
    // Colours that stay as they are on dark paper are those of cells.
    let cells = seen.iter().filter(|&&colour| palette::dark(colour).is_none() && colour != palette::PLACE);
    let cells: Vec<String> = cells.map(|&colour| format!(r#"[fill="{}"]"#, hex(colour))).collect();
    let crisp = match cells[..] {
        [] => String::new(),
        _ => format!("{}{{shape-rendering:crispEdges}}", cells.join(",")),
    };
    format!("<style>{crisp}@media(prefers-color-scheme:dark){{{rules}}}</style>\n")
}

/// The colour as plotters writes it, which the rules must match.
fn hex(Colour(red, green, blue): Colour) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}
