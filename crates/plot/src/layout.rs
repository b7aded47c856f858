//! The layout of a figure: its size, its header, and the grid of panels.

use crate::axis::Axis;
use crate::frame::{self, Y_LABEL};
use crate::palette::PAPER;
use crate::scene::{Area, Scene};
use crate::{Figure, Panel, PanelKind, header};

/// The narrowest and the widest figure in dots: 600 and 830 nominal pixels, the width of a column of text on GitHub.
const NARROWEST: i32 = 1200;
const BROADEST: i32 = 1660;
/// The height in dots of a figure with one row, and the least of a row among several.
const ONE_ROW: i32 = 720;
const ROW: i32 = 480;
/// Dots between rows, so that a title is nearer to its own panel than to the one above.
const BETWEEN: i32 = 20;
const MOST_COLUMNS: usize = 5;
/// Free dots around the panels.
const EDGE: i32 = 16;

/// Columns and rows of equal cells, and the width of the figure.
struct PanelGrid {
    columns: usize,
    rows: usize,
    width: i32,
}

/// As few rows as fit, as even as possible: 7 panels make 4 + 3.
fn grid(panels: &[&dyn PanelKind]) -> PanelGrid {
    let ideal = panels.iter().map(|panel| panel.width()).max().unwrap_or(0).min(BROADEST);
    // A panel is still readable at 0.7 of its best width.
    let fitting = (BROADEST / (ideal * 7 / 10).max(1)).unsigned_abs() as usize;
    let rows = panels.len().div_ceil(fitting.clamp(1, MOST_COLUMNS));
    let columns = panels.len().div_ceil(rows);
    PanelGrid { columns, rows, width: (columns as i32 * ideal).clamp(NARROWEST, BROADEST) }
}

/// Lays out a whole figure.
pub(crate) fn scene(figure: &Figure) -> Scene {
    let panels: Vec<&dyn PanelKind> = figure.panels.iter().map(Panel::kind).collect();
    let PanelGrid { columns, rows, width } = grid(&panels);
    let legend = header::rows(header::legend(figure), width - 2 * EDGE);
    let head = header::height(figure, width, legend.len());
    let axes = axes(&panels, figure.shared);
    let tallest = panels.iter().map(|panel| panel.height()).max().unwrap_or(0);
    let row = if rows == 1 { (ONE_ROW - head - EDGE).max(ROW) } else { ROW }.max(tallest);
    let height = rows as i32 * (row + BETWEEN) - BETWEEN;
    let mut scene = Scene::new(width, head + height + EDGE, PAPER);
    header::draw(&mut scene, figure, &legend);
    cells(&mut scene, &panels, &axes, columns, Area::new(EDGE, head, width - EDGE, head + row));
    scene
}

/// The axes of every panel; if they are shared, each holds what all of them hold.
fn axes(panels: &[&dyn PanelKind], shared: bool) -> Vec<[Axis; 2]> {
    let mut axes: Vec<[Axis; 2]> = panels.iter().map(|panel| [panel.x_axis(), panel.y_axis()]).collect();
    if shared {
        for side in 0..2 {
            let all = axes.iter().map(|axes| axes[side].clone()).reduce(Axis::joined);
            axes.iter_mut().zip(all.iter().cycle()).for_each(|(axes, all)| {
                axes[side] = axes[side].clone().joined(all.clone());
            });
        }
    }
    axes
}

/// Draws the panels into rows, of which `first` is the area of the first.
fn cells(scene: &mut Scene, panels: &[&dyn PanelKind], axes: &[[Axis; 2]], columns: usize, first: Area) {
    // A label that all panels share is written once per row, in a gutter of its own.
    let shared = panels.iter().all(|panel| panel.labels().y == panels[0].labels().y);
    let gutter = if panels.iter().any(|panel| !panel.labels().y.is_empty()) { Y_LABEL } else { 0 };
    let gutters = if shared { 1 } else { columns as i32 };
    let width = (first.width() - gutter * gutters) / columns as i32;
    let margins = frame::margins(panels, axes, first.height());
    for (i, panel) in panels.iter().enumerate() {
        let (row, column) = ((i / columns) as i32, (i % columns) as i32);
        let before = if shared { 1 } else { column + 1 };
        let left = first.left + gutter * before + column * width;
        let top = first.top + row * (first.height() + BETWEEN);
        let cell = Area::new(left, top, left + width, top + first.height());
        frame::draw(scene, cell, margins, (*panel, &axes[i]), column == 0 || !shared);
    }
}
