//! The answers of the book's exercises, computed: every number in bold, in every chapter.

use std::collections::BTreeMap;
use std::path::Path;

use autograd::{Activation, Tape, Tensor, Var};
use diagnostics::{Limits, Recording, RecordingReport};
use lessons::lesson::Lesson;
use mean_field::{
    CriticalPoint, MeanField, batch_norm_growth, first_loss, inputs_cosine, residual_growth, value_squared,
};
use nn_init::{Gain, Layout, Preset, Scheme};
use specimen::{Init, Model, Network, Parameters};

use crate::sweep_exercises;

/// The answers of a chapter: ids, and the numbers of each in their order.
pub(crate) type Answers = Vec<(&'static str, Vec<String>)>;

/// The chapters with exercises, and their answers.
fn answers() -> Vec<(&'static str, Answers)> {
    [chapters(), sweep_exercises::answers()].concat()
}

fn chapters() -> Vec<(&'static str, Answers)> {
    vec![
        (
            "lesson.md",
            vec![
                ("embedding-scale", embedding_scale()),
                ("logit-gradient", logit_gradient()),
                ("hundred-layers", hundred_layers()),
            ],
        ),
        (
            "derivation.md",
            vec![
                ("gelu-gain", gelu_gain()),
                ("gain-1.1", gain_1_1()),
                ("critical-weight", critical_weight()),
            ],
        ),
        (
            "autograd.md",
            vec![("tape-length", tape_length()), ("gradient-twice", gradient_twice()), ("kinks", kinks())],
        ),
        (
            "makemore.md",
            vec![
                ("loss-of-raw", vec![format!("{:.1}", first_loss(27, 200_f64.sqrt()))]),
                ("gain-half", gain_half()),
                ("momentum", momentum()),
            ],
        ),
        (
            "beyond-chains.md",
            vec![
                ("twenty-blocks", twenty_blocks()),
                (
                    "batch-norm-depth",
                    vec![format!("{:.0}", batch_norm_growth(Activation::Relu, 32).powf(25.0))],
                ),
                ("gpt2-loss", gpt2_loss()),
            ],
        ),
        (
            "diagnosing.md",
            vec![
                ("three-checkpoints", three_checkpoints()),
                ("embedding-ratio", embedding_ratio()),
                ("pixels", pixels()),
            ],
        ),
        (
            "check.md",
            vec![
                ("swapped-fans", swapped_fans()),
                ("same-std", same_std()),
                ("missing-factor", vec![format!("{:.3}", 6_f64.sqrt())]),
            ],
        ),
    ]
}

// ---- Chapter 1 ----

fn parameters(init: &Init, network: &Network) -> Parameters {
    let lesson = Lesson::original();
    lesson.source.draw(lesson.seed, network, init)
}

fn embedding_scale() -> Vec<String> {
    let lesson = Lesson::original();
    let mut drawn = parameters(&Init::LESSON_KAIMING, &lesson.network);
    let table = &mut drawn.0[0].value;
    *table = table.scale(27_f32.sqrt());
    let observed = lesson.network.observe(&drawn, &lesson.batch, Default::default());
    observed.report.layers.iter().map(|layer| format!("{:.4}", layer.post.summary.std())).collect()
}

fn logit_gradient() -> Vec<String> {
    let lesson = Lesson::original();
    let rms = |init: &Init| {
        let pass = Model::new(lesson.network.clone(), parameters(init, &lesson.network))
            .pass(&mut Tape::new(), &lesson.batch);
        let mut p = pass.logits.softmax_rows();
        for (row, &target) in lesson.batch.targets.iter().enumerate() {
            p.data_mut()[row * 27 + target] -= 1.0;
        }
        (p.data().iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / p.data().len() as f64).sqrt()
    };
    vec![format!("{:.2}", rms(&Init::LESSON_RANDOM) / rms(&Init::LESSON_KAIMING))]
}

fn hundred_layers() -> Vec<String> {
    let network = Network { hidden: vec![100; 100], ..Network::lesson() };
    let lesson = Lesson::original();
    let drawn = parameters(&Init::LESSON_RANDOM, &network);
    let report = network.observe(&drawn, &lesson.batch, Default::default()).report;
    let first = report.weights.iter().find(|weight| weight.name == "W1").unwrap();
    let summary = &first.gradient.as_ref().unwrap().summary;
    // Chaotic: after some twenty layers, roundings decide the digits, but not the growth.
    assert!((1e32..1e36).contains(&summary.mean_abs()), "{}", summary.mean_abs());
    vec![summary.non_finite.to_string()]
}

// ---- Chapter 2 ----

fn gelu_gain() -> Vec<String> {
    let square = value_squared(Activation::Gelu, 1.0);
    // The closed form that the answer derives.
    let pi = std::f64::consts::PI;
    let closed = 0.25 + (0.5_f64).asin() / (2.0 * pi) + 1.0 / (2.0 * pi * 3_f64.sqrt());
    assert!((square - closed).abs() < 1e-12, "{square} is not {closed}");
    vec![format!("{square:.4}"), format!("{:.4}", Gain::forward(Activation::Gelu).value())]
}

fn gain_1_1() -> Vec<String> {
    let field = MeanField { activation: Activation::Tanh, weight: 1.21, bias: 0.0 };
    let q = field.fixed_variance(1.0);
    let chi = field.chi(q);
    let layers = |factor: f64| (1000_f64.ln() / factor.ln()).ceil();
    vec![
        format!("{q:.3}"),
        format!("{chi:.4}"),
        format!("{:.0}", layers(chi.sqrt())),
        format!("{:.0}", layers(1.1)),
    ]
}

fn critical_weight() -> Vec<String> {
    let field = CriticalPoint::of_bias(Activation::Tanh, 0.05).unwrap().field;
    vec![format!("{:.3}", field.weight), format!("{:.3}", field.fixed_variance(1.0))]
}

// ---- Chapter 3 ----

fn tape_length() -> Vec<String> {
    let tape = Tape::new();
    let x = tape.leaf(Tensor::scalar(3.0_f64));
    let y = (x * x + x) * x;
    vec![tape.len().to_string(), y.value().item().to_string()]
}

fn gradient_twice() -> Vec<String> {
    let tape = Tape::new();
    let x = tape.leaf(Tensor::scalar(3.0_f64));
    let y = (x * x + x) * x;
    vec![y.backward().get(x).unwrap().item().to_string()]
}

fn kinks() -> Vec<String> {
    let slope = |f: fn(Var<'_, f64>) -> Var<'_, f64>| {
        let tape = Tape::new();
        let x = tape.leaf(Tensor::scalar(0.0));
        f(x).backward().get(x).unwrap().item().to_string()
    };
    vec![
        slope(|x| x.activation(Activation::Relu)),
        slope(|x| x.abs().sum()),
        slope(|x| x.maximum(x.scale(2.0))),
    ]
}

// ---- Chapter 4 ----

/// The rows of a committed table of the lecture.
fn lecture(table: &str) -> Vec<BTreeMap<String, String>> {
    let path = root().join("docs/out/makemore").join(table);
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

fn gain_half() -> Vec<String> {
    let rows = lecture("gain-gradients.csv");
    let std = |layer: &str| -> f64 {
        let row = rows.iter().find(|row| row["run"] == "deep-half" && row["layer"] == layer).unwrap();
        row["std"].parse().unwrap()
    };
    vec![format!("{:.4}", 0.5_f64.powi(4)), format!("{:.4}", std("Layer 1") / std("Layer 5"))]
}

fn momentum() -> Vec<String> {
    vec![format!("{:.3}", 0.999_f64.powi(1001)), format!("{:.0}", (0.01_f64.ln() / 0.999_f64.ln()).ceil())]
}

// ---- Chapter 5 ----

fn twenty_blocks() -> Vec<String> {
    let rms = |gain: f64| residual_growth(1.0, 1.0, gain).powf(10.0);
    let scaled = residual_growth(1.0, 1.0 / 40_f64.sqrt(), 1.0).powf(10.0);
    vec![format!("{:.0}", rms(1.0)), format!("{:.0}", rms(2.0)), format!("{scaled:.2}")]
}

fn gpt2_loss() -> Vec<String> {
    let std = 0.02 * 768_f64.sqrt();
    vec![format!("{std:.3}"), format!("{:.2}", first_loss(50257, std)), format!("{:.2}", 50257_f64.ln())]
}

// ---- Chapter 6 ----

fn recording(name: &str) -> RecordingReport {
    let path = root().join("tests/recordings").join(format!("{name}.safetensors"));
    RecordingReport::of(vec![Recording::read(&path).unwrap()], &Limits::default()).unwrap()
}

fn three_checkpoints() -> Vec<String> {
    let names = ["gpt2-branches-without-scaling", "healthy-zero-output-projections", "final-norm-at-zero"];
    names
        .iter()
        .map(|name| recording(name).judged.verdicts.iter().filter(|v| v.is_finding()).count().to_string())
        .collect()
}

fn embedding_ratio() -> Vec<String> {
    let verdicts = recording("tied-embedding-normal-1").judged.verdicts;
    let text = verdicts[0].to_string();
    let ratio: f64 = text.split("are ").nth(1).unwrap().split('×').next().unwrap().parse().unwrap();
    vec![format!("{ratio:.1}"), format!("{:.4}", 1.0 / ratio)]
}

fn pixels() -> Vec<String> {
    // A uniform number from 0 to 255.
    let (mean, std) = (127.5, 255.0 / 12_f64.sqrt());
    let rms = f64::hypot(mean, std);
    let scaled = inputs_cosine(mean / 255.0, std / 255.0);
    vec![format!("{rms:.1}"), format!("{:.3}", inputs_cosine(mean, std)), format!("{scaled:.3}")]
}

// ---- Chapter 7 ----

fn swapped_fans() -> Vec<String> {
    let std = |scheme: Scheme| format!("{:.4}", scheme.moments(&[27, 100], Layout::OUT_IN).unwrap().std);
    let kaiming = Scheme::kaiming_normal(2_f64.sqrt());
    vec![std(kaiming), std(kaiming.fan_out())]
}

fn same_std() -> Vec<String> {
    let preset: Preset = "torch.linear".parse().unwrap();
    let drawn = preset.weight.moments(&[832, 832], Layout::OUT_IN).unwrap();
    vec![format!("{:.5}", drawn.std), format!("{:.1}", drawn.kurtosis)]
}

// ---- The pages ----

pub(crate) fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The answers on a page: each id with the texts in bold up to the end of its answer.
fn stated(page: &str) -> BTreeMap<String, Vec<String>> {
    let parts = page.split("<!-- answer ").skip(1);
    let answer = |part: &str| {
        let (id, rest) = part.split_once(" -->").unwrap();
        let text = rest.split("</details>").next().unwrap();
        (id.to_owned(), text.split("**").skip(1).step_by(2).map(str::to_owned).collect())
    };
    parts.map(answer).collect()
}

#[test]
fn every_answer_states_what_is_computed() {
    let (mut on_pages, mut computed) = (Vec::new(), Vec::new());
    for (chapter, answers) in answers() {
        let page = std::fs::read_to_string(root().join("docs").join(chapter)).unwrap();
        assert_eq!(page.matches("<summary>Answer</summary>").count(), answers.len(), "docs/{chapter}");
        on_pages.push((chapter, stated(&page)));
        let owned = answers.into_iter().map(|(id, numbers)| (id.to_owned(), numbers));
        computed.push((chapter, owned.collect::<BTreeMap<String, Vec<String>>>()));
    }
    assert_eq!(on_pages, computed);
}

#[test]
fn every_chapter_has_three_exercises() {
    let summary = std::fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let answers: BTreeMap<_, _> = answers().into_iter().collect();
    let chapters = summary.lines().filter(|line| line.starts_with("- ["));
    for page in chapters.map(|line| line.split(['(', ')']).nth(1).unwrap()) {
        assert!(answers.get(page).is_some_and(|answers| answers.len() >= 3), "docs/{page}");
    }
}

#[test]
fn every_page_with_answers_is_checked() {
    let checked: Vec<&str> = answers().into_iter().map(|(chapter, _)| chapter).collect();
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".md") && std::fs::read_to_string(&path).unwrap().contains("<summary>Answer") {
            assert!(checked.contains(&name.as_str()), "docs/{name} has answers that nothing computes");
        }
    }
}

#[test]
fn a_wrong_answer_is_seen() {
    let page = "<!-- answer a -->\n\nIt is **2.5** and **3**.\n\n</details>\n**not an answer**\n<!-- answer b -->\n</details>";
    let expected = [("a".to_owned(), vec!["2.5".to_owned(), "3".to_owned()]), ("b".to_owned(), vec![])];
    assert_eq!(stated(page), expected.into());
    assert_ne!(stated(&page.replace("2.5", "2.6"))["a"], stated(page)["a"]);
}
