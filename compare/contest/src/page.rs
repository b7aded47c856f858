//! The page of a comparison, and its form on the terminal.

use cli::table::wrapped;

use crate::figure::figure;
use crate::tables::TimeComparison;

/// The content of a page.
pub(super) struct Page {
    /// The measured times.
    pub(super) comparison: TimeComparison,
    /// The machine that they were measured on.
    pub(super) machine: String,
    /// The name and version of each program.
    pub(super) versions: Vec<String>,
    /// The programs that were left out or failed at a work, and why.
    pub(super) notes: Vec<String>,
}

/// The name of its files, without extension.
pub(super) const NAME: &str = "performance";

/// The figure of a record, as SVG and PNG; none if there is nothing to draw.
pub(super) fn drawn(record: &str) -> Vec<(String, Vec<u8>)> {
    let files = |figure: plot::Figure| {
        vec![(format!("{NAME}.svg"), figure.svg().into_bytes()), (format!("{NAME}.png"), figure.png())]
    };
    figure(record).map(files).unwrap_or_default()
}

impl Page {
    /// The record as CSV, and the figure as SVG and PNG.
    pub(super) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let record = self.comparison.record().csv();
        let drawn = drawn(&String::from_utf8_lossy(&record));
        [vec![(format!("{NAME}.csv"), record)], drawn].concat()
    }

    /// The page as Markdown; the link to the figure begins with `link`.
    pub(super) fn markdown(&self, link: &str) -> String {
        let mut parts = vec![
            self.list(),
            format!("Microseconds per round (medians):\n\n{}", self.comparison.times().markdown()),
        ];
        if self.comparison.names.len() > 1 {
            let ratios = self.comparison.ratios().markdown();
            parts.push(format!(
                "Our time divided by theirs, with the smallest and largest ratio of the turns:\n\n{ratios}"
            ));
        }
        if figure(&String::from_utf8_lossy(&self.comparison.record().csv())).is_some() {
            parts
                .push(format!("![Time against the size of the network, for each program]({link}{NAME}.svg)"));
        }
        parts.join("\n\n") + "\n"
    }

    /// The page for a terminal, wrapped to `width` columns.
    pub(super) fn text(&self, width: u16) -> String {
        let list = self.list().lines().map(|line| wrapped(line, width)).collect::<Vec<_>>().join("\n");
        let mut parts =
            vec![list, format!("microseconds per round (medians)\n{}", self.comparison.times().text(width))];
        if self.comparison.names.len() > 1 {
            parts.push(format!(
                "our time divided by theirs (smallest–largest of the turns)\n{}",
                self.comparison.ratios().text(width)
            ));
        }
        parts.join("\n\n") + "\n"
    }

    /// The machine, the programs, the peak and the notes, as a list.
    fn list(&self) -> String {
        let threads = match self.comparison.threads {
            1 => "one thread each".to_owned(),
            threads => format!("{threads} threads each"),
        };
        let peak = self
            .comparison
            .peak()
            .map(|peak| format!("Peak: {:.1} GFLOP/s with fused multiply-adds", peak / 1e9));
        let first = [
            format!("Machine: {}", self.machine),
            format!("Programs, {threads}: {}", self.versions.join("; ")),
        ];
        let lines = first.into_iter().chain(peak).chain(self.notes.iter().cloned());
        lines.map(|line| format!("- {line}")).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::Page;
    use crate::tables::tests::comparison;

    fn page() -> Page {
        Page {
            comparison: comparison(),
            machine: "a processor, 2 cores".to_owned(),
            versions: vec!["Step Zero 0.1.0".to_owned(), "PyTorch 2.15.0".to_owned()],
            notes: vec!["JAX is left out: No module named 'jax'".to_owned()],
        }
    }

    #[test]
    fn a_page_names_the_machine_and_the_programs() {
        insta::assert_snapshot!(page().markdown("out/"), @"
        - Machine: a processor, 2 cores
        - Programs, one thread each: Step Zero 0.1.0; PyTorch 2.15.0
        - Peak: 68.7 GFLOP/s with fused multiply-adds
        - JAX is left out: No module named 'jax'

        Microseconds per round (medians):

        | Work                  | Floor | Step Zero | PyTorch |
        |-----------------------|-------|-----------|---------|
        | 2²⁶ operations, fused | –     |      1950 | –       |
        | step, 100 × 3         | 269   |       400 | 800     |
        | step, 1024 × 3        | 24200 |     30000 | 60000   |
        | step, 100 × 10        | 1060  |      1000 | 2000    |
        | training, 100 steps   | 3190  |    100000 | –       |

        Our time divided by theirs, with the smallest and largest ratio of the turns:

        | Work           | PyTorch         |
        |----------------|-----------------|
        | step, 100 × 3  | 0.5 (0.45–0.55) |
        | step, 1024 × 3 | 0.5 (0.45–0.55) |
        | step, 100 × 10 | 0.5 (0.45–0.55) |

        ![Time against the size of the network, for each program](out/performance.svg)
        ");
        let names: Vec<String> = page().files().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["performance.csv", "performance.svg", "performance.png"]);
    }

    #[test]
    fn one_program_has_no_ratios_and_one_size_has_no_figure() {
        let mut page = page();
        page.comparison.names.truncate(1);
        page.comparison.works.truncate(2);
        page.comparison.works.iter_mut().for_each(|work| work.times.truncate(1));
        let text = page.markdown("");
        assert!(!text.contains("divided by theirs") && !text.contains("!["), "{text}");
        assert_eq!(page.files().len(), 1);
    }
}
