//! Rows of a long table joined where blocks repeat: `h.0.ln_1` to `h.11.ln_1` are one row, `h.{0…11}.ln_1`; and where one
//! place does the same many times, as in a loop over blocks: `(relu)` to `(relu 40)`, and `norm` to `norm@40`.

use std::collections::HashMap;

/// One row before rows are joined.
pub(super) struct Item {
    /// A path such as `h.0.ln_1`, perhaps with a label: `h.0 (residual sum)`, `relu@2`.
    pub(super) name: String,
    /// The operation: rows of different kinds are never joined.
    pub(super) kind: String,
    /// The size: rows of small blocks are joined only if it is the same.
    pub(super) size: String,
}

/// Items that are one row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// The common name, with a range in place of each number in which members differ.
    pub(super) name: String,
    /// The indices of the items, in order.
    pub(super) members: Vec<usize>,
}

/// Blocks of fewer items than this are joined only if they are of one size and their name is a number: `conv1` and `conv2`
/// are names that somebody chose.
const BLOCK: usize = 3;

/// Joins items whose names differ in numbers only and that belong to blocks of the same items.
pub(super) fn groups(items: &[Item]) -> Vec<Group> {
    let mut rows: Vec<BlockRow> =
        items.iter().enumerate().map(|(at, item)| BlockRow::of(at, &item.name)).collect();
    let deepest = rows.iter().map(|row| row.path.len()).max().unwrap_or(0);
    for depth in (0..deepest).rev() {
        rows = joined(rows, depth, items);
    }
    of_loops(rows, items).into_iter().map(BlockRow::group).collect()
}

struct BlockRow {
    path: Vec<Segment>,
    label: String,
    members: Vec<usize>,
}

/// One part of a path between dots: a stem and a number or a range of numbers.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Segment {
    stem: String,
    range: Option<(u64, u64)>,
    joined: bool,
}

impl Segment {
    fn of(text: &str) -> Self {
        let stem = text.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = text[stem.len()..].parse().ok().map(|number| (number, number));
        // `01` is a name, because it would be shown as 1.
        let exact = number.is_none_or(|(number, _)| format!("{stem}{number}") == text);
        match number {
            Some(range) if exact => Self { stem: stem.to_owned(), range: Some(range), joined: false },
            _ => Self { stem: text.to_owned(), range: None, joined: false },
        }
    }

    fn shown(&self) -> String {
        match self.range {
            Some((first, last)) if first != last => format!("{}{{{first}…{last}}}", self.stem),
            Some((number, _)) => format!("{}{number}", self.stem),
            None => self.stem.clone(),
        }
    }

    /// Its text for comparisons, in which any range equals any other.
    fn pattern(&self) -> String {
        if self.joined { format!("{}*", self.stem) } else { self.shown() }
    }
}

impl BlockRow {
    fn of(at: usize, name: &str) -> Self {
        let path = name.find([' ', '@', '(']).map_or(name, |end| &name[..end]);
        let label = name[path.len()..].to_owned();
        Self { path: path.split('.').map(Segment::of).collect(), label, members: vec![at] }
    }

    /// The row of all uses of a place.
    fn of_uses(rows: Vec<Self>) -> Self {
        let numbers = rows.iter().filter_map(|row| use_of(&row.label));
        let (first, last) =
            numbers.fold((u64::MAX, 0), |(first, last), (_, number)| (first.min(number), last.max(number)));
        let label = match use_of(&rows[0].label) {
            Some(("@", _)) | None => format!("@{{{first}…{last}}}"),
            Some((stem, _)) => format!("{stem} {{{first}…{last}}})"),
        };
        let path = rows[0].path.clone();
        let mut members: Vec<usize> = rows.into_iter().flat_map(|row| row.members).collect();
        members.sort_unstable();
        Self { path, label, members }
    }

    fn group(self) -> Group {
        let path: Vec<String> = self.path.iter().map(Segment::shown).collect();
        Group { name: path.join(".") + &self.label, members: self.members }
    }
}

