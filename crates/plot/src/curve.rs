//! Curves: the series of a line panel.

use crate::frame::Plot;
use crate::glyph::{self, Glyph};
use crate::off_axis::{mark, shown};
use crate::polyline::{dashes, lines};
use crate::scene::{Colour, Dots, Scene};
use crate::style::SeriesStyle;

/// A named series of points, joined in the order given.
///
/// A point that the axes cannot show (NaN, ±inf, on a log axis 0 or less) breaks the line and is marked at the frame.
///
/// ```
/// use plot::{Curve, Figure, LinePanel};
///
/// let mean = Curve::new("mean of 10 seeds", vec![(1.0, 0.61), (2.0, 0.52)]).band(vec![(0.58, 0.64), (0.47, 0.57)]);
/// let theory = Curve::new("theory", vec![(1.0, 0.60), (2.0, 0.51)]).dashed().same_colour();
/// assert!(Figure::new("", [LinePanel::new("", vec![mean, theory])]).svg().contains("theory"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
    pub(crate) band: Vec<(f64, f64)>,
    pub(crate) dots: bool,
    pub(crate) dashed: bool,
    pub(crate) same_colour: bool,
    pub(crate) colour: Option<usize>,
    pub(crate) ink: bool,
    pub(crate) named_at: Option<f64>,
}

/// The smallest distance between points that each have a glyph, in dots.
const DENSE: i32 = 10;

impl Curve {
    /// Creates a solid line through `points` (x, y), called `name` in the legend.
    pub fn new(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Curve {
            name: name.into(),
            points,
            band: Vec::new(),
            dots: false,
            dashed: false,
            same_colour: false,
            colour: None,
            ink: false,
            named_at: None,
        }
    }

    /// Adds a shaded band with one pair (low, high) per point: a spread over seeds, for instance.
    ///
    /// # Panics
    /// If there is not one pair per point.
    #[must_use]
    #[track_caller]
    pub fn band(mut self, band: Vec<(f64, f64)>) -> Self {
        let (have, need) = (band.len(), self.points.len());
        assert!(have == need, "the band of curve {:?} has {have} pairs for {need} points", self.name);
        self.band = band;
        self
    }

    /// Replaces every `window` points in turn by their mean, with a band from their smallest value to their largest: single
    /// steps of training vary too much to tell curves apart. Points that do not fill a window are left out; a window of 1
    /// changes nothing.
    ///
    /// ```
    /// use plot::{Curve, Figure, LinePanel};
    ///
    /// let loss = Curve::new("loss", (0..1000).map(|step| (f64::from(step), f64::from(step % 7))).collect());
    /// assert!(Figure::new("", [LinePanel::new("", vec![loss.averaged(50)])]).svg().contains("polygon"));
    /// ```
    #[must_use]
    pub fn averaged(mut self, window: usize) -> Self {
        if window > 1 {
            let mean = |points: &[(f64, f64)], of: fn(&(f64, f64)) -> f64| {
                points.iter().map(of).sum::<f64>() / points.len() as f64
            };
            let range = |points: &[(f64, f64)]| {
                let wider = |(low, high): (f64, f64), y: f64| (low.min(y), high.max(y));
                points.iter().map(|point| point.1).fold((f64::INFINITY, f64::NEG_INFINITY), wider)
            };
            let windows = self.points.chunks_exact(window);
            self.band = windows.clone().map(range).collect();
            self.points = windows.map(|points| (mean(points, |p| p.0), mean(points, |p| p.1))).collect();
        }
        self
    }

    /// Draws a dot on every point.
    #[must_use]
    pub fn dots(mut self) -> Self {
        self.dots = true;
        self
    }

    /// Draws the line in dashes: for what was predicted, not measured.
    #[must_use]
    pub fn dashed(mut self) -> Self {
        self.dashed = true;
        self
    }

    /// Draws the curve in the colour of the one before it; the legend shows it in ink, and equal names once.
    #[must_use]
    pub fn same_colour(mut self) -> Self {
        self.same_colour = true;
        self
    }

    /// Takes colour `index` of the palette in place of that of its position, so that one subject has one colour in every
    /// figure; seven colours differ, and the eighth is the first with a glyph.
    #[must_use]
    pub fn colour(mut self, index: usize) -> Self {
        self.colour = Some(index);
        self
    }

    /// Draws the curve in the colour of the axes: a bound, say, that is none of the series.
    #[must_use]
    pub fn ink(mut self) -> Self {
        self.ink = true;
        self
    }

    /// Writes the name beside the point nearest to `x`, in place of the last point: for curves whose ends meet or say little.
    #[must_use]
    pub fn named_at(mut self, x: f64) -> Self {
        self.named_at = Some(x);
        self
    }

    /// The points, and both sides of the band.
    pub(crate) fn positions(&self) -> impl Iterator<Item = (f64, f64)> + Clone + '_ {
        let sides = self.points.iter().zip(&self.band).flat_map(|(&(x, _), &(lo, hi))| [(x, lo), (x, hi)]);
        self.points.iter().copied().chain(sides)
    }

    pub(crate) fn draw_band(&self, scene: &mut Scene, plot: &Plot<'_>, colour: Colour) {
        let edges: Vec<(f64, f64, f64)> =
            self.points.iter().zip(&self.band).map(|(&(x, _), &(lo, hi))| (x, lo, hi)).collect();
        // An infinite side reaches the frame; NaN has no side.
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

    pub(crate) fn draw_line(&self, scene: &mut Scene, plot: &Plot<'_>, style: SeriesStyle) {
        for line in lines(plot, &self.points) {
            if self.dashed && line.len() > 1 {
                dashes(&line).into_iter().for_each(|dash| scene.path(dash, style.thick, style.colour));
            } else {
                style.stroke(scene, line);
            }
        }
        if self.dots {
            let visible = self.points.iter().filter(|&&point| shown(plot, point));
            let visible: Vec<Dots> = visible.map(|&point| plot.at(point)).collect();
            glyph::along(scene, style.glyph.unwrap_or(Glyph::Disc), &visible, DENSE, style.colour);
        }
        mark(scene, plot, &self.points, style.colour);
    }
}

/// The upper side forwards and the lower side backwards, with one pair per column of dots.
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
