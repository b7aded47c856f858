//! The page of a report of layers.

use super::ReportPage;
use crate::report::Report;
use crate::show::Judged;

impl Report {
    /// The report as one page of HTML: verdicts, figures, and the tables.
    pub fn page(&self) -> ReportPage {
        self.judged_page(&self.verdicts().into())
    }

    /// The same with verdicts that a configuration has changed.
    pub fn judged_page(&self, judged: &Judged) -> ReportPage {
        let mut page = ReportPage::new("A network before its first step");
        self.network_lines().into_iter().for_each(|line| page.line(line.trim()));
        judged.allowed_line().into_iter().for_each(|line| page.line(line));
        page.headline(judged.headline());
        judged.verdicts.iter().for_each(|verdict| page.verdict(verdict));
        let figures = self.figures();
        if !figures.is_empty() {
            page.section("Figures", "");
        }
        for (name, figure) in figures {
            let about = match name {
                "histograms" => "The activations of each layer.",
                "depth" => "The distributions of activations and pre-activations over depth.",
                "gradients" => {
                    "The size of the gradient at each layer's activations, and of that of each parameter."
                }
                "theory" => "The std and the saturated share of each layer, measured and predicted.",
                "phase" => "The network's place in the phase diagram of theory.",
                "saturation" => "Units that are saturated, example by example.",
                _ => "Units that are 0, example by example.",
            };
            page.figure(name, about, &figure.svg());
        }
        let names = ["Layers", "Parameters"].into_iter().skip(usize::from(self.layers.is_empty()));
        for (name, table) in names.zip(self.text_tables(&judged.verdicts)) {
            page.section(name, &table.html(None));
        }
        page
    }
}
