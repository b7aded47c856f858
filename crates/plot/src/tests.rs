//! Tests of whole figures: their content, its positions, and that no input makes them panic.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::palette::{self, OUTLINE};
use crate::scene::{Area, Colour, Primitive, SCALE, SMALLEST, Scene, Text};
use crate::{BarPanel, Figure, HistogramPanel, Line, Series, layout};

mod densities;
mod every_kind;
mod frames;
mod lines;
mod maps;
mod phases;
mod ridges;

use frames::says;

/// Counts of a saturated layer: high ends, a low middle, and some empty bins.
fn counts(number: u64) -> Vec<u64> {
    let middle = |i: u64| if i.is_multiple_of(20) { 0 } else { i * 37 % 200 };
    (0..50).map(|i| if i == 0 || i == 49 { 3800 + number } else { middle(i) }).collect()
}

fn layer(number: u64) -> HistogramPanel {
    let edges = (0..=50).map(|i| f64::from(i) / 25.0 - 1.0).collect();
    HistogramPanel::new(format!("Layer {number}"), edges, counts(number))
        .x_label("Activation value")
        .marker(0.0, "zero", Line::Dashed)
        .marker(-0.99, "|x| = 0.99", Line::Dotted)
        .marker(0.99, "|x| = 0.99", Line::Dotted)
}

fn layers(count: u64) -> Figure {
    Figure::new("Activations — Random <init> & more", (1..=count).map(layer)).caption("seed 42")
}

/// The colour of series `index`.
fn colour(index: usize) -> Colour {
    palette::series(index).0
}

fn names(count: usize) -> Vec<String> {
    (1..=count).map(|i| format!("W{i}")).collect()
}

fn gradients() -> Figure {
    let random = Series::new("Random init", vec![6.73e-1, 1.26e-1, 5.09e-2, 3.81e-2]);
    let kaiming = Series::new("Kaiming init", vec![5.83e-3, 5.62e-3, 5.59e-3, 9.37e-3]);
    let panel = BarPanel::new(names(4), vec![random, kaiming]).y_label("Mean |gradient|").log();
    Figure::new("Gradient flow: Bad init → vanishing", [panel.x_label("Weight").title("By layer")])
}

/// The same kind with bars.
fn losses() -> Figure {
    let series = |name: &str, factor: f64| Series::new(name, vec![3.3 * factor, 2.1, 2.0, 1.9]);
    Figure::new("", [BarPanel::new(names(4), vec![series("tanh", 1.0), series("ReLU", 2.0)])])
}

/// Values that no log axis can show, in `groups` groups.
fn missing(groups: usize) -> Figure {
    let odd = [0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -2.0, 1e-3];
    let values = odd.iter().copied().cycle().take(groups).collect();
    let plain = Series::new("plain", vec![1e-2; groups]);
    Figure::new("Missing", [BarPanel::new(names(groups), vec![Series::new("odd", values), plain]).log()])
}

fn texts(figure: &Figure) -> Vec<Text> {
    let shapes = layout::scene(figure).shapes;
    let text = |shape| if let Primitive::Text(text) = shape { Some(text) } else { None };
    shapes.into_iter().filter_map(text).collect()
}

fn rects(figure: &Figure, colour: Colour) -> usize {
    let shapes = layout::scene(figure).shapes;
    shapes.iter().filter(|shape| matches!(shape, Primitive::Rect(_, c) if *c == colour)).count()
}

/// The width of a column of text on GitHub, in pixels: a wider figure is shown smaller, and its texts with it.
const COLUMN: i32 = 830;

fn assert_readable(figure: &Figure) {
    let Scene { width, height, .. } = layout::scene(figure);
    assert!(width <= COLUMN * SCALE, "{width} dots are wider than a column");
    let texts = texts(figure);
    for (i, text) in texts.iter().enumerate() {
        let area = text.room();
        let inside = Area::new(0, 0, width, height).holds(area);
        assert!(inside, "{:?} at {area:?} leaves {width} x {height}", text.text);
        assert!(text.size >= SMALLEST, "{:?} has {} dots per em", text.text, text.size);
        for other in &texts[..i] {
            assert!(!area.overlaps(other.room()), "{:?} and {:?} overlap", text.text, other.text);
        }
    }
}

#[test]
fn equal_figures_give_equal_bytes() {
    for figure in [layers(3), gradients(), missing(51)] {
        assert_eq!(figure.svg(), figure.clone().svg());
        assert_eq!(figure.png(), figure.clone().png());
    }
}

