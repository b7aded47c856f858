//! The page of a report of recordings.

use super::bars::bar;
use super::{ReportPage, escaped};
use crate::show::RecordingReport;
use crate::sites::SiteStatistics;

impl RecordingReport {
    /// The report as one page of HTML: verdicts, figures along the sites, and the tables.
    pub fn page(&self) -> ReportPage {
        let model = &self.recordings[0].model;
        let title = if model.is_empty() { "Step Zero" } else { model };
        let mut page = ReportPage::new(format!("{title} before its first step"));
        page.headline(self.judged.headline());
        self.facts().into_iter().for_each(|line| page.line(line));
        self.judged.verdicts.iter().for_each(|verdict| page.verdict(verdict));
        let figures = self.figures();
        if !figures.is_empty() {
            page.section("Along the network", "");
        }
        for figure in figures {
            page.figure_along(&figure);
        }
        let groups = self.site_groups();
        let bars: Vec<String> = groups.iter().map(|members| self.bar(members)).collect();
        let mut tables = self.tables().into_iter();
        if !groups.is_empty()
            && let Some(sites) = tables.next()
        {
            let about = "Rows of repeated blocks are joined, with the range of each number. The bar shows the quantiles 5%, 25%, \
                         50%, 75% and 95% from −3 to 3 root mean squares.";
            page.section(
                "Sites",
                &format!("<p>{}</p>\n{}", escaped(about), sites.html(Some(("quantiles", &bars)))),
            );
        }
        for parameters in tables {
            page.section("Parameters", &parameters.html(None));
        }
        if !self.judged.allowed.is_empty() {
            let entry = |(verdict, reason): &(crate::judge::Verdict, String)| {
                let location = escaped(verdict.location());
                format!("<li><code>{}</code> at {location}: {}</li>\n", verdict.rule, escaped(reason))
            };
            let list: String = self.judged.allowed.iter().map(entry).collect();
            page.section("Allowed", &format!("<ul>\n{list}</ul>"));
        }
        page
    }

    /// The quantiles of the sites of a row: means over sites and recordings.
    fn bar(&self, members: &[usize]) -> String {
        let mean = |of: fn(&SiteStatistics) -> f64| {
            let sums = members.iter().flat_map(|&at| {
                self.recordings.iter().map(move |recording| of(&recording.sites[at].statistics))
            });
            sums.sum::<f64>() / (members.len() * self.recordings.len()) as f64
        };
        let quantiles = [mean(|s| s.q05), mean(|s| s.q25), mean(|s| s.q50), mean(|s| s.q75), mean(|s| s.q95)];
        bar(quantiles, mean(|s| s.rms))
    }
}
