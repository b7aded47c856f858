//! The lesson as users read it: PyTorch's printed digits, the rendered text, the document.

use lessons::artifact::Artifact;
use lessons::artifacts::CATALOGUE;
use lessons::lesson::{Lesson, RandomSource};
use specimen::{Init, Network};

fn artifact(id: &str) -> &'static Artifact {
    CATALOGUE.find(id).unwrap()
}

/// The words of every line of an artifact at a seed.
fn words(id: &str, lesson: &Lesson) -> Vec<Vec<String>> {
    let text = artifact(id).text(&(artifact(id).run)(lesson), 110);
    text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

/// The values in a line that the lesson's cells print: what stands behind `=` and `: `, or in quotes.
fn values(line: &str) -> Vec<&str> {
    match line.split_once('[') {
        Some((_, list)) => list.split('\'').skip(1).step_by(2).collect(),
        None => {
            let (layer, rest) = line.split_once(": ").unwrap();
            let number = layer.strip_prefix("Layer ").unwrap();
            let parts =
                rest.split([',', ' ']).filter_map(|part| part.split_once('=').map(|(_, value)| value));
            let share = rest.split_once("): ").map(|(_, share)| share);
            ["Layer", number].into_iter().chain(parts).chain(share).collect()
        }
    }
}

#[track_caller]
fn assert_printed(id: &str, lesson: &Lesson, wanted: &[&str]) {
    let shown = words(id, lesson);
    let found =
        shown.iter().any(|line| line.len() >= wanted.len() && line.iter().zip(wanted).all(|(a, b)| a == b));
    assert!(found, "{id}, seed {}: {wanted:?} is not among {shown:?}", lesson.seed);
}

#[test]
fn every_printed_digit_is_pytorchs_at_four_seeds() {
    for seed in [42, 0, 1, 7] {
        let lesson = Lesson::new(RandomSource::Torch, seed, Network::lesson());
        let printed = crate::pytorch::printed(seed);
        let [dataset, vocabulary, layers @ .., random, kaiming, xavier1, xavier2, xavier3] = &printed[..]
        else {
            panic!("{printed:?}");
        };
        let line = |id| words(id, &lesson)[0].join(" ");
        assert_eq!([line("dataset"), line("vocabulary")], [dataset.as_str(), vocabulary]);
        assert_eq!(layers.len(), 6);
        for (at, layer) in layers.iter().enumerate() {
            let id = if at < 3 { "activations-random" } else { "activations-kaiming" };
            assert_printed(id, &lesson, &values(layer));
        }
        for (weight, (random, kaiming)) in values(random).into_iter().zip(values(kaiming)).enumerate() {
            assert_printed("gradients", &lesson, &[&format!("W{}", weight + 1), random, kaiming]);
        }
        for line in [xavier1, xavier2, xavier3] {
            assert_printed("xavier-kaiming", &lesson, &values(line));
        }
    }
}

#[test]
#[should_panic(expected = "is not among")]
fn the_comparison_of_digits_rejects_a_last_digit() {
    assert_printed("activations-random", &Lesson::original(), &["Layer", "1", "-0.0296", "0.8723"]);
}

#[test]
fn the_lesson_reads_as_it_did() {
    let lesson = Lesson::original();
    let text: String =
        CATALOGUE.artifacts.iter().map(|artifact| artifact.text(&(artifact.run)(&lesson), 110)).collect();
    insta::assert_snapshot!(text);
}

#[test]
fn a_report_reads_as_it_did() {
    let observed = Lesson::original().observe(&Init::LESSON_RANDOM, Default::default());
    insta::assert_snapshot!(observed.report);
}

#[test]
fn the_document_says_what_the_commands_say() {
    let document = std::fs::read_to_string(xtask::splice::document("lesson.md")).unwrap();
    let hint = "docs/lesson.md is stale: renew it with `cargo xtask splice`";
    assert!(xtask::splice::is_fresh(&document).unwrap(), "{hint}");
    assert!(
        !xtask::splice::is_fresh(&document.replace("0.8722", "0.8822")).unwrap(),
        "the check sees a change"
    );
    let audit = std::fs::read_to_string(xtask::splice::document("audit.md")).unwrap();
    let hint = "docs/audit.md is stale: renew it with `cargo xtask splice docs/audit.md`";
    assert!(xtask::splice::is_fresh(&audit).unwrap(), "{hint}");
    assert!(
        !xtask::splice::is_fresh(&audit.replace("76.1%", "77.1%")).unwrap(),
        "the check detects a changed share"
    );
    let chapter = std::fs::read_to_string(xtask::splice::document("autograd.md")).unwrap();
    let hint = "docs/autograd.md is stale: renew it with `cargo xtask splice docs/autograd.md`";
    assert!(xtask::splice::is_fresh(&chapter).unwrap(), "{hint}");
    let changed = chapter.replace("accumulate(&mut before[parent], tape.pool.adopt(term))", "forget(term)");
    assert!(!xtask::splice::is_fresh(&changed).unwrap(), "the check sees a change of code");
    assert_eq!(
        document.matches("<!-- end -->").count(),
        CATALOGUE.artifacts.len() - 1,
        "the lesson shows each artifact once, two of them together"
    );
}
