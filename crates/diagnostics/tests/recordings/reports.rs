//! Reports of recordings: all formats say the same, and one network is not another.

use diagnostics::{Level, Limits, Recording, RecordingReport, Style, annotation, github};
use serde_json::{Value, json};

use super::network::{changed, network, read};

fn recording(seed: u64, scale: f32) -> Recording {
    read(&network(seed, scale).bytes()).unwrap()
}

fn report(recordings: Vec<Recording>) -> RecordingReport {
    RecordingReport::of(recordings, &Limits::default()).unwrap()
}

#[test]
fn recordings_of_different_networks_are_refused_by_their_first_difference() {
    let base = || recording(1, 1.0);
    let with = |change: fn(&mut Value)| {
        let other = read(&changed(change).bytes()).unwrap();
        RecordingReport::of(vec![base(), other], &Limits::default()).unwrap_err().to_string()
    };
    assert!(RecordingReport::of(vec![base(), recording(2, 1.0)], &Limits::default()).is_ok(), "another seed");
    assert_eq!(
        RecordingReport::of(vec![], &Limits::default()).unwrap_err().to_string(),
        "no recording: at least one is needed"
    );
    assert_eq!(
        with(|manifest| manifest["sites"][3]["kind"] = json!("other")),
        "recordings 1 and 2 differ: site fc2 is of kind linear in one and other in the other"
    );
    assert_eq!(
        with(|manifest| manifest["sites"][3]["inputs"] = json!([{ "site": "input" }])),
        "recordings 1 and 2 differ: site fc2 reads other sites in one than in the other"
    );
    assert_eq!(
        with(|manifest| {
            manifest["parameters"].as_array_mut().unwrap().pop();
            manifest["sites"][3].as_object_mut().unwrap().remove("bias");
        }),
        "recordings 1 and 2 differ: one has 4 parameters and the other 3"
    );
}

#[test]
fn text_has_a_row_per_site_and_parameter_and_says_what_was_not_recorded() {
    let text = report(vec![recording(2, 6.0)]).text(Style::Plain);
    let site = text.lines().find(|line| line.starts_with("tanh ")).unwrap();
    assert!(
        site.contains("activation tanh") && site.contains('%') && site.ends_with("← saturated"),
        "{text}"
    );
    for line in [
        "small, test 1.0, train mode, seed 2",
        "loss (cross entropy): 1.25; uniform guessing over 3 classes: 1.099; theory for logits of that size: 1.512",
        "intended learning rate: 0.1",
        "out of sight: 1 parameter (unused.weight)",
        "not recorded: the gradient of 1 site, the gradient of 3 trainable parameters; rules that need them say nothing there",
    ] {
        assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
    }
    let coloured = report(vec![recording(2, 6.0)]).text(Style::Ansi);
    assert!(coloured.contains("\u{1b}[31m") && !text.contains('\u{1b}'));
}

#[test]
fn markdown_and_csv_hold_the_same_numbers() {
    let report = report(vec![recording(1, 6.0), recording(2, 6.0)]);
    let markdown = report.markdown();
    assert!(markdown.starts_with("| site |") && markdown.contains("| **tanh** |"), "{markdown}");
    let csv = report.csv();
    let value = |number: u64, name: &str| -> f64 {
        let start = format!("{number},{name},");
        csv.lines().find_map(|line| line.strip_prefix(&start)).unwrap().parse().unwrap()
    };
    for (number, recording) in (1..).zip(&report.recordings) {
        assert_eq!(value(number, "fc1,rms"), recording.sites[1].statistics.rms);
        let gain = recording.sites[1].statistics.rms / recording.sites[0].statistics.rms;
        assert_eq!(value(number, "fc1,gain"), gain);
        assert_eq!(value(number, "network,loss"), 1.25);
    }
    assert!(!csv.contains("NaN"), "what was not measured is left out");
}

