//! The lesson as users read it: PyTorch's printed digits, the rendered text, the document.

use autograd::{Activation, Tape, Tensor};
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

/// A page of the book agrees with its commands, and does not once `from` is replaced.
#[track_caller]
fn assert_fresh(page: &str, from: &str, to: &str) {
    let document = std::fs::read_to_string(xtask::splice::document(page)).unwrap();
    let hint = format!("docs/{page} is stale: renew it with `cargo xtask splice docs/{page}`");
    assert!(xtask::splice::is_fresh(&document).unwrap(), "{hint}");
    let changed = document.replace(from, to);
    assert_ne!(changed, document, "docs/{page} has no {from}");
    assert!(!xtask::splice::is_fresh(&changed).unwrap(), "the check of docs/{page} sees no change");
}

#[test]
fn the_pages_say_what_the_commands_say() {
    assert_fresh("lesson.md", "0.8722", "0.8822");
    assert_fresh("audit.md", "76.1%", "77.1%");
    assert_fresh("autograd.md", "accumulate(&mut before[parent], tape.pool.adopt(term))", "forget(term)");
    assert_fresh("derivation.md", "1.0953", "1.2953");
    assert_fresh("beyond-chains.md", "4.1147", "4.1247");
    assert_fresh("diagnosing.md", "51.3×", "52.3×");
}

#[test]
fn every_artifact_is_on_one_page() {
    let pages = ["lesson.md", "derivation.md", "beyond-chains.md"];
    let texts = pages.map(|page| std::fs::read_to_string(xtask::splice::document(page)).unwrap());
    let markers = texts.iter().flat_map(|text| text.lines()).filter_map(|line| {
        let (ids, _) = line.strip_prefix("<!-- cargo xtask reproduce ")?.split_once(" --format ")?;
        Some(ids.split(' '))
    });
    let mut shown: Vec<&str> = markers.flatten().collect();
    let mut all: Vec<&str> = CATALOGUE.artifacts.iter().map(|artifact| artifact.id).collect();
    shown.sort_unstable();
    all.sort_unstable();
    assert_eq!(shown, all);
}

#[test]
fn the_graph_on_the_page_is_the_one_that_is_drawn() {
    let tape = Tape::new();
    let leaf = |values: &[f64], rows| Tensor::from_vec(values.to_vec(), [rows, 2]).unwrap();
    let x = tape.leaf(leaf(&[0.5, -1.0], 1)).named("x");
    let w = tape.leaf(leaf(&[2.0, 1.0, -1.0, 3.0], 2)).named("W");
    let loss = x.matmul(w).activation(Activation::Tanh).sum();
    let drawn = loss.graph().with_values(&tape).with_gradients(&loss.backward()).to_mermaid();
    let page = std::fs::read_to_string(xtask::splice::document("autograd.md")).unwrap();
    let block = page.split("```mermaid\n").nth(1).and_then(|rest| rest.split("```").next());
    assert_eq!(block, Some(drawn.as_str()));
}
