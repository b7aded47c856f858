//! The rules file: mistakes with their places, what rules say of tensors, and arbitrary texts.

use checkpoint::{
    ConstantSource, Dtype, Expectation, IgnoreRule, Mention, NameRule, NameRules, ResolvedRules,
    RuleSettings, RulesError, ShippedRules, TensorInfo, TieRule,
};
use nn_init::{Layout, Scheme};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

fn tensor(name: &str, shape: &[usize]) -> TensorInfo {
    TensorInfo { name: name.to_owned(), dtype: Dtype::F32, shape: shape.to_vec() }
}

fn parse(text: &str) -> Result<NameRules, RulesError> {
    NameRules::parse(&format!("version = 1\n{text}"))
}

fn resolve(text: &str, tensors: &[TensorInfo]) -> ResolvedRules {
    parse(text).unwrap().resolve(tensors, &RuleSettings::default()).unwrap()
}

/// What one rule expects of one tensor.
fn expectation(rule: &str, name: &str, shape: &[usize]) -> Expectation {
    let resolved = resolve(&format!("[[rule]]\nmatch = '{name}'\n{rule}"), &[tensor(name, shape)]);
    let [Mention::Expected(expectation)] = &resolved.tensors[..] else { panic!("{:?}", resolved.tensors) };
    expectation.clone()
}

fn stds(expectation: &Expectation) -> Vec<f64> {
    expectation.draw.parts.iter().map(|block| block.moments(expectation.draw.layout).unwrap().std).collect()
}

fn assert_close(measured: &[f64], expected: &[f64]) {
    assert_eq!(measured.len(), expected.len(), "{measured:?}");
    for (measured, expected) in measured.iter().zip(expected) {
        assert!((measured / expected - 1.0).abs() < 1e-12, "{measured} {expected}");
    }
}