#[test]
fn every_text_given_is_in_the_svg() {
    let svg = layers(3).svg();
    let given = ["Random &lt;init&gt; &amp; more", "seed 42", "Layer 1", "Layer 2", "Layer 3"];
    for text in given.into_iter().chain(["Activation value", "Count", "zero", "|x| = 0.99"]) {
        assert!(svg.contains(text), "{text} is missing");
    }
    let svg = gradients().svg();
    let given = ["Bad init → vanishing", "Random init", "Kaiming init", "W1", "W4", "Weight", "By layer"];
    for text in given.into_iter().chain(["Mean |gradient|", "10⁻³", "10⁰"]) {
        assert!(svg.contains(text), "{text} is missing");
    }
}

#[test]
fn a_shared_label_and_a_legend_entry_appear_once_per_row() {
    for once in ["Count", "zero", "|x| = 0.99"] {
        assert_eq!(says(&layers(3), once), 1, "{once}");
    }
    // Three panels per row.
    assert_eq!(says(&layers(10), "Count"), 4);
}

#[test]
fn every_counted_bin_and_every_value_has_a_bar() {
    let counted = counts(1).into_iter().filter(|&count| count > 0).count();
    assert_eq!(counted, 48);
    assert_eq!(rects(&layers(3), colour(1)), 3 * counted);
    // One more for the legend.
    assert_eq!(rects(&losses(), colour(0)), 5);
    assert_eq!(rects(&losses(), colour(1)), 5);
}

#[test]
fn a_log_axis_has_dots_and_no_bars() {
    let discs = |colour: Colour| {
        let shapes = layout::scene(&gradients()).shapes;
        shapes.iter().filter(|shape| matches!(shape, Primitive::Disc(_, _, c) if *c == colour)).count()
    };
    // The second series has squares.
    assert_eq!((discs(colour(0)), rects(&gradients(), colour(0))), (5, 0));
    assert_eq!((discs(colour(1)), rects(&gradients(), colour(1))), (0, 5));
}

#[test]
fn a_part_of_each_bar_is_set_off() {
    let part: Vec<u64> = counts(1).iter().map(|count| count / 2).collect();
    let whole = || layer(1).colour(3);
    let figure = Figure::new("", [whole().part("|x| > 0.99", part.clone())]);
    assert_eq!(says(&figure, "|x| > 0.99"), 1);
    let heights = |colour: Colour| -> Vec<i32> {
        let shapes = layout::scene(&figure).shapes.into_iter();
        let tall = shapes.filter_map(|shape| match shape {
            Primitive::Rect(area, c) if c == colour && area.height() > 100 => Some(area.height()),
            _ => None,
        });
        tall.collect()
    };
    // The outermost bins: half of each bar; their outlines are as high as the bars.
    let bars = heights(colour(3));
    let halves: Vec<i32> = heights(OUTLINE).into_iter().filter(|height| height * 3 < bars[0] * 2).collect();
    assert!(halves.len() == 2 && (bars[0] / 2 - halves[0]).abs() <= 1, "{bars:?} {halves:?}");
    let larger = std::panic::catch_unwind(|| whole().part("", counts(2)));
    assert!(larger.is_err(), "a part larger than the whole was taken");
}

#[test]
fn a_long_title_takes_several_lines() {
    let title = "A title that says what was found takes more words than one that names what was measured, and so it is \
                 broken between two of them";
    let figure = Figure::new(title, [layer(1)]);
    assert_readable(&figure);
    let lines: Vec<String> = texts(&figure).into_iter().map(|text| text.text).take(2).collect();
    assert_eq!(lines.join(" "), title);
}

