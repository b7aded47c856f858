//! Flowcharts in the language of Mermaid, which GitHub draws, as SVG: the nodes and arrows that `Graph::to_mermaid` writes.

/// The height of a line of text.
const LINE: usize = 16;
/// The width of a node.
const WIDTH: usize = 330;
/// The distance between nodes.
const GAP: usize = 30;

/// A node: its lines of text, and its place.
struct Node<'a> {
    id: &'a str,
    lines: Vec<&'a str>,
    level: usize,
    column: usize,
}

/// The drawing of a flowchart whose nodes come before their children.
///
/// # Errors
/// If a line is neither a node nor an arrow.
pub(crate) fn svg(text: &str) -> Result<String, String> {
    let mut nodes: Vec<Node<'_>> = Vec::new();
    let mut arrows = Vec::new();
    for line in text.lines().skip(1).map(str::trim).filter(|line| !line.starts_with("classDef")) {
        if let Some((from, to)) = line.split_once(" --> ") {
            arrows.push((from, to));
        } else {
            let wrong = || format!("no node and no arrow: {line}");
            let (id, rest) = line.split_once('"').ok_or_else(wrong)?;
            let (label, _) = rest.rsplit_once('"').ok_or_else(wrong)?;
            let lines = label.split("<br/>").collect();
            nodes.push(Node { id: id.trim_end_matches(['[', '(']), lines, level: 0, column: 0 });
        }
    }
    place(&mut nodes, &arrows);
    let lines = nodes.iter().map(|node| node.lines.len()).max().unwrap_or(1);
    let height = lines * LINE + 14;
    let corner = |node: &Node<'_>| (node.column * (WIDTH + GAP) + 1, node.level * (height + 2 * GAP) + 1);
    let find = |id: &str| nodes.iter().find(|node| node.id == id).ok_or(format!("no node is called {id}"));
    let columns = nodes.iter().map(|node| node.column + 1).max().unwrap_or(1);
    let levels = nodes.iter().map(|node| node.level + 1).max().unwrap_or(1);
    let size = (columns * (WIDTH + GAP) - GAP + 2, levels * (height + 2 * GAP) - 2 * GAP + 2);
    let mut svg = format!(
        "<svg class=\"flowchart\" viewBox=\"0 0 {} {}\" width=\"{}\" role=\"img\"><title>A graph of values</title>",
        size.0, size.1, size.0
    );
    for (from, to) in arrows {
        let ((x1, y1), (x2, y2)) = (corner(find(from)?), corner(find(to)?));
        let (x1, y1, x2) = (x1 + WIDTH / 2, y1 + height, x2 + WIDTH / 2);
        svg += &format!("<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{}\"></line>", y2 - 7);
        svg += &format!("<path d=\"M{} {}l10 0l-5 7z\"></path>", x2 - 5, y2 - 7);
    }
    for node in &nodes {
        let (x, y) = corner(node);
        svg += &format!("<rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{height}\" rx=\"5\"></rect>");
        for (line, row) in node.lines.iter().zip(1..) {
            svg += &format!("<text x=\"{}\" y=\"{}\">{line}</text>", x + WIDTH / 2, y + 4 + row * LINE);
        }
    }
    Ok(format!("<div>{svg}</svg></div>\n"))
}

/// Puts each node below its parents, and beside the others of its level.
fn place(nodes: &mut [Node<'_>], arrows: &[(&str, &str)]) {
    for at in 0..nodes.len() {
        let parents = arrows.iter().filter(|(_, to)| *to == nodes[at].id).map(|(from, _)| from);
        let levels =
            parents.filter_map(|from| nodes.iter().find(|node| node.id == *from)).map(|node| node.level + 1);
        nodes[at].level = levels.max().unwrap_or(0);
        nodes[at].column = nodes[..at].iter().filter(|node| node.level == nodes[at].level).count();
    }
}

#[cfg(test)]
mod tests {
    use super::svg;

    #[test]
    fn nodes_and_arrows_are_drawn() {
        let text = "flowchart TD\n  n0[\"x []<br/>value 3.00\"]\n  n1(\"mul []\")\n  n0 --> n1\n";
        let drawn = svg(text).unwrap();
        assert_eq!((drawn.matches("<rect").count(), drawn.matches("<line").count()), (2, 1), "{drawn}");
        assert!(drawn.contains(">value 3.00</text>"), "{drawn}");
    }

    #[test]
    fn what_is_neither_is_refused() {
        assert_eq!(svg("flowchart TD\n  subgraph a\n").unwrap_err(), "no node and no arrow: subgraph a");
        assert_eq!(svg("flowchart TD\n  n0(\"a\")\n  n0 --> n9\n").unwrap_err(), "no node is called n9");
    }
}
