//! The frame of a panel: title, grid, axes, ticks and their labels around the data.

use crate::PanelKind;
use crate::axis::Axis;
use crate::font;
use crate::labels::{Labels, axis_texts};
use crate::palette::{FAINT, GRID, INK, MINOR_GRID, PAPER};
use crate::scene::{Align, Area, Dots, Scene, Text};
use crate::ticks::{Tick, minor, ticks};

/// The sizes of tick labels, axis labels and panel titles, in dots per em.
pub(crate) const TICK: i32 = 22;
pub(crate) const LABEL: i32 = 24;
const TITLE: i32 = 28;
/// The length of a tick, and the distance to its label, in dots.
const STROKE: i32 = 8;
const GAP: i32 = 8;
/// The width that an upright axis label takes, in dots.
pub(crate) const Y_LABEL: i32 = LABEL + 20;
/// Dots to the right of a plot, for half a tick label.
const RIGHT: i32 = 28;
/// The most dots that names of rows take.
const LONGEST: i32 = 320;

/// A panel's data area and the axes that map values into it.
pub(crate) struct Plot<'a> {
    pub area: Area,
    pub x: &'a Axis,
    pub y: &'a Axis,
}

/// The margins around the data area in dots, the same for all panels of a figure, so that they line up.
#[derive(Clone, Copy, Default)]
pub(crate) struct Margins {
    pub left: i32,
    pub right: i32,
    pub top: i32,
    pub bottom: i32,
}

impl Plot<'_> {
    /// The position of a point.
    pub(crate) fn at(&self, (x, y): (f64, f64)) -> Dots {
        (self.x(x), self.y(y))
    }

    /// The dot of a value on the x axis.
    pub(crate) fn x(&self, value: f64) -> i32 {
        self.across(self.x.fraction(value))
    }

    /// The dot of a value on the y axis.
    pub(crate) fn y(&self, value: f64) -> i32 {
        self.up(self.y.fraction(value))
    }

    /// The dots of a position given as fractions of both axes.
    pub(crate) fn dots(&self, (across, up): (f64, f64)) -> Dots {
        (self.across(across), self.up(up))
    }

    fn across(&self, fraction: f64) -> i32 {
        self.area.left + (f64::from(self.area.width()) * fraction).round() as i32
    }

    fn up(&self, fraction: f64) -> i32 {
        self.area.bottom - (f64::from(self.area.height()) * fraction).round() as i32
    }

    /// Writes that there are no values, which an empty frame would leave open.
    pub(crate) fn no_values(&self, scene: &mut Scene) {
        let text = Text::new("no values", self.area.centre(), LABEL, Align::Middle, FAINT);
        scene.rect(text.room().grown(6), PAPER);
        scene.text(text);
    }
}

/// The margins that the titles and labels of `panels` need in cells of this height.
pub(crate) fn margins(panels: &[&dyn PanelKind], axes: &[[Axis; 2]], cell_height: i32) -> Margins {
    let any = |text: fn(&Labels) -> &str| panels.iter().any(|panel| !text(panel.labels()).is_empty());
    let top = if any(|labels| &labels.title) { TITLE + 22 } else { 20 };
    let x_label = if any(|labels| &labels.x) { LABEL + 14 } else { 6 };
    let bottom = STROKE + GAP + TICK + x_label;
    let labels = axes.iter().flat_map(|[_, y]| y_ticks(y, cell_height - top - bottom));
    let widest = labels.map(|tick| font::width(&tick.label, TICK)).max().unwrap_or(0);
    let right = RIGHT + panels.iter().map(|panel| panel.right()).max().unwrap_or(0);
    Margins { left: widest + GAP + STROKE, right, top, bottom }
}

fn y_ticks(axis: &Axis, height: i32) -> Vec<Tick> {
    let mut ticks = ticks(axis, height, |_| TICK);
    ticks.iter_mut().for_each(|tick| tick.label = font::shortened(&tick.label, TICK, LONGEST));
    ticks
}