#[test]
fn mistakes_have_a_line_a_column_and_the_nearest_name() {
    let rule = "[[rule]]\nmatch = 'w'\nscheme = 'ones'\n";
    let cases = [
        (
            "layers = 3",
            "2:1: unknown key `layers`; known here: version, prefix, constants, rule, ignore, tied",
        ),
        (
            "[[rules]]\nmatch = 'w'",
            "2:3: unknown key `rules` (did you mean `rule`?); known here: version, prefix, constants, rule, ignore, tied",
        ),
        ("[rule]\nmatch = 'w'", "2:1: `rule` is a list: write [[rule]]"),
        ("[[rule]]\nscheme = 'ones'", "2:1: there is no `match` here; add match = \"h.{i}.*.weight\""),
        ("[[rule]]\nmatch = 'w'", "2:1: there is no `scheme` here; add scheme = \"normal(0, 0.02)\""),
        ("[[rule]]\nmatch = []\nscheme = 'ones'", "3:9: `match` must not be empty"),
        ("[[rule]]\nmatch = ['w', 'h.{i']\nscheme = 'ones'", "3:15: `{` has no `}` in the segment `{i`"),
        ("[[rule]]\nmatch = 3\nscheme = 'ones'", "3:9: `match` must be a text in quotes"),
        (
            "[[rule]]\nmatch = 'w'\nscheme = 'kaiming_norml'",
            "4:10: there is no scheme or preset `kaiming_norml` (did you mean `kaiming_normal`?)",
        ),
        (
            "[[rule]]\nmatch = 'w'\nscheme = 'torch.liner'",
            "4:10: there is no scheme or preset `torch.liner` (did you mean `torch.linear`?)",
        ),
        (
            "[[rule]]\nmatch = 'w'\nscheme = 'normal(0)'",
            "4:10: invalid scheme `normal(0)`: expected `normal(mean, std)`",
        ),
        (
            "[[rule]]\nmatch = 'w'\nscheme = 'normal(0, -1)'",
            "4:10: invalid scheme `normal(0, -1)`: the standard deviation must not be negative",
        ),
        ("[[rule]]\nmatch = 'w'\nscheme = 'torch.embedding.bias'", "4:10: `torch.embedding` has no bias"),
        (
            "[[rule]]\nmatch = 'w'\nscheme = 'torch.linear'\nlayout = 'in_out'",
            "4:10: the preset `torch.linear` has its own layout; leave out layout, groups and stride",
        ),
        (
            "[[rule]]\nmatch = 'h.{dim0}'\nscheme = 'ones'",
            "4:10: `{dim0}` in `h.{dim0}` has the name of a constant; choose another",
        ),
        (
            "[[rule]]\nmatch = 'w'\nscheme = 'ones'\nlayout = 'inout'",
            "5:10: there is no layout `inout` (did you mean `in_out`?); they are out_in, in_out, in_out_kernel, kernel_out_in",
        ),
        (
            "[[rule]]\nmatch = 'w'\nscheme = 'ones'\nblocks = { count = 3 }",
            "5:10: `blocks` has no axis; add axis = 0",
        ),
        (
            "[[rule]]\nmatch = 'w'\nscheme = 'ones'\nblocks = { axis = 0, count = 3, sizes = [1] }",
            "5:41: `blocks` has a count or sizes, and not both",
        ),
        (
            "[[rule]]\nmatch = 'w'\nscheme = 'ones'\nblocks = { axis = 9, count = 3 }",
            "5:19: expected a whole number below 8",
        ),
        (
            "[[rule]]\nmatch = 'w'\nscheme = 'ones'\ngroups = true",
            "5:10: `groups` must be a number or an expression",
        ),
        ("[[rule]]\nmatch = 'w'\nscheme = 'ones'\noptional = 1", "5:12: `optional` must be true or false"),
        (
            "[[rule]]\nmatch = '{i}.b'\nscheme = 'ones'\nfans_of = '{j}.w'",
            "5:11: `{j}` is not captured by every pattern of the rule",
        ),
        (
            "[[rule]]\nmatch = 'b'\nscheme = 'ones'\nfans_of = '*.w'",
            "5:11: `fans_of` names one tensor, so it has no `*`",
        ),
        (
            "[[rule]]\nmatch = 'w'\nscheme = 'ones'\nwhen = 'dim0'",
            "5:8: `dim0` has no value: unknown constant `dim0`; there are no constants here",
        ),
        ("[[ignore]]\nmatch = 'w'", "2:1: there is no `reason` here; add reason = \"why it is not judged\""),
        ("[[ignore]]\nmatch = 'w'\nreason = ' '", "4:10: `reason` must not be empty"),
        (
            "[[tied]]\nname = 'w'",
            "3:1: unknown key `name` (did you mean `names`?); known here: names, when, optional",
        ),
        ("constants = 3", "2:13: `constants` must be a table of keys and values"),
        ("[constants]\nsqrt = 3", "3:1: `sqrt` has a meaning already; choose another name"),
        (
            "[constants]\n'a-b' = 3",
            "3:1: a constant's name has letters, digits and _ only, and `a-b` differs",
        ),
        (
            "[constants]\na = true",
            "3:5: a constant is a number, an expression, or a table with count, config, or of and axis",
        ),
        (
            "[constants]\na = { count = 'h.{i}', config = 'n' }",
            "3:5: a constant is a number, an expression, or a table with count, config, or of and axis",
        ),
        (
            "[constants]\na = { cout = 'h.{i}' }",
            "3:7: unknown key `cout` (did you mean `count`?); known here: count, config, of, axis, default",
        ),
        ("[constants]\na = { count = 'h' }", "3:15: `h` captures nothing to count; write {i} for the number"),
        ("[constants]\na = { config = 'n', default = 'x' }", "3:31: `default` must be a number"),
        (
            "[constants]\na = inf",
            "3:5: a constant is a number, an expression, or a table with count, config, or of and axis",
        ),
        (
            "[constants]\na = '2*'",
            "3:5: `2*` has no value: found the end at character 3; expected a number, a constant, sqrt(…) or brackets",
        ),
        (
            "[constants]\na = 'else'\nb = 1",
            "3:5: `else` has no value: unknown constant `else`; the constants are a, b",
        ),
        ("[constants]\na = '2*b'\nb = 'c'\nc = 'a+1'", "3:1: constant `a` depends on itself"),
        ("[constants]\na = 1\na = 2", "4:1: duplicate key"),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(text).unwrap_err().to_string(), expected, "{text}");
        // The rest of the file changes nothing.
        assert!(parse(&format!("{text}\n{rule}")).is_err());
    }
    let unknown = "[constants]\nlayers = 3\n[[rule]]\nmatch = 'w'\nscheme = 'normal(0, 1/layer)'";
    let error = parse(unknown).unwrap_err();
    assert_eq!(error.position(), Some((6, 10)));
    assert!(error.to_string().contains("unknown constant `layer`; the constants are layers, "), "{error}");
    assert!(error.to_string().ends_with("(did you mean `layers`?)"), "{error}");
    let version = |text: &str| NameRules::parse(text).unwrap_err().to_string();
    assert_eq!(version(""), "1:1: the file has no version; begin it with version = 1");
    assert_eq!(version("version = 2"), "1:11: this program reads version 1 of the format");
    assert_eq!(version("version = '1'"), "1:11: this program reads version 1 of the format");
    assert_eq!(version("version = 1\nprefix = [1]"), "2:11: `prefix` must be a text in quotes");
    assert_eq!(version("version = \n"), "1:11: string values must be quoted, expected literal string");
}

