//! The page that a comparison becomes, and what the terminal shows of it.

use super::figure::figure;
use super::tables::Comparison;
use lessons::artifact::Output;
use cli::table::wrapped;

/// All that a page says.
pub(super) struct Page {
    /// What was measured.
    pub(super) comparison: Comparison,
    /// What it was measured on.
    pub(super) machine: String,
    /// What each program calls itself.
    pub(super) versions: Vec<String>,
    /// Who was left out or could not do something, and why.
    pub(super) notes: Vec<String>,
}

/// The name of its files.
const NAME: &str = "performance";

impl Page {
    /// The record as CSV, and the figure as SVG and PNG.
    pub(super) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let record = self.comparison.record();
        let output = match figure(&self.comparison) {
            Some(figure) => Output::figure(record, figure, false),
            None => Output::table(record),
        };
        output.files(NAME)
    }

    /// For a document; the figure is linked below `link`.
    pub(super) fn markdown(&self, link: &str) -> String {
        let mut parts = vec![
            self.list(),
            format!("Microseconds of a round, medians:\n\n{}", self.comparison.times().markdown()),
        ];
        if self.comparison.names.len() > 1 {
            let ratios = self.comparison.ratios().markdown();
            parts.push(format!(
                "Our time over theirs, with the smallest and largest of the turns:\n\n{ratios}"
            ));
        }
        if figure(&self.comparison).is_some() {
            parts.push(format!("![Time against size]({link}{NAME}.svg)"));
        }
        parts.join("\n\n") + "\n"
    }

    /// For the terminal, wrapped to `width` columns.
    pub(super) fn text(&self, width: u16) -> String {
        let list = self.list().lines().map(|line| wrapped(line, width)).collect::<Vec<_>>().join("\n");
        let mut parts =
            vec![list, format!("microseconds of a round\n{}", self.comparison.times().text(width))];
        if self.comparison.names.len() > 1 {
            parts.push(format!("our time over theirs\n{}", self.comparison.ratios().text(width)));
        }
        parts.join("\n\n") + "\n"
    }

    /// Machine, programs, threads, peak and notes.
    fn list(&self) -> String {
        let threads = match self.comparison.threads {
            1 => "one thread each".to_owned(),
            threads => format!("{threads} threads each"),
        };
        let peak = self
            .comparison
            .peak()
            .map(|peak| format!("Peak: {:.1} GFLOP/s in fused multiply-adds", peak / 1e9));
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
    use super::super::tables::tests::comparison;
    use super::Page;

    fn page() -> Page {
        Page {
            comparison: comparison(),
            machine: "a processor, 2 cores".to_owned(),
            versions: vec!["Step Zero 0.1.0".to_owned(), "PyTorch 2.15.0".to_owned()],
            notes: vec!["JAX is left out: No module named 'jax'".to_owned()],
        }
    }

    #[test]
    fn a_page_says_what_was_measured_and_on_what() {
        insta::assert_snapshot!(page().markdown("out/"), @"
        - Machine: a processor, 2 cores
        - Programs, one thread each: Step Zero 0.1.0; PyTorch 2.15.0
        - Peak: 68.7 GFLOP/s in fused multiply-adds
        - JAX is left out: No module named 'jax'

        Microseconds of a round, medians:

        | Work                  | Floor | Step Zero | PyTorch |
        |-----------------------|-------|-----------|---------|
        | 2²⁶ operations, fused | –     |      1950 | –       |
        | step, 100 × 3         | 269   |       400 | 800     |
        | step, 1024 × 3        | 24200 |     30000 | 60000   |
        | step, 100 × 10        | 1060  |      1000 | 2000    |
        | training, 100 steps   | 3190  |    100000 | –       |

        Our time over theirs, with the smallest and largest of the turns:

        | Work           | PyTorch         |
        |----------------|-----------------|
        | step, 100 × 3  | 0.5 (0.45–0.55) |
        | step, 1024 × 3 | 0.5 (0.45–0.55) |
        | step, 100 × 10 | 0.5 (0.45–0.55) |

        ![Time against size](out/performance.svg)
        ");
        let names: Vec<String> = page().files().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["performance.csv", "performance.svg", "performance.png"]);
    }

    #[test]
    fn we_alone_have_no_ratios_and_one_size_has_no_figure() {
        let mut page = page();
        page.comparison.names.truncate(1);
        page.comparison.rows.truncate(2);
        page.comparison.rows.iter_mut().for_each(|row| row.times.truncate(1));
        let text = page.markdown("");
        assert!(!text.contains("over theirs") && !text.contains("!["), "{text}");
        assert_eq!(page.files().len(), 1);
    }
}
