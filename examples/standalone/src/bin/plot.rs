//! plot by itself: a curve as SVG and PNG.

use plot::{Curve, Figure, LinePanel};

fn main() {
    let halving = Curve::new("1/2ⁿ", (0..8).map(|n| (f64::from(n), 0.5_f64.powi(n))).collect());
    let figure = Figure::new("Halving", [LinePanel::new("", vec![halving]).x_label("n")]);
    let (svg, png) = (figure.svg(), figure.png());
    assert!(svg.starts_with("<svg") && png.starts_with(b"\x89PNG"));
    println!("{} by {} pixels", figure.size().0, figure.size().1);
}
