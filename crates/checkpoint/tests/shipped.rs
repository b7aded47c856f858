//! The shipped rules beside models that the libraries built.

use std::collections::BTreeSet;
use std::path::PathBuf;

use checkpoint::{Mention, NamePattern, NameRules, ShippedRules};
use toml::de::DeTable;

use crate::models::Model;
use crate::moments::disagreements;

/// Everything about a model that is not as its rules say.
fn findings(model: &Model) -> Vec<String> {
    findings_by(model, &model.rules.rules())
}

/// Everything about a model that is not as some rules say.
fn findings_by(model: &Model, rules: &NameRules) -> Vec<String> {
    let resolved = model.resolved_by(rules);
    let mut found: Vec<String> = resolved.unused.iter().map(|unused| format!("{unused:?}")).collect();
    for ((tensor, values), mention) in model.tensors.iter().zip(&model.values).zip(&resolved.tensors) {
        let about = match mention {
            Mention::Expected(expectation) => {
                disagreements(expectation, &tensor.shape, &without_timms_bound(model, values))
            }
            Mention::Ignored { .. } | Mention::NotJudged => vec![],
            Mention::Unfit { why, .. } => vec![why.clone()],
            Mention::Unmentioned => vec!["is never mentioned".to_owned()],
        };
        found.extend(about.into_iter().map(|what| format!("{}: {what}", tensor.name)));
    }
    for group in &resolved.tied {
        let first = &model.values[group.tensors[0]];
        if group.tensors.iter().any(|&at| model.values[at] != *first) {
            found.push(format!("{} differ", group.names));
        }
    }
    found
}

/// The values with 0 in place of −2 in a model of timm, whose truncated normal is the normal quantile of a uniform number in
/// single precision: one value in 2²⁴ is −∞ at first, and then the lower bound, a hundred standard deviations out. The
/// rules say so and state what is meant.
fn without_timms_bound(model: &Model, values: &[f32]) -> Vec<f32> {
    let is_bound = |value: f32| value == -2.0 && model.rules.name().starts_with("timm/");
    values.iter().map(|&value| if is_bound(value) { 0.0 } else { value }).collect()
}

/// Folders of models outside of the repository, in an environment variable.
fn folders(variable: &str) -> Vec<PathBuf> {
    let root = std::env::var_os(variable)
        .unwrap_or_else(|| panic!("{variable} is a folder that make.py has filled"));
    let entries = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).collect()
}

#[test]
fn every_file_is_read_and_written_back() {
    for shipped in ShippedRules::ALL {
        let rules =
            NameRules::parse(shipped.text()).unwrap_or_else(|error| panic!("{}:{error}", shipped.name()));
        assert_eq!(NameRules::parse(&rules.to_string()), Ok(rules), "{}", shipped.name());
    }
}

