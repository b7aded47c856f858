//! Names of points, each beside its point, so that no two overlap.

use crate::font;
use crate::palette::{FAINT, INK, PAPER};
use crate::scene::{Align, Area, Colour, Dots, Scene, Text};

/// The size of a name in dots per em, and the free dots around it.
const SIZE: i32 = 22;
const AIR: i32 = 4;
/// The distances from a point to its name that are tried, in dots: the first is beside the point, the others are at the
/// end of a line.
const DISTANCES: [i32; 6] = [16, 36, 60, 90, 125, 165];
/// The sixteen directions that are tried, the most usual first: cosine and sine in thousandths.
const DIRECTIONS: [(i32, i32); 16] = [
    (1000, 0),
    (707, -707),
    (707, 707),
    (0, -1000),
    (0, 1000),
    (-1000, 0),
    (-707, -707),
    (-707, 707),
    (924, -383),
    (924, 383),
    (383, -924),
    (383, 924),
    (-383, -924),
    (-383, 924),
    (-924, -383),
    (-924, 383),
];

/// Points within this many dots share a name.
const NEAR: i32 = 8;

/// Every point once; points at (nearly) one position have a common name.
pub(crate) fn grouped<'a>(points: impl Iterator<Item = (Dots, &'a str)>) -> Vec<(Dots, String)> {
    let mut groups: Vec<(Dots, Vec<&str>)> = Vec::new();
    for ((x, y), name) in points {
        let near = |((left, top), _): &&mut (Dots, _)| (left - x).abs().max((top - y).abs()) <= NEAR;
        match groups.iter_mut().find(near) {
            Some((_, names)) => names.push(name),
            None => groups.push(((x, y), vec![name])),
        }
    }
    groups.into_iter().map(|(at, names)| (at, joined(&names))).collect()
}

fn joined(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => one.to_string(),
        [one, other] => format!("{one}, {other}"),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}

/// A name with a position, and the line from its point if it is not beside it.
pub(crate) struct PlacedName {
    pub text: Text,
    pub leader: Option<[Dots; 2]>,
}

/// Finds room for names inside `frame`: none overlaps another name, a point, a leader or one of the `lines`, which leaders may
/// cross. `None` stands for a name without room.
pub(crate) fn place(names: &[(Dots, String)], frame: Area, lines: &[Vec<Dots>]) -> Vec<Option<PlacedName>> {
    let dot = |&(x, y): &Dots| Area::new(x, y, x, y).grown(AIR + 6);
    let mut taken: Vec<Area> = names.iter().map(|(at, _)| dot(at)).collect();
    let corners = lines.iter().flatten().map(|&(x, y)| Area::new(x, y, x, y).grown(AIR));
    let between = lines.iter().flat_map(|line| line.windows(2)).flat_map(|ends| stations(ends[0], ends[1]));
    let drawn: Vec<Area> = corners.chain(between).collect();
    let mut find = |(at, name): &(Dots, String)| {
        let placed = choose(*at, name, frame, &taken, &drawn)?;
        taken.push(placed.text.room().grown(AIR));
        taken.extend(placed.leader.iter().flat_map(|&[from, to]| stations(from, to)));
        Some(placed)
    };
    names.iter().map(&mut find).collect()
}

fn choose(at: Dots, name: &str, frame: Area, taken: &[Area], drawn: &[Area]) -> Option<PlacedName> {
    // Measured once: only the position differs.
    let name = font::shortened(name, SIZE, frame.width() / 3);
    let width = font::width(&name, SIZE);
    let candidates = DISTANCES.iter().flat_map(|&far| DIRECTIONS.map(|way| (far, way)));
    candidates.into_iter().find_map(|(far, way)| {
        let end = (at.0 + far * way.0 / 1000, at.1 + far * way.1 / 1000);
        let text = Text::new("", (end.0, end.1 + way.1 * SIZE / 2000), SIZE, align(way), INK);
        let room = text.room_of(width);
        let clear = |area: Area| !taken.iter().chain(drawn).any(|other| area.overlaps(*other));
        let leader = (far > DISTANCES[0]).then(|| [start(at, way), end]);
        let free = frame.grown(-AIR).holds(room)
            && clear(room.grown(AIR))
            && leader.is_none_or(|[from, to]| {
                stations(from, to).all(|station| !taken.iter().any(|t| station.overlaps(*t)))
            });
        free.then(|| PlacedName { text: Text { text: name.clone(), ..text }, leader })
    })
}

/// The alignment of a name at the end of a line in this direction.
fn align((cos, _): (i32, i32)) -> Align {
    match cos {
        ..-500 => Align::End,
        -500..=500 => Align::Middle,
        _ => Align::Start,
    }
}

/// The start of a leader, clear of its own point.
fn start((x, y): Dots, (cos, sin): (i32, i32)) -> Dots {
    (x + cos * 12 / 1000, y + sin * 12 / 1000)
}

/// Small areas along a leader, without gaps, from outside its own point on.
fn stations(from: Dots, to: Dots) -> impl Iterator<Item = Area> {
    let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()) / 4 + 1;
    (0..=steps).filter(move |step| step * 4 > AIR + 2).map(move |step| {
        let at = (from.0 + (to.0 - from.0) * step / steps, from.1 + (to.1 - from.1) * step / steps);
        Area::new(at.0, at.1, at.0, at.1).grown(2)
    })
}

/// Draws the leaders, underneath points and names.
pub(crate) fn leaders(scene: &mut Scene, placed: &[Option<PlacedName>]) {
    placed.iter().flatten().for_each(|placed| placed.draw_leader(scene, FAINT));
}

impl PlacedName {
    /// Draws the line from the point, if there is one.
    pub(crate) fn draw_leader(&self, scene: &mut Scene, colour: Colour) {
        if let Some([from, to]) = self.leader {
            scene.path(vec![from, to], 4, PAPER);
            scene.path(vec![from, to], 2, colour);
        }
    }
}
