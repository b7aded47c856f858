//! End labels: the name of each curve beside its last point: to the right of the frame, or in it where the curve ends early or
//! is named elsewhere.

use crate::font;
use crate::frame::{Plot, TICK};
use crate::palette::INK;
use crate::point_labels;
use crate::scene::{Align, Colour, Dots, Scene, Text};

/// The name of a curve, and the point that it belongs to: usually the last in the frame.
pub(crate) struct EndLabel {
    pub name: String,
    pub end: Dots,
    pub colour: Colour,
}

/// More labels than this have too little room beside a frame.
pub(crate) const MOST: usize = 9;
/// In dots: the distance from the frame to a name, the smallest distance between lines of names, and the longest name.
const LEADER: i32 = 36;
const LINE: i32 = TICK + 4;
const LONGEST: i32 = 600;

/// The dots to the right of a frame that these names take.
pub(crate) fn room<'a>(names: impl Iterator<Item = &'a str>) -> i32 {
    let width = |name| font::width(name, TICK).min(LONGEST);
    names.map(width).max().map_or(0, |widest| LEADER + widest)
}

/// A curve that ends this many dots before the frame ends early: a line from there to the margin would look like data.
const EARLY: i32 = 120;

/// Writes the names as near to the height of their points as their neighbours allow: in the margin, each with a line from
/// its point, or in the frame, clear of the `lines` drawn there, where a curve ends early.
pub(crate) fn draw(scene: &mut Scene, plot: &Plot<'_>, mut labels: Vec<EndLabel>, lines: &[Vec<Dots>]) {
    labels.sort_by_key(|label| label.end.1);
    let (early, last): (Vec<EndLabel>, Vec<EndLabel>) =
        labels.into_iter().partition(|label| label.end.0 < plot.area.right - EARLY);
    let left = plot.area.right + LEADER;
    let wanted: Vec<i32> = last.iter().map(|label| label.end.1).collect();
    let at = spread(&wanted, plot.area.top, plot.area.bottom);
    for (label, y) in last.into_iter().zip(at) {
        let knee = (plot.area.right + LEADER / 4).max(label.end.0);
        scene.path(vec![label.end, (knee, label.end.1), (left - 8, y)], 2, label.colour);
        let name = font::shortened(&label.name, TICK, LONGEST);
        scene.text(Text::new(&name, (left, y), TICK, Align::Start, INK));
    }
    draw_inside(scene, plot, &early, lines);
}

/// Writes names in the frame; one for which there is no room stands on its own point.
fn draw_inside(scene: &mut Scene, plot: &Plot<'_>, labels: &[EndLabel], lines: &[Vec<Dots>]) {
    let names: Vec<(Dots, String)> = labels.iter().map(|label| (label.end, label.name.clone())).collect();
    for (label, placed) in labels.iter().zip(point_labels::place(&names, plot.area, lines)) {
        if let Some(placed) = placed {
            placed.draw_leader(scene, label.colour);
            scene.text(placed.text);
        } else {
            let room = (plot.area.right - label.end.0).min(LONGEST);
            let name = font::shortened(&label.name, TICK, room);
            scene.text(Text::new(&name, label.end, TICK, Align::Start, INK));
        }
    }
}

/// Positions in ascending order, a line apart and between `top` and `bottom` if they fit, near the ascending `wanted`.
fn spread(wanted: &[i32], top: i32, bottom: i32) -> Vec<i32> {
    // Groups of lines that touch: the sum of what their first lines want, and the number of lines.
    let mut groups: Vec<(i32, i32)> = Vec::new();
    let start = |(sum, count): (i32, i32)| {
        let last = bottom - (count - 1) * LINE;
        (sum / count).min(last).max(top)
    };
    for &y in wanted {
        groups.push((y, 1));
        while let [.., before, last] = groups[..] {
            if start(before) + before.1 * LINE <= start(last) {
                break;
            }
            groups.truncate(groups.len() - 2);
            groups.push((before.0 + last.0 - last.1 * before.1 * LINE, before.1 + last.1));
        }
    }
    groups.into_iter().flat_map(|group| (0..group.1).map(move |at| start(group) + at * LINE)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_distance_and_stay_near() {
        assert_eq!(spread(&[100, 200, 300], 0, 400), [100, 200, 300]);
        // Two at one height move apart by the same amount.
        assert_eq!(spread(&[200, 200], 0, 400), [200 - LINE / 2, 200 + LINE / 2]);
        let crowded = spread(&[390, 395, 400, 400], 0, 400);
        assert!(crowded.windows(2).all(|pair| pair[1] - pair[0] >= LINE), "{crowded:?}");
        assert_eq!(crowded[3], 400);
        assert_eq!(spread(&[], 0, 400), [0; 0]);
    }
}
