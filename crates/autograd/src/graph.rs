//! The graph of a tape as plain data, and as text for Graphviz and Mermaid.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use tensor::{Real, Shape, Tensor};

use crate::tape::Node;
use crate::{Grads, Tape, Var};

/// The values of a [`Tape`] and the ops that made them, parents before children.
///
/// ```
/// use autograd::{Activation, Tape, Tensor};
///
/// let tape = Tape::<f64>::new();
/// let (x, w) = (tape.leaf(Tensor::full([4, 3], 0.5)).named("x"), tape.leaf(Tensor::full([3, 2], 0.1)).named("W"));
/// let loss = x.matmul(w).activation(Activation::Tanh).sum();
///
/// let graph = loss.graph().with_values(&tape).with_gradients(&loss.backward());
/// assert_eq!(graph.nodes.len(), 5);
/// assert_eq!(graph.nodes[2].parents, [x.id(), w.id()]);
/// assert!(graph.to_mermaid().starts_with("flowchart TD\n"));
/// assert!(graph.to_dot().starts_with("digraph tape {\n"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// One node per value, in the order of recording.
    pub nodes: Vec<GraphNode>,
}

/// One value of a [`Graph`].
#[derive(Clone, Debug, PartialEq)]
pub struct GraphNode {
    /// The position on the tape: [`Var::id`].
    pub id: usize,
    /// The name given by [`Var::named`].
    pub name: Option<String>,
    /// The op that made the value; `leaf` for an input or a parameter.
    pub op: &'static str,
    /// The shape of the value, and of its gradient.
    pub shape: Shape,
    /// The ids of the op's operands in order; an operand that is used twice appears twice.
    pub parents: Vec<usize>,
    /// Statistics of the value, if [`Graph::with_values`] added them.
    pub value: Option<NodeStatistics>,
    /// Statistics of the gradient, if [`Graph::with_gradients`] added them.
    pub gradient: Option<NodeStatistics>,
}

/// Moments and extremes of the finite values of a tensor, in double precision; NaN if there are none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NodeStatistics {
    /// `Σx/n`.
    pub mean: f64,
    /// `√(Σ(x − mean)²/(n − 1))`, as in PyTorch; NaN for fewer than two values.
    pub std: f64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The number of finite values.
    pub finite: usize,
    /// The number of infinite values and NaN, which the other statistics leave out.
    pub non_finite: usize,
}

impl NodeStatistics {
    fn of<T: Real>(tensor: &Tensor<T>) -> Self {
        let values: Vec<f64> = tensor.data().iter().map(|x| x.to_f64()).filter(|x| x.is_finite()).collect();
        let finite = values.len();
        let (min, max) = (
            values.iter().copied().fold(f64::NAN, f64::min),
            values.iter().copied().fold(f64::NAN, f64::max),
        );
        let values = Tensor::from_vec(values, [finite]).expect("one axis");
        let mean = values.sum() / finite as f64;
        let squares = values.map(|x| (x - mean) * (x - mean)).sum();
        Self {
            mean,
            std: if finite < 2 { f64::NAN } else { (squares / (finite - 1) as f64).sqrt() },
            min,
            max,
            finite,
            non_finite: tensor.data().len() - finite,
        }
    }
}

/// One line: the moments and extremes, or the value if there is only one.
impl fmt::Display for NodeStatistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.finite {
            0 => {}
            1 => f.write_str(&short(self.mean))?,
            _ => {
                let [mean, std, min, max] = [self.mean, self.std, self.min, self.max].map(short);
                write!(f, "{mean} ± {std}, {min} to {max}")?;
            }
        }
        let comma = if self.finite > 0 { ", " } else { "" };
        match self.non_finite {
            0 if self.finite == 0 => f.write_str("no values"),
            0 => Ok(()),
            n => write!(f, "{comma}{n} not finite"),
        }
    }
}

/// A number with three significant digits.
fn short(x: f64) -> String {
    let digits = if x == 0.0 { 0 } else { x.abs().log10().floor() as i32 };
    match digits {
        -3..=2 => format!("{x:.*}", (2 - digits) as usize),
        _ => format!("{x:.2e}"),
    }
}

impl<T: Real> Tape<T> {
    /// The graph of all values on this tape.
    pub fn graph(&self) -> Graph {
        self.graph_of(0..self.len())
    }

    fn graph_of(&self, ids: impl IntoIterator<Item = usize>) -> Graph {
        self.with(|arena| {
            let node = |id: usize| GraphNode {
                id,
                name: arena.names.get(&id).cloned(),
                op: arena.nodes[id].op,
                shape: arena.nodes[id].value.shape().clone(),
                parents: arena.parents(id).to_vec(),
                value: None,
                gradient: None,
            };
            Graph { nodes: ids.into_iter().map(node).collect() }
        })
    }
}

impl<T: Real> Var<'_, T> {
    /// The graph of this value and all values that it depends on.
    pub fn graph(self) -> Graph {
        self.tape().graph_of(self.ancestors())
    }

    /// The position on the tape, which is the id of the node in a [`Graph`].
    pub fn id(self) -> usize {
        self.index()
    }

    pub(crate) fn ancestors(self) -> BTreeSet<usize> {
        self.tape().with(|arena| {
            let (mut found, mut open) = (BTreeSet::new(), vec![self.index()]);
            while let Some(id) = open.pop() {
                if found.insert(id) {
                    open.extend(arena.parents(id));
                }
            }
            found
        })
    }
}

