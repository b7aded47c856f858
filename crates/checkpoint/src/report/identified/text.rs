//! The report for readers: text and Markdown.

use diagnostics::Style;

use super::{IdentifyReport, SeedSearch};
use crate::{GroupKind, TensorGroup};

/// The longest line of names.
const WIDTH: usize = 118;

impl IdentifyReport {
    /// A summary of the files in lines, the most important first.
    pub fn lines(&self) -> Vec<String> {
        let files = match &self.files[..] {
            [file] => file.clone(),
            files => format!("{} files", files.len()),
        };
        let values: u64 = self.summaries.iter().flatten().map(|summary| summary.count).sum();
        let mut lines = vec![format!("{files}: {}, {values} values judged", tensors(self.tensors.len()))];
        lines.push(self.verdict());
        let odd = self.odd();
        if !odd.is_empty() {
            let noun = if odd.len() == 1 { "differs" } else { "differ" };
            lines.push(format!("odd: {} {noun} from most others of the same name", tensors(odd.len())));
        }
        for tied in self.tied() {
            let names: Vec<&str> = tied.iter().map(|&at| self.tensors[at].name.as_str()).collect();
            lines.extend(wrapped("the same values: ", &names));
        }
        if let Some(search) = &self.seeds {
            lines.extend(self.seed_lines(search));
        }
        lines
    }

    /// The number of tensors in groups of a kind.
    fn count(&self, wanted: impl Fn(&TensorGroup) -> bool) -> usize {
        self.found.groups.iter().filter(|group| wanted(group)).map(|group| group.tensors.len()).sum()
    }

    /// The answer to the question that a reader has: are the weights trained, or an initialisation?
    fn verdict(&self) -> String {
        let judged = self.count(|group| group.kind != GroupKind::NotJudged);
        let drawn =
            self.count(|group| matches!(group.kind, GroupKind::Drawn(_) | GroupKind::Orthogonal { .. }));
        let unknown = self.count(|group| group.kind == GroupKind::Unknown);
        if judged == 0 {
            return match self.tensors.len() {
                0 => "nothing to identify: the file has no tensors".to_owned(),
                _ => "nothing to identify: no tensor has values of a floating-point type".to_owned(),
            };
        }
        if self.found.is_trained {
            let trained = self.count(|group| group.kind == GroupKind::Trained);
            let new = match drawn {
                0 => String::new(),
                1 => "; 1 looks freshly initialised".to_owned(),
                _ => format!("; {drawn} look freshly initialised"),
            };
            return format!("trained weights: {trained} of {} are no initialisation{new}", tensors(judged));
        }
        let constant = judged - drawn - unknown;
        let mut parts = vec![];
        let mut add = |count: usize, what: &str| {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        };
        add(drawn, "drawn at random");
        add(constant, "constant");
        add(unknown, "unknown");
        let what = if drawn == 0 && unknown > 0 { "no known initialisation" } else { "an initialisation" };
        format!("{what}: of {}, {}", tensors(judged), parts.join(", "))
    }

    fn seed_lines(&self, search: &SeedSearch) -> Vec<String> {
        let (from, to) = (search.seeds.start(), search.seeds.end());
        if search.tried == 0 {
            return vec![
                "seed: no tensor can be searched; PyTorch must have drawn it in one call, uniform or normal, as f32"
                    .to_owned(),
            ];
        }
        if search.found.is_empty() {
            return vec![
                format!(
                    "seed: none from {from} to {to} draws any of {} right after torch.manual_seed on a CPU;",
                    tensors(search.tried)
                ),
                "      models that initialise their layers a second time are not found".to_owned(),
            ];
        }
        let mut lines = vec![];
        for found in &search.found {
            let names: Vec<&str> = found.tensors.iter().map(|&at| self.tensors[at].name.as_str()).collect();
            let order = match names.len() {
                1 => "draws this tensor first".to_owned(),
                count => format!("draws these {count} tensors in this order"),
            };
            let seed = found.seed;
            lines.push(format!("seed: torch.manual_seed({seed}) {order}, bit for bit:"));
            lines.extend(wrapped("  ", &names));
        }
        lines
    }

    /// The summary, then all tensors, those of a group in one row.
    pub fn text(&self, style: Style) -> String {
        let mut text = String::new();
        for line in self.lines() {
            let is_odd = line.starts_with("odd: ");
            text += &if is_odd { style.alarm(&line) } else { line };
            text.push('\n');
        }
        if !self.tensors.is_empty() {
            text += "\n";
            text += &self.table().aligned(style);
        }
        text
    }

    /// The same for a document.
    pub fn markdown(&self) -> String {
        let mut text: String = self.lines().iter().map(|line| format!("{line}  \n")).collect();
        if !self.tensors.is_empty() {
            text += "\n";
            text += &self.table().markdown();
        }
        text
    }
}

fn tensors(count: usize) -> String {
    if count == 1 { "1 tensor".to_owned() } else { format!("{count} tensors") }
}

/// Names with commas between them, in lines that begin with a text or so many spaces.
fn wrapped(start: &str, names: &[&str]) -> Vec<String> {
    let mut lines = vec![start.to_owned()];
    let mut has_name = false;
    for (at, name) in names.iter().enumerate() {
        let part = if at + 1 == names.len() { (*name).to_owned() } else { format!("{name}, ") };
        let last = lines.len() - 1;
        if has_name && lines[last].chars().count() + part.trim_end().chars().count() > WIDTH {
            lines.push(" ".repeat(start.chars().count()));
        }
        let last = lines.len() - 1;
        lines[last].push_str(&part);
        has_name = true;
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}