#[test]
fn constants_are_numbers_expressions_counts_sizes_and_configurations() {
    let text = r#"
        [constants]
        factor = "2*layers + half"
        layers = { count = "h.{i}.**" }
        half = 0.5
        width = { axis = 1, of = "wte" }
        std = { config = "text.std", default = 0.02 }
        tied = { config = "tie" }
        pairs = { count = "h.{i}.w{j}", default = 7 }
    "#;
    let tensors =
        [tensor("h.0.w1", &[2]), tensor("h.0.w2", &[2]), tensor("h.5.w1", &[2]), tensor("wte", &[9, 4])];
    let rules = parse(text).unwrap();
    let values = |set: &[(&str, f64)], config: Option<&str>| {
        rules.resolve(&tensors, &RuleSettings { set, config }).map(|resolved| resolved.constants)
    };
    let named = |pairs: [(&str, f64); 7]| pairs.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let config = r#"{"text": {"std": 0.5}, "tie": true}"#;
    assert_eq!(
        values(&[], Some(config)).unwrap(),
        named([
            ("factor", 4.5),
            ("layers", 2.0),
            ("half", 0.5),
            ("width", 4.0),
            ("std", 0.5),
            ("tied", 1.0),
            ("pairs", 3.0)
        ])
    );
    assert_eq!(
        values(&[("tied", 0.0), ("layers", 1.0), ("layers", 24.0)], None).unwrap(),
        named([
            ("factor", 48.5),
            ("layers", 24.0),
            ("half", 0.5),
            ("width", 4.0),
            ("std", 0.02),
            ("tied", 0.0),
            ("pairs", 3.0)
        ])
    );
    let error = |set: &[(&str, f64)], config: Option<&str>| values(set, config).unwrap_err().to_string();
    assert_eq!(
        error(&[], None),
        "constant `tied` has no value: it is read from `tie` of the configuration, and there is none; set tied to a number"
    );
    assert_eq!(
        error(&[], Some("{\"tie\": null}")),
        "constant `tied` has no value: the configuration has no `tie`; set tied to a number"
    );
    assert_eq!(
        error(&[], Some("{\"tie\": \"yes\"}")),
        "constant `tied`: `tie` of the configuration is not a number"
    );
    assert!(error(&[], Some("{")).starts_with("the configuration is not JSON: EOF"));
    assert_eq!(
        error(&[("layer", 3.0)], Some(config)),
        "the rules have no constant `layer` (did you mean `layers`?); they are factor, layers, half, width, std, tied, pairs"
    );
    assert_eq!(error(&[("tied", f64::NAN)], None), "constant `tied` is NaN; it must be finite");
    let wrong = |text: &str| {
        parse(text).unwrap().resolve(&tensors, &RuleSettings::default()).unwrap_err().to_string()
    };
    assert_eq!(
        wrong("constants.n = { count = 'g.{i}' }"),
        "constant `n` has no value: no name matches `g.{i}`, so the count is 0; set n to a number"
    );
    assert_eq!(
        wrong("constants.n = { axis = 2, of = 'wte' }"),
        "constant `n` has no value: no tensor with an axis 2 matches `wte`; set n to a number"
    );
    assert_eq!(
        wrong("constants.n = { axis = 0, of = '**' }"),
        "constant `n`: axis 0 is 2 in h.0.w1 and 9 in wte; narrow the pattern `**`"
    );
    assert_eq!(
        wrong("constants = { a = '0*b', b = '1/c', c = 0 }"),
        "constant `a` = `0*b`: the value of `0*b` is not a number"
    );
}

