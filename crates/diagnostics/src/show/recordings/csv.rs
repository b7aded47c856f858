//! A report as CSV: one statistic per line.

use super::{RecordingReport, rows};
use crate::format::csv_field;
use crate::sites::{ParameterStatistics, SiteStatistics};

impl RecordingReport {
    /// CSV with the columns `recording,location,statistic,value`: every measured number of every site and parameter in full
    /// precision, the gains of products, what theory predicts, and the loss. Recordings count from 1.
    pub fn csv(&self) -> String {
        let mut text = "recording,location,statistic,value\n".to_owned();
        for (number, recording) in (1..).zip(&self.recordings) {
            let mut add = |location: &str, statistic: &str, value: f64| {
                if !value.is_nan() {
                    // A sum with 0 has no negative zero.
                    text += &format!("{number},{},{statistic},{}\n", csv_field(location), value + 0.0);
                }
            };
            for (at, site) in recording.sites.iter().enumerate() {
                for (field, value) in SiteStatistics::FIELDS.iter().zip(site.statistics.row()) {
                    add(&site.name, field, value);
                }
                add(&site.name, "gain", rows::gain(recording, at));
                add(&site.name, "predicted_rms", recording.prediction(at).rms);
                add(&site.name, "predicted_entropy", recording.prediction(at).entropy);
            }
            for parameter in &recording.parameters {
                for (field, value) in ParameterStatistics::FIELDS.iter().zip(parameter.statistics.row()) {
                    add(&parameter.name, field, value);
                }
            }
            if let Some(loss) = &recording.loss {
                add("network", "loss", loss.value);
            }
        }
        text
    }
}
