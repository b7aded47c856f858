//! Rules of `step-zero check` as recipes.

use candle_core::Result;
use candle_nn::{Linear, VarBuilder, embedding, linear, linear_no_bias};
use checkpoint::{CheckReport, Checkpoint, NameRules};
use step_zero_candle::{Initialised, Recipe};

use crate::values;
use crate::{bert, conv, gpt};

fn rules(text: &str) -> Recipe {
    Recipe::rules(NameRules::parse(text).unwrap())
}

fn two_layers(vb: VarBuilder<'_>) -> Result<[Linear; 2]> {
    Ok([linear(10, 100, vb.pp("first"))?, linear(100, 5, vb.pp("second"))?])
}

fn refused(recipe: &Recipe) -> String {
    let error = recipe.init(1, two_layers).err().unwrap().to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

/// The findings of `step-zero check` about a model that a recipe drew, saved and read again.
fn findings<M>(init: &Initialised<M>, rules: &NameRules) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.safetensors");
    init.variables.save(&path).unwrap();
    Checkpoint::open(&[&path]).unwrap();
    let report = CheckReport::read(&[&path], rules).unwrap();
    report.findings.iter().map(|finding| format!("{finding:?}")).collect()
}

/// The check of the same rules passes a recipe's draws, and it notices a scale that is 10% off.
#[test]
fn what_rules_draw_the_check_passes() {
    use candle_transformers::models::{bert::BertForMaskedLM, bigcode::GPTBigCode};
    let hf_bert = checkpoint::ShippedRules::named("hf/bert").unwrap().rules();
    let gpts = NameRules::parse(gpt::RULES).unwrap();
    for seed in 0..5 {
        let recipe = bert::recipe().unwrap();
        let init = recipe.init(seed, |vb| BertForMaskedLM::load(vb, &bert::config())).unwrap();
        assert_eq!(findings(&init, &hf_bert), [""; 0]);
        let init = gpt::recipe().unwrap().init(seed, |vb| GPTBigCode::load(vb, gpt::config())).unwrap();
        assert_eq!(findings(&init, &gpts), [""; 0]);
        let init = conv::recipe().unwrap().init(seed, |vb| conv::Network::new(&vb)).unwrap();
        assert_eq!(findings(&init, &NameRules::parse(conv::RULES).unwrap()), [""; 0]);

        let wider = bert::recipe().unwrap().set("std", 0.022);
        let init = wider.init(seed, |vb| BertForMaskedLM::load(vb, &bert::config())).unwrap();
        assert!(!findings(&init, &hf_bert).is_empty());
    }
}

/// Layers are counted over all names before the first variable is drawn.
#[test]
fn rules_count_layers_before_the_first_draw() {
    use candle_transformers::models::bigcode::GPTBigCode;
    let init = gpt::recipe().unwrap().init(1, |vb| GPTBigCode::load(vb, gpt::config())).unwrap();
    let drawn = init.drawn("transformer.h.0.attn.c_proj.weight").unwrap();
    let draw = drawn.draw.as_ref().unwrap();
    let std = draw.parts[0].moments(draw.layout).unwrap().std;
    assert!((std - 0.02 / 8_f64.sqrt()).abs() < 1e-15, "{std}");
    assert_eq!(drawn.rule.as_deref(), Some("`h.{i}.*.c_proj.weight`"));
}

#[test]
fn tied_names_share_a_variable_and_rows_of_padding_are_zero() {
    use candle_transformers::models::bert::BertForMaskedLM;
    let init = bert::recipe().unwrap().init(1, |vb| BertForMaskedLM::load(vb, &bert::config())).unwrap();
    let decoder = init.drawn("cls.predictions.decoder.weight").unwrap();
    assert_eq!(decoder.tied_to.as_deref(), Some("bert.embeddings.word_embeddings.weight"));
    let variables = init.variables.data().lock().unwrap();
    assert!(!variables.contains_key("cls.predictions.decoder.weight"));
    let table = values(&variables["bert.embeddings.word_embeddings.weight"]);
    assert_eq!(table[..32], [0.0; 32]);
    assert!(table[32..].iter().all(|&x| x != 0.0));
}