#[test]
fn the_first_match_wins_and_everything_is_accounted_for() {
    let text = r#"
        prefix = ["", "model."]
        [[ignore]]
        match = "**.mask"
        reason = "a buffer"
        [[ignore]]
        match = "old"
        reason = "not there"
        [[ignore]]
        match = "older"
        reason = "not there"
        optional = true
        [[rule]]
        match = ["first", "b.weight"]
        scheme = "ones"
        [[rule]]
        match = "**.weight"
        scheme = "zeros"
        [[rule]]
        match = "b.*"
        scheme = "constant(3)"
        [[rule]]
        match = "c"
        scheme = "ones"
        [[rule]]
        match = "d"
        scheme = "ones"
        optional = true
        [[rule]]
        match = "e"
        scheme = "ones"
        when = "0"
        [[rule]]
        match = "counter"
        scheme = "zeros"
    "#;
    let mut counter = tensor("counter", &[]);
    counter.dtype = Dtype::Other("I64".to_owned());
    let mut integers = tensor("integers", &[3]);
    integers.dtype = Dtype::Other("I8".to_owned());
    let tensors = [
        tensor("model.b.weight", &[2]),
        tensor("a.weight", &[2]),
        tensor("a.mask", &[2]),
        tensor("e", &[2]),
        counter,
        integers,
    ];
    let resolved = resolve(text, &tensors);
    let said: Vec<String> = resolved
        .tensors
        .iter()
        .map(|mention| match mention {
            Mention::Expected(expectation) => expectation.draw.parts[0].scheme.to_string(),
            Mention::Ignored { reason } => reason.clone(),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(said, ["ones", "zeros", "a buffer", "Unmentioned", "NotJudged", "NotJudged"]);
    let unused: Vec<_> = resolved
        .unused
        .iter()
        .map(|unused| (unused.entry, unused.patterns.as_str(), unused.shadowed))
        .collect();
    assert_eq!(unused, [("ignore", "`old`", false), ("rule", "`b.*`", true), ("rule", "`c`", false)]);
}

#[test]
fn tied_tensors_share_a_rule_and_one_of_them_may_be_absent() {
    let text = r#"
        constants.tied = 1
        [[tied]]
        names = ["head", "wte"]
        when = "tied"
        [[tied]]
        names = ["p", "q"]
        [[tied]]
        names = ["r", "s"]
        optional = true
        [[rule]]
        match = "wte"
        scheme = "normal(0, 0.5)"
        zero_rows = 1
    "#;
    let tensors = [tensor("head", &[4, 2]), tensor("wte", &[4, 2])];
    let resolved = resolve(text, &tensors);
    assert_eq!(resolved.tensors[0], resolved.tensors[1]);
    assert_eq!(resolved.tied.len(), 1);
    assert_eq!(
        (resolved.tied[0].names.as_str(), &resolved.tied[0].tensors[..]),
        ("`head`, `wte`", &[0, 1][..])
    );
    assert_eq!((resolved.unused[0].entry, resolved.unused[0].patterns.as_str()), ("tied", "`p`, `q`"));
    assert_eq!(resolve(text, &tensors[1..]).tied[0].tensors, [0]);
    let settings = RuleSettings { set: &[("tied", 0.0)], config: None };
    let untied = parse(text).unwrap().resolve(&tensors, &settings).unwrap();
    assert_eq!((untied.tied.len(), &untied.tensors[0]), (0, &Mention::Unmentioned));
}

#[test]
fn schemes_know_layouts_sizes_fans_and_captures() {
    let of = |rule: &str, shape: &[usize]| stds(&expectation(rule, "w", shape));
    let kaiming = "scheme = 'kaiming_normal(fan_in, 1)'";
    assert_close(&of(kaiming, &[8, 4, 3]), &[1.0 / 12f64.sqrt()]);
    assert_close(&of(&format!("{kaiming}\nlayout = 'in_out'"), &[4, 8]), &[0.5]);
    assert_close(
        &of(&format!("{kaiming}\nlayout = 'in_out_kernel'\nstride = [2, 2]"), &[16, 8, 4, 4]),
        &[1.0 / 8.0],
    );
    let depthwise = "scheme = 'kaiming_normal(fan_out, 1)'\ngroups = 'dim0'";
    assert_close(&of(depthwise, &[64, 1, 3, 3]), &[1.0 / 3.0]);
    assert_close(&of("scheme = 'normal(0, 1/sqrt(fan_in*dim0))'", &[4, 16]), &[1.0 / 8.0]);
    assert_close(&of("scheme = 'torch.linear'", &[4, 16]), &[1.0 / 48f64.sqrt()]);
    let resolved = resolve("[[rule]]\nmatch = 'h.{i}'\nscheme = 'constant(i + 1)'", &[tensor("h.7", &[1])]);
    let Mention::Expected(captured) = &resolved.tensors[0] else { panic!("it matches") };
    assert_eq!(captured.draw.parts[0].scheme, Scheme::Constant(8.0));
}

#[test]
fn blocks_have_fans_of_their_own() {
    let of =
        |rule: &str, shape: &[usize]| expectation(&format!("scheme = 'xavier_normal'\n{rule}"), "w", shape);
    let std = |fan_in: f64, fan_out: f64| (2.0 / (fan_in + fan_out)).sqrt();
    assert_close(&stds(&of("blocks = { axis = 0, count = 3 }", &[24, 8])), &[std(8.0, 8.0); 3]);
    let fused = of("layout = 'in_out'\nblocks = { axis = 1, sizes = [8, '2*2', 4] }", &[8, 16]);
    assert_close(&stds(&fused), &[std(8.0, 8.0), std(8.0, 4.0), std(8.0, 4.0)]);
    let places: Vec<_> = fused.draw.parts.iter().map(|block| (block.start, block.size)).collect();
    assert_eq!((fused.draw.axis, places), (1, vec![(0, 8), (8, 4), (12, 4)]));
    let experts = of("layout = 'in_out'\nblocks = { axis = 0 }", &[5, 8, 16]);
    assert_close(&stds(&experts), &[std(8.0, 16.0); 5]);
    assert_eq!(experts.draw.parts[4].shape, [8, 16]);
    assert_eq!(
        expectation("scheme = 'normal(0, 1)'\nzero_rows = [0, '2 - 3', 'dim0 - 1']", "w", &[5, 2])
            .draw
            .zero_rows,
        [0, 4]
    );
}

#[test]
fn a_bias_takes_the_fans_of_its_weight() {
    let bound = |text: &str, tensors: &[TensorInfo]| match &resolve(text, tensors).tensors[0] {
        Mention::Expected(expectation) => expectation.draw.parts[0].scheme.to_string(),
        Mention::Unfit { why, .. } => why.clone(),
        other => format!("{other:?}"),
    };
    let (bias, weight) = (tensor("model.fc.bias", &[4]), tensor("model.fc.weight", &[4, 16]));
    let both = [bias.clone(), weight];
    let default = "[[rule]]\nmatch = ['**.weight', '**.bias']\nscheme = 'torch.linear'";
    assert_eq!(bound(default, &both), "uniform(-0.25, 0.25)");
    assert_eq!(bound("[[rule]]\nmatch = '**'\nscheme = 'torch.linear.bias'", &both), "uniform(-0.25, 0.25)");
    assert_eq!(bound(default, &both[..1]), "it needs the fans of `model.fc.weight`, which the file lacks");
    let named = |fans_of: &str| {
        format!(
            "prefix = 'model.'\n[[rule]]\nmatch = ['{{n}}.bias', 'fc.bias']\nscheme = 'uniform(0, 1/fan_in)'\nfans_of = '{fans_of}'"
        )
    };
    assert_eq!(bound(&named(".weight"), &both), "uniform(0, 0.0625)");
    assert_eq!(bound(&named("fc.weight"), &both), "uniform(0, 0.0625)");
    let numbered = [tensor("model.3.bias", &[4]), tensor("model.3.kernel", &[2, 4])];
    let template = "prefix = 'model.'\n[[rule]]\nmatch = '{n}.bias'\nscheme = 'kaiming_normal(fan_in, 1)'\nfans_of = '{n}.kernel'";
    assert_eq!(bound(template, &numbered), "normal(0, 0.5)");
    let stacked = [tensor("rnn.bias_ih_l0", &[12]), tensor("rnn.weight_ih_l0", &[12, 4])];
    assert_eq!(bound("[[rule]]\nmatch = 'rnn.*'\nscheme = 'torch.linear'", &stacked), "uniform(-0.5, 0.5)");
}

#[test]
fn a_rule_that_cannot_apply_says_why() {
    let why = |rule: &str, shape: &[usize]| {
        let text = format!("[[rule]]\nmatch = 'w'\n{rule}");
        match &resolve(&text, &[tensor("w", shape)]).tensors[0] {
            Mention::Unfit { rule, why } => (rule.clone(), why.clone()).1,
            other => panic!("{other:?}"),
        }
    };
    assert!(why("scheme = 'kaiming_normal'", &[4]).starts_with("shape [4] has no fans"));
    assert!(why("scheme = 'normal(0, 1/fan_in)'", &[4]).contains("unknown constant `fan_in`"));
    assert!(why("scheme = 'normal(0, dim0 - 9)'", &[4]).contains("must not be negative"));
    assert_eq!(
        why("scheme = 'ones'\nblocks = { axis = 0, count = 3 }", &[4]),
        "axis 0 of shape [4] cannot be divided into 3 equal blocks"
    );
    assert_eq!(
        why("scheme = 'ones'\nblocks = { axis = 0, sizes = [3, 2] }", &[4]),
        "the blocks add up to 5, and axis 0 of shape [4] has 4"
    );
    assert_eq!(
        why("scheme = 'ones'\nblocks = { axis = 1 }", &[4]),
        "shape [4] has no axis 1 to divide into blocks"
    );
    assert_eq!(
        why("scheme = 'ones'\nblocks = { axis = 0 }", &[100_000]),
        "axis 0 of shape [100000] has more than 65536 blocks"
    );
    assert_eq!(
        why("scheme = 'ones'\ngroups = 'dim0/8'", &[4, 2]),
        "groups: `dim0/8` is 0.5; it must be a whole number of at least 1"
    );
    assert_eq!(why("scheme = 'ones'\nzero_rows = 4", &[4]), "zero_rows: shape [4] has no row 4");
}

#[test]
fn rules_of_other_ranks_are_passed_over() {
    let text = "[[rule]]\nmatch = '*'\ndims = 2\nscheme = 'ones'\n[[rule]]\nmatch = '*'\nscheme = 'zeros'";
    let resolved = resolve(text, &[tensor("a", &[2, 2]), tensor("b", &[2])]);
    let schemes: Vec<_> = resolved
        .tensors
        .iter()
        .map(|mention| match mention {
            Mention::Expected(expectation) => expectation.draw.parts[0].scheme,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(schemes, [Scheme::ONES, Scheme::ZEROS]);
}

#[test]
fn rules_that_are_built_are_written_and_read_back() {
    let rules = NameRules::default()
        .prefix("")
        .prefix("a \"quoted\" \\ \u{7f}\n prefix.")
        .constant("layers", ConstantSource::count("h.{i}.**").unwrap())
        .constant("width", ConstantSource::size("wte", 1).unwrap())
        .constant("std", ConstantSource::Number(1e-300))
        .constant("zero", ConstantSource::Number(-0.0))
        .constant("large", ConstantSource::Number(1e300))
        .constant("root", ConstantSource::Expression("sqrt(width)".to_owned()))
        .constant("n", ConstantSource::Config("n_layer".to_owned()))
        .rule(
            NameRule::new(&["h.{i}.w", "x"], "normal(0, std/layers)")
                .unwrap()
                .layout(Layout::KERNEL_OUT_IN)
                .groups("2")
                .blocks(0, "n/2")
                .zero_row("n - 1")
                .zero_row("3")
                .dims(3)
                .optional()
                .reason("a reason"),
        )
        .rule(NameRule::new(&["y"], "torch.linear").unwrap().stacked(1))
        .ignore(IgnoreRule::new(&["m"], "a mask").unwrap().optional())
        .tie(TieRule::new(&["p", "q"]).unwrap().optional());
    assert_eq!(rules.clone().checked(), Ok(rules.clone()));
    let text = rules.to_string();
    assert!(text.contains("zero_rows = [\"n - 1\", 3]\n") && text.contains("std = 1e-300\n"), "{text}");
    let wrong = NameRules::default().rule(NameRule::new(&["w"], "norml(0, 1)").unwrap());
    assert_eq!(
        wrong.checked().unwrap_err().to_string(),
        "5:10: there is no scheme or preset `norml` (did you mean `normal`?)"
    );
    assert_eq!(NameRule::new(&[], "ones").unwrap_err().to_string(), "a rule needs a pattern");
    assert!(NameRule::new(&["{"], "ones").is_err());
}

#[test]
fn the_examples_of_the_page_are_read() {
    let page = include_str!("../../../docs/rules-file.md");
    let blocks: Vec<&str> =
        page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 5, "{}", blocks.len());
    for block in blocks {
        let version = if block.starts_with("version") { "" } else { "version = 1\n" };
        let text = format!("{version}{block}");
        let rules = NameRules::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(NameRules::parse(&rules.to_string()), Ok(rules));
    }
}

#[test]
fn depth_and_length_end_in_an_error() {
    let deep = 100_000;
    let texts = [
        format!("version = 1\nprefix = {}", "[".repeat(deep)),
        format!("version = 1\nprefix = {}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("version = 1\nconstants = {}", "{ a = ".repeat(deep)),
        format!("version = 1\n{}b = 1", "a.".repeat(deep)),
        format!("version = 1\n[{}b]", "a.".repeat(deep)),
        format!("version = 1\n[constants]\na = '{}1'", "(".repeat(deep)),
        format!("version = 1\n[[rule]]\nmatch = 'w'\nscheme = '{}'", "residual(1, ".repeat(deep)),
        format!("version = 1\n[[rule]]\nmatch = '{}{{'\nscheme = 'ones'", "**.*{a}".repeat(deep)),
        format!(
            "version = 1\n[constants]\n{}",
            (0..300).map(|n| format!("c{n} = 'c{}'\n", n + 1)).collect::<String>()
        ),
    ];
    for text in texts {
        let error = NameRules::parse(&text).unwrap_err().to_string();
        assert!(!error.contains('\n'), "{}", error.chars().take(200).collect::<String>());
    }
}

/// A line of a rules file, right or wrong.
fn line() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "match",
        "scheme",
        "layout",
        "groups",
        "stride",
        "blocks",
        "zero_rows",
        "fans_of",
        "dims",
        "when",
        "optional",
        "reason",
        "names",
        "version",
        "prefix",
        "n",
        "count",
        "'a b'",
        "constants.k",
        "constants",
        "rule",
    ]);
    let value = prop::sample::select(vec![
        "1",
        "0",
        "-3",
        "1e9",
        "'n'",
        "'h.{i}.**'",
        "['*', '**.w']",
        "'normal(0, n)'",
        "'torch.linear'",
        "'ones'",
        "'kaiming_normal(fan_out, relu)'",
        "{ axis = 0, count = 3 }",
        "{ axis = 1, sizes = ['dim0', 2] }",
        "{ count = 'h.{i}' }",
        "{ config = 'a.b', default = 2 }",
        "{ axis = 0, of = '**' }",
        "'in_out'",
        "true",
        "[]",
        "'1/0'",
        "'dim1'",
        "nan",
        "'sqrt(-n)'",
        "'.weight'",
        "1979-05-27",
        "\"\\u0000\"",
        "'ü'",
    ]);
    let header = prop::sample::select(vec![
        "[[rule]]",
        "[[ignore]]",
        "[[tied]]",
        "[constants]",
        "[rule]",
        "version = 1",
        "# x",
    ]);
    prop_oneof![
        4 => (key, value).prop_map(|(key, value)| format!("{key} = {value}")),
        2 => header.prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ]
}

/// If a text is read, it is written and read back, and whatever tensors there are, it says something of each.
fn survives(text: &str) -> Result<bool, TestCaseError> {
    let Ok(rules) = NameRules::parse(text) else { return Ok(false) };
    let again = NameRules::parse(&rules.to_string());
    prop_assert_eq!(again, Ok(rules.clone()));
    let tensors = [
        tensor("h.0.w", &[6, 4]),
        tensor("h.1.weight", &[2, 0, 3]),
        tensor("w", &[]),
        tensor("", &[usize::MAX, 2]),
        tensor("transformer.h.3.attn.c_attn.weight", &[8, 24]),
    ];
    if let Ok(resolved) =
        rules.resolve(&tensors, &RuleSettings { set: &[], config: Some("{\"a\": {\"b\": 3}}") })
    {
        prop_assert_eq!(resolved.tensors.len(), tensors.len());
    }
    Ok(true)
}

/// One rule with some keys that fit it, and sometimes a line that may not.
fn rule_lines() -> impl Strategy<Value = String> {
    let start = "version = 1\nconstants.n = 3\n[[rule]]\nmatch = ['**.{i}.**', '**']";
    let scheme = prop::sample::select(vec![
        "normal(0, n)",
        "torch.linear",
        "torch.conv.bias",
        "kaiming_uniform(fan_out, n)",
        "t5_query(n, dim0)",
        "normal(0, 1/fan_in)",
        "orthogonal",
        "constant(dim1)",
        "truncated_normal(0, n, -n, dim0)",
        "sparse(1/n, n)",
        "residual(n, identity)",
        "delta_orthogonal",
        "uniform(-n, 1/dim0)",
        "dirac(n)",
    ]);
    let keys = vec![
        "layout = 'in_out'",
        "groups = 'dim0/2'",
        "stride = [1, 'n']",
        "blocks = { axis = 0, count = 'n - 1' }",
        "zero_rows = [0, 'n - 9', 'dim0 - 1']",
        "fans_of = '.weight'",
        "dims = 2",
        "when = 'n - 2'",
        "optional = true",
        "reason = 'x'",
    ];
    let some = prop::sample::subsequence(keys, 0..5).prop_map(|keys| keys.join("\n"));
    let other = prop_oneof![2 => Just(String::new()), 1 => line()];
    let entry = prop::sample::select(vec![
        "",
        "[[tied]]\nnames = ['**', 'w']",
        "[[ignore]]\nmatch = 'w'\nreason = 'x'",
    ]);
    (scheme, some, other, entry).prop_map(move |(scheme, some, other, entry)| {
        format!("{start}\nscheme = '{scheme}'\n{some}\n{other}\n{entry}")
    })
}

/// `PROPTEST_CASES`, for a longer search, or 2,000.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2_000)
}

#[test]
fn arbitrary_texts_reach_behind_the_parser() {
    let mut runner = TestRunner::deterministic();
    let texts = (0..1_000).map(|_| rule_lines().new_tree(&mut runner).unwrap().current());
    let read = texts.filter(|text| survives(text).unwrap()).count();
    assert!(read > 500, "{read} of 1,000 are read");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn no_text_panics(lines in prop::collection::vec(line(), 0..12)) {
        survives(&lines.join("\n"))?;
        survives(&format!("version = 1\n{}", lines.join("\n")))?;
    }

    #[test]
    fn no_rule_panics(lines in rule_lines()) {
        survives(&lines)?;
    }

    #[test]
    fn no_change_of_a_shipped_file_panics(
        which in 0..ShippedRules::ALL.len(),
        at in 0.0..1.0,
        removed in 0_usize..4,
        put in "(\\PC{0,3}|[\\[\\]{}'\"=.*,0-9]{0,3})",
    ) {
        let text: Vec<char> = ShippedRules::ALL[which].text().chars().collect();
        let at = (at * text.len() as f64) as usize;
        let end = (at + removed).min(text.len());
        let changed: String = text[..at].iter().copied().chain(put.chars()).chain(text[end..].iter().copied()).collect();
        survives(&changed)?;
    }

    #[test]
    fn no_bytes_panic(text in "\\PC{0,80}") {
        survives(&text)?;
    }
}
