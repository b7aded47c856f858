//! Plans: what is read, what is refused, and what cells they have.

use proptest::prelude::*;
use sweep::{NamedMeasure, PlanValue, SeedPolicy, Setting, SweepPlan};

use crate::{SMALL, small};

const ISSUE: &str = "version = 1
measure = [\"loss@300\", \"gradient_growth\", \"xi_c\"]
[axes]
depth = [2, 4, 8, 16, 32, 64]
gain = { log = [0.5, 4], points = 64 }
seed = { count = 8 }
[fixed]
width = 100
activation = \"tanh\"
[train]
sgd = 0.1
steps = 300
";

#[test]
fn a_plan_is_read() {
    let plan = SweepPlan::parse(ISSUE).unwrap();
    assert_eq!(plan.cells(), 6 * 64 * 8);
    let names: Vec<&str> = plan.axes.iter().map(|axis| axis.setting.name).collect();
    assert_eq!(names, ["depth", "gain", "seed"], "in the order of the text");
    let settings = plan.settings(plan.cells() - 1);
    assert_eq!((settings.depth, settings.width, settings.gain, settings.steps), (64, 100, 4.0, 300));
    assert_eq!(plan.seeds, SeedPolicy::Hashed);
}

fn refused(text: &str) -> String {
    SweepPlan::parse(text).unwrap_err().to_string()
}

/// A plan with this line in place of `gain = [0.5, 1.5, 4]`, which is line 4.
fn axis(line: &str) -> String {
    refused(&SMALL.replace("gain = [0.5, 1.5, 4]", line))
}

fn measure(text: &str) -> String {
    refused(&SMALL.replace("'loss@6'", &format!("'{text}'")))
}

#[test]
fn mistakes_have_a_line_and_a_column() {
    insta::assert_snapshot!(refused(""), @"1:1: the plan has no version; begin it with version = 1");
    insta::assert_snapshot!(refused("version = 2"), @"1:11: this program reads version 1 of the format");
    insta::assert_snapshot!(refused("version = 1\n[axis]\ngain = [1]"), @"2:2: unknown key `axis` (did you mean `axes`?); known here: version, measure, seeds, axes, fixed, train");
    insta::assert_snapshot!(refused("version = 1\nmeasure = ['loss']"), @"1:1: the plan has no axes; add [axes] with a setting, such as gain = [1, 2]");
    insta::assert_snapshot!(refused("version = 1\n[axes]\ngain = [1]"), @r#"1:1: the plan measures nothing; add measure = ["loss@300"]"#);
    insta::assert_snapshot!(refused("version = 1\n[axes\n"), @"2:6: unclosed table, expected `]`");
    insta::assert_snapshot!(axis("gian = [1]"), @"4:1: there is no setting `gian`");
    insta::assert_snapshot!(axis("width = [1]"), @"8:1: the setting `width` is given twice");
    insta::assert_snapshot!(axis("learning_rate = [1]"), @"11:1: the setting `learning_rate` is given twice");
    insta::assert_snapshot!(axis("gain = 2"), @"4:8: an axis is a list or a range, such as gain = [1, 2] or gain = { log = [0.5, 4], points = 64 }; one value belongs to [fixed]");
    insta::assert_snapshot!(axis("gain = []"), @"4:8: the axis `gain` has no values");
    insta::assert_snapshot!(axis("gain = [1, 1.0]"), @"4:8: the axis `gain` has the value 1.0 twice");
    insta::assert_snapshot!(axis("gain = ['big']"), @"4:9: `gain` takes a number");
    insta::assert_snapshot!(axis("gain = [-1]"), @"4:9: `gain` cannot be -1.0: it must be at least 0");
    insta::assert_snapshot!(axis("context = [1.5]"), @"4:12: `context` takes a whole number");
    insta::assert_snapshot!(axis("context = [0]"), @"4:12: `context` cannot be 0: it must be from 1 to 1000000");
    insta::assert_snapshot!(axis("norm = ['batch']"), @"4:9: `norm` cannot be batch: choose none, hidden or all");
    insta::assert_snapshot!(axis("gain = { lin = [1, 2] }"), @"4:10: unknown key `lin`; known here: linear, log, points, count");
    insta::assert_snapshot!(axis("gain = { log = [1, 2] }"), @"4:8: a range is { count = 8 }, { linear = [0, 1], points = 5 } or { log = [0.5, 4], points = 64 }");
    insta::assert_snapshot!(axis("gain = { log = [0, 2], points = 3 }"), @"4:16: the ends of a logarithmic range must have one sign and not be 0");
    for ends in ["['x', 0, 1]", "[nan, 0, 1]", "[0, inf]"] {
        let text = axis(&format!("gain = {{ linear = {ends}, points = 3 }}"));
        assert!(text.contains("two finite numbers"), "{text}");
    }
    insta::assert_snapshot!(axis("gain = { log = [1], points = 3 }"), @"4:16: the ends of a range are two finite numbers, such as [0.5, 4]");
    insta::assert_snapshot!(axis("gain = { linear = [1, 2], points = 1 }"), @"4:36: a range between two ends has at least 2 points");
    insta::assert_snapshot!(axis("gain = { linear = [1, 1], points = 2 }"), @"4:36: a range between equal ends has 1 point");
    insta::assert_snapshot!(axis("gain = { linear = [1, 2], points = 0 }"), @"4:36: the number of values must be from 1 to 1000000");
    insta::assert_snapshot!(axis("context = { log = [1, 2], points = 3 }"), @"4:11: `context` takes whole numbers, and the range has 1.4142135623730951; list its values");
    insta::assert_snapshot!(axis("scheme = { count = 3 }"), @"4:10: `scheme` takes texts; list them");
    insta::assert_snapshot!(axis("classes = [20]"), @"1:1: the lesson's data have 21 symbols, and `classes` is 20");
    insta::assert_snapshot!(axis("data_seed = { count = 1000000 }\nlearn = { count = 3 }"), @"5:1: there is no setting `learn`");
    insta::assert_snapshot!(refused(&SMALL.replace("sgd", "sdg")), @"11:1: unknown key `sdg`; known here: sgd, adam, steps, batch");
    insta::assert_snapshot!(refused(&SMALL.replace("sgd = 0.1", "sgd = 0.1\nadam = 0.1")), @"12:1: the setting `optimizer` is given twice");
    insta::assert_snapshot!(refused(&SMALL.replace("width = 6", "width = 1000000")), @"1:1: a cell of depth 3, width 1000000, 27 classes, and 128 examples holds 2000817005210 numbers, and 100000000 are allowed; make it smaller");
    for large in [
        "classes = [1000000]",
        "batch = [1000000]\nclasses = [100]",
        "examples = [1000000]\ndata = ['random']\nclasses = [1000]",
    ] {
        let text = axis(large);
        assert!(text.contains("numbers, and 100000000 are allowed"), "{text}");
    }
    insta::assert_snapshot!(axis("scheme = ['xavier_normal', 'xavier_normal(1)']"), @"4:10: the axis `scheme` has one value twice, as xavier_normal and as xavier_normal(1)");
    insta::assert_snapshot!(refused(&format!("seeds = 'own'\n{SMALL}")), @r#"1:9: `seeds` is "hashed" or "shared""#);
}

#[test]
fn measures_that_there_are_not_are_refused() {
    insta::assert_snapshot!(measure("xi"), @"2:12: there is no measure `xi`; docs/sweeps.md lists them");
    insta::assert_snapshot!(measure("xi_d"), @"2:12: there is no measure `xi_d` (did you mean `xi_c`?); docs/sweeps.md lists them");
    insta::assert_snapshot!(measure("gradient rat"), @"2:12: there is no measure `gradient rat` (did you mean `gradient rate`?); docs/sweeps.md lists them");
    insta::assert_snapshot!(measure("first: post sd"), @"2:12: `first` has no statistic `post sd` (did you mean `post std`?); docs/sweeps.md says where they are listed");
    insta::assert_snapshot!(measure("Layer 0: post std"), @"2:12: there is no location `Layer 0`: it is first, last, a layer such as `Layer 2`, or a parameter such as `W2`, `b2`, `gamma2`, `beta2` or `C`");
    insta::assert_snapshot!(measure("Layer 02: post std"), @"2:12: there is no location `Layer 02`: it is first, last, a layer such as `Layer 2`, or a parameter such as `W2`, `b2`, `gamma2`, `beta2` or `C`");
    insta::assert_snapshot!(measure("Layer 4: post std"), @"2:12: `Layer 4: post std`: no cell of the plan has a Layer 4");
    insta::assert_snapshot!(measure("W5: value std"), @"2:12: `W5: value std`: no cell of the plan has a W5");
    insta::assert_snapshot!(measure("gamma1: value std"), @"2:12: `gamma1: value std`: no cell of the plan has a gamma1");
    insta::assert_snapshot!(measure("loss@06"), @"2:12: `loss@06`: after the @ comes a number of steps, as in loss@300, or `end`");
    insta::assert_snapshot!(measure("loss@6', 'loss@end"), @"2:22: `loss@end` is measured twice, also as `loss@6`");
    insta::assert_snapshot!(measure("loss', 'loss@0"), @"2:20: `loss@0` is measured twice, also as `loss`");
    insta::assert_snapshot!(measure("loss@x"), @"2:12: `loss@x`: after the @ comes a number of steps, as in loss@300, or `end`");
    insta::assert_snapshot!(measure("loss@7"), @"2:12: `loss@7` is measured after more steps than the 6 of [train]; set steps there");
    insta::assert_snapshot!(measure("xi_c@6"), @"2:12: `xi_c` is theory of the initialisation and does not change with steps; leave the @ out");
    insta::assert_snapshot!(measure("last_change"), @"2:12: `last_change` is a change by training; write last_change@1 or last_change@end");
    insta::assert_snapshot!(measure("mean_loss"), @"2:12: `mean_loss` is of training steps; write mean_loss@300 or mean_loss@end");
    insta::assert_snapshot!(measure("chi_1"), @"2:40: `chi_1` is measured twice");
}

#[test]
fn one_meaning_has_one_hash() {
    let hash = |text: &str| SweepPlan::parse(text).unwrap().hash();
    let same = SMALL
        .replace("[0.5, 1.5, 4]", "[0.5, 1.5, 4.0] # three gains")
        .replace("sgd = 0.1\n", "steps = 6\nsgd = 0.1\n");
    let same = same.replacen("steps = 6\nsgd = 0.1\nsteps = 6", "sgd = 0.10\nsteps  = 6", 1);
    assert_eq!(hash(SMALL), hash(&same));
    for (from, to) in [
        ("'loss@6', 'gradient_growth'", "'gradient_growth', 'loss@6'"),
        ("1.5", "1.6"),
        ("count = 2", "count = 3"),
        ("width = 6", "width = 7"),
        ("version = 1", "version = 1\nseeds = 'shared'"),
        ("seed = { count = 2 }\n", ""),
    ] {
        assert_ne!(hash(SMALL), hash(&SMALL.replace(from, to)), "{from}");
    }
    // Recorded: names of files of running sweeps must not change.
    insta::assert_snapshot!(hash(SMALL), @"d5e24516a2e4b38691dcbd702f42a9b1e916e8d00b4c24b8dc8ed7fc0e20305f");
}

#[test]
fn longer_axes_keep_old_cells() {
    let short = small();
    let long = SMALL.replace("[0.5, 1.5, 4]", "[0.25, 0.5, 1.5, 2, 4]").replace("count = 2", "count = 5");
    let long = SweepPlan::parse(&long).unwrap();
    let in_long = |cell: u64| {
        let here = short.describe(cell);
        (0..long.cells()).find(|&other| long.describe(other) == here).unwrap()
    };
    for cell in 0..short.cells() {
        assert_eq!(short.settings(cell), long.settings(in_long(cell)), "{}", short.describe(cell));
    }
    let seeds: std::collections::BTreeSet<u64> =
        (0..long.cells()).map(|cell| long.settings(cell).seed).collect();
    assert_eq!(seeds.len() as u64, long.cells(), "every cell has a seed of its own");
}

#[test]
fn shared_seeds_are_those_of_the_plan() {
    let plan = SweepPlan::parse(&format!("seeds = 'shared'\n{SMALL}")).unwrap();
    let seeds: std::collections::BTreeSet<u64> =
        (0..plan.cells()).map(|cell| plan.settings(cell).seed).collect();
    assert_eq!(seeds.into_iter().collect::<Vec<_>>(), [0, 1]);
}

/// Every setting can be an axis, and every named measure and some statistics can be measured.
#[test]
fn everything_in_the_lists_can_be_planned() {
    for setting in Setting::ALL {
        let value = match setting.kind {
            sweep::ValueKind::Text => format!("'{}'", setting.default),
            _ => setting.default.to_owned(),
        };
        let plan = format!("version = 1\nmeasure = ['loss']\n[axes]\n{} = [{value}]", setting.name);
        assert_eq!(SweepPlan::parse(&plan).unwrap().cells(), 1, "{}", setting.name);
    }
    let names = NamedMeasure::ALL.iter().map(|measure| match measure.name {
        name @ ("mean_loss" | "least_loss" | "inverse_losses" | "first_change" | "last_change"
        | "logits_change") => format!("{name}@6"),
        name => name.to_owned(),
    });
    for name in names.chain(["gradient rate@3", "first: post std@end", "W2: grad:data"].map(str::to_owned)) {
        let text = SMALL.replace("'loss@6', 'gradient_growth', 'chi_1'", &format!("\"{name}\""));
        assert_eq!(SweepPlan::parse(&text).unwrap().measures[0].to_string(), name);
    }
}

proptest! {
    /// The index of a cell and its coordinates are two forms of one number.
    #[test]
    fn cells_and_coordinates_are_one(lengths in proptest::collection::vec(1_usize..5, 1..4), pick in any::<u64>()) {
        let names = ["depth", "width", "data_seed"];
        let axes: Vec<String> =
            lengths.iter().zip(names).map(|(n, name)| format!("{name} = {:?}", (1..=*n).collect::<Vec<_>>())).collect();
        let plan = SweepPlan::parse(&format!("version = 1\nmeasure = ['chi_1']\n[axes]\n{}", axes.join("\n"))).unwrap();
        let cell = pick % plan.cells();
        let indices: Vec<usize> = plan.coordinates(cell).map(|(_, value)| match value {
            PlanValue::Whole(value) => *value as usize - 1,
            other => panic!("{other:?}"),
        }).collect();
        prop_assert_eq!(plan.cell(&indices), cell);
        // Nested loops in the order of the axes, the last one innermost.
        prop_assert!(cell + 1 == plan.cells() || plan.coordinates(cell).map(|(_, v)| v.to_string().parse().unwrap()).collect::<Vec<u64>>()
            < plan.coordinates(cell + 1).map(|(_, v)| v.to_string().parse().unwrap()).collect::<Vec<u64>>());
    }
}