#[cfg(feature = "json")]
#[test]
fn json_has_every_part_as_data() {
    let report = report(vec![recording(1, 6.0), recording(2, 6.0)]);
    let json: Value = serde_json::from_str(&report.json()).unwrap();
    assert_eq!((&json["format"], &json["version"]), (&json!("step-zero-report"), &json!(1)));
    assert_eq!(json["recordings"][1]["seed"], json!(2));
    assert_eq!(json["recordings"][0]["loss"]["uniform_guessing"], json!(3f64.ln()));
    let site = &json["sites"][1];
    assert_eq!(site["inputs"], json!([{ "site": "input", "role": null }]));
    for (at, field) in diagnostics::SiteStatistics::FIELDS.iter().enumerate() {
        let values = report.recordings.iter().map(|recording| recording.sites[1].statistics.row()[at]);
        let values: Vec<f64> = values.collect();
        if values.iter().all(|value| value.is_finite()) {
            let printed: Vec<f64> = serde_json::from_value(site["statistics"][field].clone()).unwrap();
            // serde_json reads the last digit of a number in its fast way.
            let same = |(a, b): (&f64, &f64)| (a - b).abs() <= 2.0 * f64::EPSILON * a.abs();
            assert!(printed.iter().zip(&values).all(same), "{field}: {printed:?} {values:?}");
        } else {
            assert!(site["statistics"].get(field).is_none(), "{field}");
        }
    }
    let verdicts = json["verdicts"].as_array().unwrap();
    assert_eq!(verdicts.len(), report.judged.verdicts.len());
    let saturated = verdicts.iter().find(|verdict| verdict["rule"] == "saturated").unwrap();
    for part in [
        "level",
        "locations",
        "measured",
        "standard_error",
        "limit",
        "finding",
        "causes",
        "evidence",
        "fixes",
    ] {
        assert!(!saturated[part].is_null(), "{part} in {saturated}");
    }
    let fix = &saturated["fixes"][0];
    assert_eq!((&fix["kind"], &fix["parameters"]), (&json!("scale"), &json!(["fc1.weight"])));
    assert!(fix["factor"].as_f64().is_some_and(|factor| factor < 1.0), "{fix}");
}

#[test]
fn annotations_are_one_line_each() {
    let report = report(vec![recording(2, 6.0)]);
    let text = github(&report.judged.verdicts);
    assert_eq!(text.lines().count(), report.judged.verdicts.len());
    let line = text.lines().find(|line| line.contains("title=saturated at tanh::tanh: ")).unwrap();
    assert!(
        line.starts_with("::warning ") && line.contains("%25 of activations") && line.contains("%0A"),
        "{line}"
    );
    assert_eq!(
        annotation(Level::Note, "a: b, c", "50%\nmore: x"),
        "::notice title=a%3A b%2C c::50%25%0Amore: x\n"
    );
}

#[cfg(feature = "plot")]
#[test]
fn the_page_stands_alone_and_begins_with_the_findings() {
    let html = report(vec![recording(2, 6.0)]).page().html();
    let place = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text} is not in the page"));
    assert!(
        place("<h2>Findings</h2>") < place("<svg class")
            || place("<h2>Findings</h2>") < place("class=\"plot\"")
    );
    assert!(place("<code>saturated</code>") < place("class=\"plot\""));
    // Letters refer to their outlines on the page itself.
    let outside = html.replace("href=\"#figure-", "");
    for reference in ["src=", "href=\"", "@import", "url("] {
        assert!(!outside.contains(reference), "{reference}");
    }
    let ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), ids.len(), "each id stands once");
    assert_eq!(html.matches("<desc id=").count(), 2, "two figures with a description");
    assert_eq!(html.matches("<desc").count(), 2, "each described once");
    assert!(html.contains("data-places=\"{&quot;"), "figures along the network know their places");
    assert_eq!(html.matches("class=\"bar\"").count(), 4, "a bar of quantiles for each site");
    assert!(html.contains("prefers-color-scheme: dark") && html.contains("name=\"viewport\""));
}
