//! The layout of a figure: its size, its header, and the grid of panels.

use crate::axis::Axis;
use crate::frame::{self, Margins, Plot, Y_LABEL};
use crate::header::{self, Entry};
use crate::labels::axis_texts;
use crate::palette::PAPER;
use crate::scene::{Area, Scene};
use crate::{Figure, Panel, PanelKind};

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

/// A figure's panels with their axes, the areas of header and cells, and its size.
struct FigureLayout<'a> {
    panels: Vec<&'a dyn PanelKind>,
    axes: Vec<[Axis; 2]>,
    legend: Vec<Vec<Entry>>,
    cells: PanelCells,
    size: (i32, i32),
}

fn layout(figure: &Figure) -> FigureLayout<'_> {
    let panels: Vec<&dyn PanelKind> = figure.panels.iter().map(Panel::kind).collect();
    let PanelGrid { columns, rows, width } = grid(&panels);
    let legend = header::rows(header::legend(figure), width - 2 * EDGE);
    let head = header::height(figure, width, legend.len());
    let axes = axes(&panels, figure.shared);
    let tallest = panels.iter().map(|panel| panel.height()).max().unwrap_or(0);
    let row = if rows == 1 { (ONE_ROW - head - EDGE).max(ROW) } else { ROW }.max(tallest);
    let height = rows as i32 * (row + BETWEEN) - BETWEEN;
    let cells = cells(&panels, &axes, columns, Area::new(EDGE, head, width - EDGE, head + row));
    FigureLayout { panels, axes, legend, cells, size: (width, head + height + EDGE) }
}

/// Lays out a whole figure.
pub(crate) fn scene(figure: &Figure) -> Scene {
    let FigureLayout { panels, axes, legend, cells, size } = layout(figure);
    let mut scene = Scene::new(size.0, size.1, PAPER);
    header::draw(&mut scene, figure, &legend);
    for (i, panel) in panels.iter().enumerate() {
        let labelled = i % cells.columns == 0 || !cells.shared_label;
        frame::draw(&mut scene, cells.areas[i], cells.margins, (*panel, &axes[i]), labelled);
    }
    scene
}

/// The area of a panel's data, in dots, and where values of its x axis stand in it.
pub(crate) fn columns(figure: &Figure, panel: usize, values: &[f64]) -> (Area, Vec<i32>) {
    let FigureLayout { axes, cells, .. } = layout(figure);
    let [x, y] = &axes[panel];
    let plot = Plot { area: frame::inner(cells.areas[panel], cells.margins), x, y };
    (plot.area, values.iter().map(|&value| plot.x(value)).collect())
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

/// The cells of the panels, in rows of which `first` is the area of the first, and the margins inside them.
struct PanelCells {
    columns: usize,
    margins: Margins,
    areas: Vec<Area>,
    /// True if a label that all panels share is written once per row, in a gutter of its own.
    shared_label: bool,
}

fn cells(panels: &[&dyn PanelKind], axes: &[[Axis; 2]], columns: usize, first: Area) -> PanelCells {
    let y_text = |(panel, axes): (&&dyn PanelKind, &[Axis; 2])| axis_texts(*panel, axes)[1].clone();
    let texts: Vec<String> = panels.iter().zip(axes).map(y_text).collect();
    let shared_label = texts.iter().all(|text| *text == texts[0]);
    let gutter = if texts.iter().any(|text| !text.is_empty()) { Y_LABEL } else { 0 };
    let gutters = if shared_label { 1 } else { columns as i32 };
    let width = (first.width() - gutter * gutters) / columns as i32;
    let cell = |i: usize| {
        let (row, column) = ((i / columns) as i32, (i % columns) as i32);
        let before = if shared_label { 1 } else { column + 1 };
        let left = first.left + gutter * before + column * width;
        let top = first.top + row * (first.height() + BETWEEN);
        Area::new(left, top, left + width, top + first.height())
    };
    let margins = frame::margins(panels, axes, first.height());
    PanelCells { columns, margins, areas: (0..panels.len()).map(cell).collect(), shared_label }
}