/// The area of a panel's data in its cell.
pub(crate) fn inner(cell: Area, Margins { left, right, top, bottom }: Margins) -> Area {
    Area::new(cell.left + left, cell.top + top, cell.right - right, cell.bottom - bottom)
}

/// Draws a panel with its axes into its cell; with `y_label`, its y label stands to the left of the cell.
pub(crate) fn draw(
    scene: &mut Scene,
    cell: Area,
    margins: Margins,
    (panel, axes): (&dyn PanelKind, &[Axis; 2]),
    y_label: bool,
) {
    let [x, y] = axes;
    let Margins { right, top, .. } = margins;
    let area = inner(cell, margins);
    let [x_text, y_text] = axis_texts(panel, axes);
    let plot = Plot { area, x, y };
    let y_ticks = y_ticks(y, area.height());
    grid(scene, &plot, &y_ticks);
    panel.draw(scene, &plot);
    border(scene, area);
    panel.draw_over(scene, &plot);
    mark_y(scene, &plot, &y_ticks);
    mark_x(scene, &plot, cell.right - right + RIGHT);
    let (centre, middle) = area.centre();
    let title = Text::new(&panel.labels().title, (centre, cell.top + top / 2), TITLE, Align::Middle, INK);
    // The frame is not in the middle of its cell.
    let room = 2 * (centre - cell.left).min(cell.right - centre) - 8;
    scene.text(title.within(room));
    let low = (centre, cell.bottom - LABEL / 2 - 2);
    scene.text(Text::new(&x_text, low, LABEL, Align::Middle, INK).within(room));
    if y_label {
        let at = (cell.left - Y_LABEL / 2, middle);
        let text = Text::new(&y_text, at, LABEL, Align::Middle, INK);
        scene.text(text.within(cell.height() - 8).upright());
    }
}

fn grid(scene: &mut Scene, plot: &Plot<'_>, ticks: &[Tick]) {
    let minor = minor(plot.y).into_iter().map(|at| (at, 1, MINOR_GRID));
    let major = ticks.iter().map(|tick| (tick.at, 2, GRID));
    for (at, thick, colour) in minor.chain(major) {
        let y = plot.up(at);
        scene.rect(Area { top: y - thick / 2, bottom: y - thick / 2 + thick, ..plot.area }, colour);
    }
}

/// Draws the four sides, over the edges of the data.
pub(crate) fn border(scene: &mut Scene, Area { left, top, right, bottom }: Area) {
    scene.rect(Area::new(left - 1, top - 1, right + 1, top + 1), INK);
    scene.rect(Area::new(left - 1, bottom - 1, right + 1, bottom + 1), INK);
    scene.rect(Area::new(left - 1, top - 1, left + 1, bottom + 1), INK);
    scene.rect(Area::new(right - 1, top - 1, right + 1, bottom + 1), INK);
}

fn mark_y(scene: &mut Scene, plot: &Plot<'_>, ticks: &[Tick]) {
    let left = plot.area.left;
    for tick in ticks {
        let y = plot.up(tick.at);
        scene.rect(Area::new(left - STROKE, y - 1, left, y + 1), INK);
        scene.text(Text::new(&tick.label, (left - STROKE - GAP, y), TICK, Align::End, INK));
    }
}

fn mark_x(scene: &mut Scene, plot: &Plot<'_>, edge: i32) {
    let (width, bottom) = (plot.area.width(), plot.area.bottom);
    for tick in ticks(plot.x, width, |label| font::width(label, TICK)) {
        let x = plot.across(tick.at);
        scene.rect(Area::new(x - 1, bottom, x + 1, bottom + STROKE), INK);
        let at = (x, bottom + STROKE + GAP + TICK / 2);
        let label = Text::new(&tick.label, at, TICK, Align::Middle, INK).within(width);
        // A long number at the end of the axis would reach into the next panel.
        if x + font::width(&label.text, label.size) / 2 <= edge {
            scene.text(label);
        }
    }
}
