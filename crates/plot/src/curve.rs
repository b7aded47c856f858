//! Curves: what a panel of lines is made of.

use super::frame::Plot;
use super::glyph::{self, Glyph};
use super::look::Look;
use super::missing::{mark, placed};
use super::scene::{Colour, Dots, Scene};
use super::trace::{dashes, lines};

/// A named series of points, joined in the order given.
///
/// A point without a place (NaN, ±inf, on a log axis 0 or less) breaks the line and is marked at the frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
    pub(super) band: Vec<(f64, f64)>,
    pub(super) dots: bool,
    pub(super) dashed: bool,
    pub(super) same_colour: bool,
}

/// Dots between points that each have a glyph.
const DENSE: i32 = 10;

impl Curve {
    /// A solid line through `points`, (x, y) each, called `name` in the legend.
    pub fn new(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        let (band, name) = (Vec::new(), name.into());
        Curve { name, points, band, dots: false, dashed: false, same_colour: false }
    }

    /// The curve with a shade from `lo` to `hi` behind every point: a spread over seeds.
    ///
    /// # Panics
    /// When there is not one pair a point.
    #[must_use]
    #[track_caller]
    pub fn band(mut self, band: Vec<(f64, f64)>) -> Self {
        let (have, need) = (band.len(), self.points.len());
        assert!(have == need, "the band of curve {:?} has {have} pairs for {need} points", self.name);
        self.band = band;
        self
    }

    /// The curve with a dot on its points.
    #[must_use]
    pub fn dots(mut self) -> Self {
        self.dots = true;
        self
    }

    /// The curve in dashes: what was predicted, not measured.
    #[must_use]
    pub fn dashed(mut self) -> Self {
        self.dashed = true;
        self
    }

    /// The curve in the colour of the one before it; the legend shows it in ink, equal names once.
    #[must_use]
    pub fn same_colour(mut self) -> Self {
        self.same_colour = true;
        self
    }

    /// Points, and both sides of the band.
    pub(super) fn places(&self) -> impl Iterator<Item = (f64, f64)> + Clone + '_ {
        let sides = self.points.iter().zip(&self.band).flat_map(|(&(x, _), &(lo, hi))| [(x, lo), (x, hi)]);
        self.points.iter().copied().chain(sides)
    }

    pub(super) fn draw_band(&self, scene: &mut Scene, plot: &Plot<'_>, colour: Colour) {
        let edges: Vec<(f64, f64, f64)> =
            self.points.iter().zip(&self.band).map(|(&(x, _), &(lo, hi))| (x, lo, hi)).collect();
        // An infinite side reaches to the frame; NaN is none.
        let lacks = |&(x, lo, hi): &(f64, f64, f64)| plot.x.missing(x).is_some() || (lo + hi).is_nan();
        for stretch in edges.split(lacks).filter(|stretch| !stretch.is_empty()) {
            let shade = outline(plot, stretch);
            match shade[..] {
                // The spread of a single point.
                [low, high] => scene.path(vec![low, high], 2, colour),
                _ => scene.fill(shade, colour, 20),
            }
        }
    }

    pub(super) fn draw_line(&self, scene: &mut Scene, plot: &Plot<'_>, look: Look) {
        for line in lines(plot, &self.points) {
            if self.dashed && line.len() > 1 {
                dashes(&line).into_iter().for_each(|dash| scene.path(dash, look.thick, look.colour));
            } else {
                look.stroke(scene, line);
            }
        }
        if self.dots {
            let places = self.points.iter().filter(|&&point| placed(plot, point));
            let places: Vec<Dots> = places.map(|&point| plot.at(point)).collect();
            glyph::along(scene, look.glyph.unwrap_or(Glyph::Disc), &places, DENSE, look.colour);
        }
        mark(scene, plot, &self.points, look.colour);
    }
}

/// The upper side forwards and the lower one backwards, one pair a column of dots.
fn outline(plot: &Plot<'_>, stretch: &[(f64, f64, f64)]) -> Vec<Dots> {
    let (mut upper, mut lower) = (Vec::new(), Vec::new());
    for column in stretch.chunk_by(|left, right| plot.x(left.0) == plot.x(right.0)) {
        let x = plot.x(column[0].0);
        let sides = || column.iter().flat_map(|&(_, lo, hi)| [plot.y(lo), plot.y(hi)]);
        upper.push((x, sides().min().unwrap_or(0)));
        lower.push((x, sides().max().unwrap_or(0)));
    }
    upper.into_iter().chain(lower.into_iter().rev()).collect()
}