#[test]
fn the_page_lists_every_file() {
    let page = include_str!("../../../docs/rules-file.md");
    let (_, table) = page.split_once("| name | models |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let listed: Vec<&str> = rows.map(|row| row.split('`').nth(1).unwrap()).collect();
    assert_eq!(listed, ShippedRules::ALL.iter().map(|shipped| shipped.name()).collect::<Vec<_>>());
}

#[test]
fn models_of_the_libraries_follow_their_rules() {
    let models = Model::committed();
    for shipped in ShippedRules::ALL {
        assert!(models.iter().any(|model| model.rules == *shipped), "{} has no model", shipped.name());
    }
    for model in models {
        assert_eq!(findings(&model), Vec::<String>::new(), "{}", model.name);
    }
}

#[test]
#[ignore = "needs models outside of the repository: CONTRIBUTING.md"]
fn models_of_other_seeds_and_sizes_follow_their_rules() {
    for folder in folders("CHECKPOINT_MODELS") {
        for model in Model::all(&folder) {
            assert_eq!(findings(&model), Vec::<String>::new(), "{} {}", folder.display(), model.name);
        }
    }
}

#[test]
#[ignore = "needs models outside of the repository: CONTRIBUTING.md"]
fn faults_are_found_in_their_tensor_alone() {
    let folder =
        std::env::var_os("CHECKPOINT_WRONG_MODELS").expect("a folder that `make.py wrong` has filled");
    for model in Model::all(&PathBuf::from(folder)) {
        // Values that repeat those of another tensor have its moments, which is no matter of one tensor.
        if model.name == "layers-repeat" {
            continue;
        }
        let (found, faulty) = (findings(&model), model.faulty.clone().unwrap());
        let place = model.tensors.iter().position(|tensor| tensor.name == faulty).unwrap();
        let tied = model.resolved().tied.into_iter().find(|group| group.tensors.contains(&place));
        let places = tied.map_or(vec![place], |group| group.tensors);
        let about = |finding: &String, place: usize| finding.starts_with(&model.tensors[place].name);
        assert!(found.iter().any(|finding| about(finding, place)), "{}: {found:?}", model.name);
        let elsewhere = found.iter().find(|finding| !places.iter().any(|&place| about(finding, place)));
        assert_eq!(elsewhere, None, "{}", model.name);
    }
}

#[test]
fn tensors_that_are_changed_are_found() {
    let models = Model::committed();
    let model = |name: &str| models.iter().find(|model| model.name == name).unwrap();
    let with = |name: &str, tensor: &str, change: &dyn Fn(&mut Vec<f32>)| {
        let model = model(name);
        let at = model.tensors.iter().position(|info| info.name == tensor).unwrap();
        let mut values = model.values[at].clone();
        change(&mut values);
        let Mention::Expected(expectation) = &model.resolved().tensors[at] else {
            panic!("{tensor} has a rule")
        };
        disagreements(expectation, &model.tensors[at].shape, &values).join("; ")
    };
    let times =
        |factor: f32| move |values: &mut Vec<f32>| values.iter_mut().for_each(|value| *value *= factor);
    let unchanged = |_: &mut Vec<f32>| {};
    let residual = "transformer.h.0.mlp.c_proj.weight";
    assert_eq!(with("gpt2", residual, &unchanged), "");
    // 1/√(2·layers) is missing.
    assert!(with("gpt2", residual, &times(6f32.sqrt())).starts_with("block at 0: std 0.02"));
    // Fan-in in place of fan-out, where they differ by a factor of 2.
    let widening = "layer4.0.conv1.weight";
    assert_eq!(with("resnet", widening, &unchanged), "");
    assert!(with("resnet", widening, &times(2f32.sqrt())).contains("std"));
    let embedding = "bert.embeddings.word_embeddings.weight";
    assert_eq!(with("bert", embedding, &|values| values[3] = 0.01), "row 0 is not 0");
    // The last third of the columns: the values of attention.
    let attention = "transformer.h.0.attn.c_attn.weight";
    let zero_values = |values: &mut Vec<f32>| {
        values.iter_mut().enumerate().for_each(|(at, value)| {
            if at % 72 >= 48 {
                *value = 0.0;
            }
        });
    };
    assert_eq!(with("gpt2", attention, &zero_values), "block at 48: std 0 where 0.02 is expected");
    assert_eq!(
        with("gpt2", "transformer.ln_f.weight", &|values| values[5] = 0.0),
        "block at 0: 0 where 1 is expected"
    );
    // A uniform distribution of the same std.
    let even = |values: &mut Vec<f32>| {
        let count = values.len();
        for (at, value) in values.iter_mut().enumerate() {
            // A step that shares no factor with the count visits each once.
            let place = (at * 7919 % count) as f32 / (count - 1) as f32;
            *value = 0.02 * 3f32.sqrt() * (2.0 * place - 1.0);
        }
    };
    assert!(with("gpt2", "transformer.h.0.mlp.c_fc.weight", &even).contains("kurtosis 1."));
}

#[test]
fn rules_of_another_model_do_not_fit() {
    let models = Model::committed();
    for shipped in ShippedRules::ALL {
        let other =
            models.iter().find(|model| model.rules != *shipped && !model.name.contains("gpt")).unwrap();
        let strange = |tensors: &[Mention]| tensors.contains(&Mention::Unmentioned);
        let settings = checkpoint::RuleSettings::default();
        match shipped.rules().resolve(&other.tensors, &settings) {
            Ok(resolved) => {
                assert!(strange(&resolved.tensors) && !resolved.unused.is_empty(), "{}", shipped.name());
            }
            // A count or a size that is read from names of its own model.
            Err(error) => assert!(error.to_string().starts_with("constant `"), "{error}"),
        }
    }
}

/// The patterns of a text, by the key of their list.
fn patterns_of(text: &str) -> Vec<NamePattern> {
    let table = DeTable::parse(text).unwrap();
    let entries = |key: &str, names: &str| -> Vec<NamePattern> {
        let list = table.get_ref().get(key).and_then(|list| list.get_ref().as_array()).into_iter().flatten();
        let given = list.map(|entry| entry.get_ref().as_table().unwrap().get(names).unwrap().get_ref());
        let texts = given.flat_map(|given| match given.as_array() {
            Some(list) => list.iter().map(|one| one.get_ref().as_str().unwrap()).collect(),
            None => vec![given.as_str().unwrap()],
        });
        texts.map(|text| NamePattern::parse(text).unwrap()).collect()
    };
    [entries("rule", "match"), entries("tied", "names")].concat()
}

#[test]
fn every_rule_and_every_pattern_meets_a_model() {
    let models = Model::committed();
    for shipped in ShippedRules::ALL {
        let models: Vec<&Model> = models.iter().filter(|model| model.rules == *shipped).collect();
        // Entries of `ignore` are about files of other releases.
        let strict = shipped.text().replace("optional = true", "optional = false");
        let strict = NameRules::parse(&strict).unwrap();
        let unused = models.iter().map(|model| {
            let unused =
                model.resolved_by(&strict).unused.into_iter().filter(|unused| unused.entry != "ignore");
            unused.map(|unused| unused.patterns).collect::<BTreeSet<_>>()
        });
        let never = unused.reduce(|a, b| &a & &b).unwrap();
        assert!(never.is_empty(), "{}: no model has {never:?}", shipped.name());

        let names = || models.iter().flat_map(|model| &model.tensors).map(|tensor| tensor.name.as_str());
        // A prefix may be in front of it: any segments, and one more pattern.
        let meets = |pattern: &NamePattern| {
            let inside = NamePattern::parse(&format!("**.{pattern}")).unwrap();
            names().any(|name| inside.matches(name))
        };
        let never: Vec<String> = patterns_of(shipped.text())
            .iter()
            .filter(|pattern| !meets(pattern))
            .map(ToString::to_string)
            .collect();
        assert_eq!(never, [""; 0], "{}", shipped.name());
    }
}

/// The text with another scheme in one line: a quarter of what it was, 1 in place of 0, or a normal one in place of a preset's.
fn with_wrong_scheme(text: &str, line: usize) -> String {
    let wrong = |scheme: &str| match scheme {
        "zeros" => "ones".to_owned(),
        preset if preset.starts_with("torch.") => "normal(0, 0.5)".to_owned(),
        // Divided by √(2·8), which 16 values of a head can show.
        scheme => format!("residual(8, {scheme})"),
    };
    let changed = text.lines().enumerate().map(|(at, this)| match this.strip_prefix("scheme = \"") {
        Some(rest) if at == line => format!("scheme = \"{}\"", wrong(rest.trim_end_matches('"'))),
        _ => this.to_owned(),
    });
    changed.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_wrong_scheme_in_any_rule_is_found() {
    let models = Model::committed();
    for shipped in ShippedRules::ALL {
        let schemes = shipped.text().lines().enumerate().filter(|(_, line)| line.starts_with("scheme = "));
        let mut rules = 0;
        for (line, scheme) in schemes {
            let wrong = NameRules::parse(&with_wrong_scheme(shipped.text(), line)).unwrap();
            let mut models = models.iter().filter(|model| model.rules == *shipped);
            let found = models.any(|model| !findings_by(model, &wrong).is_empty());
            assert!(found, "{}:{}: nothing depends on {scheme}", shipped.name(), line + 1);
            rules += 1;
        }
        assert_eq!(rules, shipped.text().matches("[[rule]]").count(), "{}", shipped.name());
    }
}