#[test]
fn tied_layers_are_the_same_tensor() {
    let recipe = rules(
        "version = 1\n[[tied]]\nnames = [\"wte.weight\", \"head.weight\"]\n\
         [[rule]]\nmatch = \"wte.weight\"\nscheme = \"normal(0, 1)\"",
    );
    let build = |width| {
        move |vb: VarBuilder<'_>| {
            Ok((embedding(7, 4, vb.pp("wte"))?, linear_no_bias(width, 7, vb.pp("head"))?))
        }
    };
    let init = recipe.init(1, build(4)).unwrap();
    assert_eq!(init.model.0.embeddings().id(), init.model.1.weight().id());
    assert_eq!(init.variables.all_vars().len(), 1);
    let error = recipe.init(1, build(5)).err().unwrap().to_string();
    assert_eq!(
        error,
        "head.weight: the recipe ties it to wte.weight (`wte.weight`, `head.weight`), but [7, 5] of F32 is not [7, 4] of F32"
    );
}

/// The bias of a layer by the fan-in of its weight, as PyTorch draws it.
#[test]
fn rules_read_the_fans_of_another_tensor() {
    let recipe = rules(
        "version = 1\n[[rule]]\nmatch = \"**.weight\"\nscheme = \"kaiming_uniform(fan_in, 1/sqrt(3))\"\n\
         [[rule]]\nmatch = \"**.bias\"\nfans_of = \".weight\"\nscheme = \"uniform(-1/sqrt(fan_in), 1/sqrt(fan_in))\"",
    );
    let torch: nn_init::Preset = "torch.linear".parse().unwrap();
    let by_preset = Recipe::by(move |variable| variable.name.ends_with("weight").then_some(torch.weight));
    let [ours, theirs] = [recipe, by_preset].map(|recipe| recipe.init(42, two_layers).unwrap());
    for (ours, theirs) in ours.model.iter().zip(&theirs.model) {
        assert_eq!(values(ours.weight()), values(theirs.weight()));
        assert_eq!(values(ours.bias().unwrap()), values(theirs.bias().unwrap()));
    }
}

const WEIGHTS: &str = "version = 1\n[[rule]]\nmatch = \"**.weight\"\nscheme = \"orthogonal\"\n";

#[test]
fn a_variable_without_a_rule_is_an_error_unless_candle_may_draw_it() {
    assert_eq!(
        refused(&rules(WEIGHTS)),
        "first.bias [100]: no rule matches it; add one, or leave the rest to candle by rest_by_candle"
    );
    let init = rules(WEIGHTS).rest_by_candle().init(1, two_layers).unwrap();
    assert_eq!(init.drawn[0].scheme, "orthogonal");
    assert!(init.drawn[1].scheme.starts_with("uniform("), "{}", init.drawn[1].scheme);
}

#[test]
fn errors_name_the_variable_the_rule_and_the_reason() {
    let everything = rules("version = 1\n[[rule]]\nmatch = \"**\"\nscheme = \"orthogonal\"\n");
    let error = refused(&everything);
    assert!(error.starts_with("first.bias [100]: rule `**` does not fit it: "), "{error}");

    let typo = format!("{WEIGHTS}[[rule]]\nmatch = \"**.wieght\"\nscheme = \"ones\"\n");
    assert_eq!(
        refused(&rules(&typo).rest_by_candle()),
        "rule `**.wieght`: it matches none of the model's 4 variables; mark it `optional` if that may be"
    );
    let constant = refused(&rules(WEIGHTS).set("std", 1.0));
    assert!(constant.contains("std"), "{constant}");
    let unknown = Recipe::shipped("hf/brt").err().unwrap().to_string();
    assert!(unknown.starts_with("no shipped rules `hf/brt`: there are hf/gpt2, hf/bert"), "{unknown}");
}