impl Graph {
    /// Adds statistics of the values on `tape`.
    ///
    /// # Panics
    /// Panics if the graph belongs to another tape, as far as ops, operands and shapes tell.
    #[track_caller]
    pub fn with_values<T: Real>(mut self, tape: &Tape<T>) -> Self {
        for node in &mut self.nodes {
            assert!(node.is_on(tape), "with_values: the graph belongs to another tape");
            node.value = Some(tape.with(|arena| NodeStatistics::of(&arena.nodes[node.id].value)));
        }
        self
    }

    /// Adds statistics of the gradients. A value without a gradient is drawn dashed.
    ///
    /// # Panics
    /// Panics if the gradients belong to another tape, as far as ops, operands and shapes tell.
    #[track_caller]
    pub fn with_gradients<T: Real>(mut self, grads: &Grads<'_, T>) -> Self {
        for node in &mut self.nodes {
            assert!(node.is_on(grads.tape()), "with_gradients: the gradients belong to another tape");
            node.gradient = grads.at(node.id).map(NodeStatistics::of);
        }
        self
    }

    /// The graph in the language of Graphviz, drawn from top to bottom.
    pub fn to_dot(&self) -> String {
        let mut text = "digraph tape {\n  ordering=in\n  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11]\n"
            .to_owned();
        let differentiated = self.has_gradients();
        for node in &self.nodes {
            let lines: Vec<String> = node.lines().iter().map(|line| escape_dot(line)).collect();
            let unreached = differentiated && node.gradient.is_none();
            let style = match (node.parents.is_empty(), unreached) {
                (false, false) => "",
                (true, false) => ", style=filled, fillcolor=\"#e8eef7\"",
                (false, true) => ", style=\"rounded,dashed\"",
                (true, true) => ", style=\"filled,dashed\", fillcolor=\"#e8eef7\"",
            };
            _ = writeln!(text, "  n{} [label=\"{}\"{style}]", node.id, lines.join("\\n"));
        }
        self.write_edges(&mut text, "->");
        text + "}\n"
    }

    /// The graph in the language of Mermaid, drawn from top to bottom. GitHub draws it in a code block marked
    /// `mermaid`.
    pub fn to_mermaid(&self) -> String {
        let mut text = "flowchart TD\n".to_owned();
        let differentiated = self.has_gradients();
        for node in &self.nodes {
            let lines: Vec<String> = node.lines().iter().map(|line| escape_mermaid(line)).collect();
            let (open, close) = if node.parents.is_empty() { ("[", "]") } else { ("(", ")") };
            let class = if differentiated && node.gradient.is_none() { ":::unreached" } else { "" };
            _ = writeln!(text, "  n{}{open}\"{}\"{close}{class}", node.id, lines.join("<br/>"));
        }
        self.write_edges(&mut text, "-->");
        if differentiated && self.nodes.iter().any(|node| node.gradient.is_none()) {
            text.push_str("  classDef unreached stroke-dasharray: 4\n");
        }
        text
    }

    fn write_edges(&self, text: &mut String, arrow: &str) {
        for node in &self.nodes {
            for parent in &node.parents {
                _ = writeln!(text, "  n{parent} {arrow} n{}", node.id);
            }
        }
    }

    fn has_gradients(&self) -> bool {
        self.nodes.iter().any(|node| node.gradient.is_some())
    }
}

impl GraphNode {
    /// True if the tape has a value with this op, these parents and this shape at this position.
    fn is_on<T: Real>(&self, tape: &Tape<T>) -> bool {
        tape.with(|arena| {
            let same = |node: &Node<T>| node.op == self.op && *node.value.shape() == self.shape;
            arena.nodes.get(self.id).is_some_and(same) && arena.parents(self.id) == self.parents
        })
    }

    /// The lines of the label: the name or op with the shape, then the statistics of the value and of the gradient.
    fn lines(&self) -> Vec<String> {
        let title = match &self.name {
            Some(name) if self.parents.is_empty() => format!("{name} {}", self.shape),
            Some(name) => format!("{name} = {} {}", self.op, self.shape),
            None => format!("{} {}", self.op, self.shape),
        };
        let value = self.value.map(|value| format!("value {value}"));
        let gradient = self.gradient.map(|gradient| format!("gradient {gradient}"));
        std::iter::once(title).chain(value).chain(gradient).collect()
    }
}

/// Escapes text for a quoted string of Graphviz.
fn escape_dot(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " ")
}

/// Escapes text for a quoted string of Mermaid, whose entities are `#name;` or `#code;`. A leading backtick would start
/// Markdown.
fn escape_mermaid(text: &str) -> String {
    let escape = |c: char| match c {
        '#' | '"' | '<' | '>' | '&' | '`' | '\\' => format!("#{};", u32::from(c)),
        '\n' => " ".to_owned(),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}