/// Joins blocks whose number stands at one depth of the path.
fn joined(rows: Vec<BlockRow>, depth: usize, items: &[Item]) -> Vec<BlockRow> {
    // Blocks in order of their first row.
    let mut blocks: Vec<Vec<usize>> = vec![];
    let mut known: HashMap<&[Segment], usize> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        if row.path.get(depth).is_some_and(|segment| segment.range.is_some()) {
            let block = *known.entry(&row.path[..=depth]).or_insert_with(|| {
                blocks.push(vec![]);
                blocks.len() - 1
            });
            blocks[block].push(at);
        }
    }
    let mut first_of: HashMap<Vec<String>, usize> = HashMap::new();
    // For each row, the row that it becomes part of.
    let mut target: Vec<usize> = (0..rows.len()).collect();
    for (at, block) in blocks.iter().enumerate() {
        if block.len() < BLOCK && !rows[block[0]].path[depth].stem.is_empty() {
            continue;
        }
        let first = *first_of.entry(signature(&rows, block, depth, items)).or_insert(at);
        for (&row, &to) in block.iter().zip(&blocks[first]) {
            target[row] = to;
        }
    }
    let mut result: Vec<Option<BlockRow>> = vec![];
    for (at, mut row) in rows.into_iter().enumerate() {
        if target[at] == at {
            result.push(Some(row));
            continue;
        }
        result.push(None);
        let Some(Some(first)) = result.get_mut(target[at]) else { continue };
        first.members.append(&mut row.members);
        first.members.sort_unstable();
        for (ours, theirs) in first.path.iter_mut().zip(&row.path) {
            ours.range = ours.range.zip(theirs.range).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1)));
        }
        first.path[depth].joined = true;
    }
    result.into_iter().flatten().collect()
}

/// So many uses of one place, or more, are those of a loop: three or four are steps that somebody wrote down.
const LOOP: usize = 5;

/// Joins the rows of one place that differ in the number of their use only.
fn of_loops(rows: Vec<BlockRow>, items: &[Item]) -> Vec<BlockRow> {
    let mut uses: HashMap<(Vec<String>, &str, &str, &str), Vec<usize>> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        let item = &items[row.members[0]];
        let path = row.path.iter().map(Segment::shown).collect();
        if let Some((stem, _)) = use_of(&row.label) {
            uses.entry((path, stem, &item.kind, &item.size)).or_default().push(at);
        }
    }
    let loops: Vec<Vec<usize>> = uses.into_values().filter(|uses| uses.len() >= LOOP).collect();
    let mut rows: Vec<Option<BlockRow>> = rows.into_iter().map(Some).collect();
    for uses in loops {
        let taken: Vec<BlockRow> = uses.iter().filter_map(|&at| rows[at].take()).collect();
        rows[uses[0]] = Some(BlockRow::of_uses(taken));
    }
    rows.into_iter().flatten().collect()
}

/// Splits a label into its text and the number of the use; a label without a number is that of the first use.
fn use_of(label: &str) -> Option<(&str, u64)> {
    if label.is_empty() {
        return Some(("@", 1));
    }
    if let Some(number) = label.strip_prefix('@') {
        return Some(("@", number.parse().ok()?));
    }
    let inside = label.strip_suffix(')')?;
    let numbered = inside.rsplit_once(' ').and_then(|(stem, number)| Some((stem, number.parse().ok()?)));
    Some(numbered.unwrap_or((inside, 1)))
}

/// What two blocks must have in common to be joined: where they stand, and what they hold.
fn signature(rows: &[BlockRow], block: &[usize], depth: usize, items: &[Item]) -> Vec<String> {
    let path = &rows[block[0]].path;
    let mut signature: Vec<String> = path[..depth].iter().map(Segment::pattern).collect();
    signature.push(format!("{}#", path[depth].stem));
    for &at in block {
        let row = &rows[at];
        let item = &items[row.members[0]];
        let inner: Vec<String> = row.path[depth + 1..].iter().map(Segment::pattern).collect();
        let size = if block.len() < BLOCK { item.size.as_str() } else { "" };
        signature.push(format!("{}|{}|{}|{size}", inner.join("."), row.label, item.kind));
    }
    signature
}

#[cfg(test)]
mod tests {
    use super::{Item, groups};