#[test]
fn an_svg_has_a_title_a_description_and_dark_colours() {
    let svg = layers(2).svg();
    assert!(svg.contains(
        "\n<title>Activations — Random &lt;init&gt; &amp; more</title>\n<desc>seed 42. Layer 1: Count"
    ));
    assert!(svg.contains(r##"[fill="#FFFFFF"]{fill:#0D1117}"##) && svg.contains(r##"fill="#FFFFFF"/>"##));
    let described = layers(1).description("3 < 4");
    assert!(described.svg().contains("<desc>3 &lt; 4</desc>"));
    // What is read before the style sheet comes first, so that a viewer without styles shows the light colours.
    assert!(svg.find("<style>") < svg.find("<rect"));
}

#[test]
fn png_and_svg_have_the_nominal_size() {
    assert_eq!(layers(3).size(), (830, 360));
    assert_eq!(gradients().size(), (600, 360));
    for figure in [layers(1), layers(3), layers(7), gradients()] {
        let (width, height) = figure.size();
        let scale = SCALE.unsigned_abs();
        let bytes = figure.png();
        let reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().expect("a PNG file");
        let info = reader.info();
        assert_eq!((info.width, info.height), (width * scale, height * scale));
        let (wide, high) = (width * scale, height * scale);
        let head = format!(r#"<svg width="{width}" height="{height}" role="img""#);
        assert!(figure.svg().starts_with(&head), "{head}");
        assert!(figure.svg().contains(&format!(r#"viewBox="0 0 {wide} {high}""#)));
    }
}

#[test]
fn values_without_a_bar_are_marked() {
    let marks: Vec<String> = texts(&missing(6)).into_iter().map(|text| text.text).collect();
    for mark in ["0", "NaN", "inf", "−inf", "<0"] {
        assert_eq!(marks.iter().filter(|text| *text == mark).count(), 1, "{mark} in {marks:?}");
    }
    // The dot of the one value that is left, and that of the legend.
    let discs = layout::scene(&missing(6)).shapes;
    assert_eq!(discs.iter().filter(|shape| matches!(shape, Primitive::Disc(..))).count(), 2);
}

#[test]
fn texts_neither_overlap_nor_leave_the_sheet() {
    for count in [1, 2, 3, 4, 5, 7, 10, 50] {
        assert_readable(&layers(count));
    }
    assert_readable(&gradients());
    assert_readable(&losses());
    for groups in [1, 6, 20, 51, 90] {
        assert_readable(&missing(groups));
    }
}

#[test]
fn plots_without_values_say_so() {
    let empty = HistogramPanel::new("none", vec![-1.0, 0.0, 1.0], vec![0, 0]);
    assert!(Figure::new("", [empty]).svg().contains("no values"));
    assert!(Figure::new("", [BarPanel::new(names(0), vec![])]).svg().contains("no values"));
    assert!(Figure::new("", [BarPanel::new(names(2), vec![]).log()]).svg().contains("no values"));
}

#[test]
#[should_panic(expected = "3 bins need 4 edges, not 3")]
fn bins_need_one_more_edge() {
    let _ = HistogramPanel::new("", vec![0.0, 1.0, 2.0], vec![1, 2, 3]);
}

#[test]
#[should_panic(expected = "series \"short\" has 1 values for 2 groups")]
fn a_series_needs_a_value_per_group() {
    let _ = BarPanel::new(names(2), vec![Series::new("short", vec![1.0])]);
}

#[test]
#[should_panic(expected = "at least 1 panel")]
fn a_figure_needs_a_panel() {
    let _ = Figure::new("", Vec::<BarPanel>::new());
}

/// Any finite float, the huge and the tiny ones too.
fn finite() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    prop_oneof![POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO, -2.0..2.0, Just(0.25)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn histograms_never_panic(
        mut edges in vec(finite(), 1..8),
        counts in vec(any::<u64>(), 7),
        at in finite(),
        title in any::<String>(),
    ) {
        edges.sort_by(f64::total_cmp);
        let counts = counts[..edges.len() - 1].to_vec();
        let panel = HistogramPanel::new(title.clone(), edges, counts).marker(at, title.clone(), Line::Dotted);
        let figure = Figure::new(title, [panel]);
        prop_assert!(figure.svg().ends_with("</svg>\n"));
        prop_assert!(!figure.png().is_empty());
    }

    #[test]
    fn bars_never_panic(values in vec(prop_oneof![finite(), any::<f64>()], 0..12), log: bool, both: bool) {
        let mut series = vec![Series::new("a", values.clone())];
        if both {
            series.push(Series::new("b", values.iter().map(|value| -value).collect()));
        }
        let panel = BarPanel::new(names(values.len()), series);
        let figure = Figure::new("any", [if log { panel.log() } else { panel }]);
        prop_assert!(figure.svg().ends_with("</svg>\n"));
        prop_assert!(!figure.png().is_empty());
    }
}

/// The width of a PNG file and its colours, three bytes for each pixel.
fn pixels_of(file: &[u8]) -> (u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().expect("a PNG file");
    let mut pixels = vec![0; reader.output_buffer_size().expect("its size")];
    let info = reader.next_frame(&mut pixels).expect("pixels");
    (info.width, pixels)
}