    /// The rows of sites given as `name kind`, one per line, with the number of members of each.
    fn rows(lines: &[(&str, &str)]) -> Vec<String> {
        let item = |&(name, kind): &(&str, &str)| Item {
            name: name.to_owned(),
            kind: kind.split(':').next().unwrap_or_default().to_owned(),
            size: kind.to_owned(),
        };
        let items: Vec<Item> = lines.iter().map(item).collect();
        groups(&items).into_iter().map(|group| format!("{} ×{}", group.name, group.members.len())).collect()
    }

    #[test]
    fn blocks_of_a_transformer_are_one() {
        let mut sites = vec![("wte".to_owned(), "embedding")];
        for block in 0..12 {
            for (name, kind) in [("ln_1", "norm"), ("attn (scores)", "scores"), ("", "sum"), ("ln_2", "norm")]
            {
                let dot = if name.is_empty() { " (residual sum 2)" } else { "." };
                sites.push((format!("h.{block}{dot}{name}"), kind));
            }
        }
        sites.push(("ln_f".to_owned(), "norm"));
        let sites: Vec<_> = sites.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
        assert_eq!(
            rows(&sites),
            [
                "wte ×1",
                "h.{0…11}.ln_1 ×12",
                "h.{0…11}.attn (scores) ×12",
                "h.{0…11} (residual sum 2) ×12",
                "h.{0…11}.ln_2 ×12",
                "ln_f ×1"
            ]
        );
    }

    #[test]
    fn stages_of_blocks_are_one_though_their_numbers_of_blocks_differ() {
        let mut sites = vec![];
        for (stage, blocks) in [(0, 2), (1, 6)] {
            for block in 0..blocks {
                for name in ["conv1", "relu", "conv2"] {
                    sites.push((
                        format!("layers.{stage}.{block}.{name}"),
                        if name == "relu" { "a" } else { "c" },
                    ));
                }
            }
        }
        let sites: Vec<_> = sites.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
        assert_eq!(
            rows(&sites),
            ["layers.{0…1}.{0…5}.conv1 ×8", "layers.{0…1}.{0…5}.relu ×8", "layers.{0…1}.{0…5}.conv2 ×8"]
        );
    }

    #[test]
    fn a_plain_chain_is_one_row_per_kind_and_size() {
        let chain = [("net.0", "l:64"), ("net.1", "a"), ("net.2", "l:64"), ("net.3", "a"), ("net.4", "l:10")];
        assert_eq!(rows(&chain), ["net.{0…2} ×2", "net.{1…3} ×2", "net.4 ×1"]);
    }

    /// A loop over blocks in the model itself: a norm and a function that all share, and operations without a module.
    #[test]
    fn the_uses_of_one_place_in_a_loop_are_one() {
        let mut sites = vec![("inp".to_owned(), "linear")];
        for block in 0..9 {
            let numbered =
                |name: &str| if block == 0 { format!("({name})") } else { format!("({name} {})", block + 1) };
            let norm = if block == 0 { "norm".to_owned() } else { format!("norm@{}", block + 1) };
            sites.extend([(norm, "norm"), (format!("blocks.{block}"), "l:8")]);
            sites.extend([(numbered("relu"), "a"), (numbered("residual sum"), "sum")]);
        }
        let sites: Vec<_> = sites.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
        assert_eq!(
            rows(&sites),
            ["inp ×1", "norm@{1…9} ×9", "blocks.{0…8} ×9", "(relu {1…9}) ×9", "(residual sum {1…9}) ×9"]
        );
        // Two blocks and their sums are few enough to be read one by one.
        assert_eq!(rows(&sites[..13]).len(), 11);
    }

    #[test]
    fn chosen_names_and_different_blocks_stay_apart() {
        let names =
            [("fc1", "l:8"), ("fc2", "l:8"), ("relu", "a"), ("relu@2", "a"), ("b.01", "l"), ("b.1", "l")];
        assert_eq!(rows(&names), ["fc1 ×1", "fc2 ×1", "relu ×1", "relu@2 ×1", "b.01 ×1", "b.1 ×1"]);
        // The first block of a stage has a shortcut of its own.
        let blocks = [("s.0.c", "c:1"), ("s.0.d", "c:1"), ("s.1.c", "c:1"), ("s.2.c", "c:1")];
        assert_eq!(rows(&blocks), ["s.0.c ×1", "s.0.d ×1", "s.{1…2}.c ×2"]);
    }
}
