//! Models of candle-transformers, unchanged.

use candle_core::Result;
use candle_transformers::models::bert::BertForMaskedLM;
use step_zero_candle::{Recipe, WatchReport};

use crate::{bert, gpt};

/// Sites, parameters, the loss, and how many parameters are out of sight and without a gradient.
fn shown(report: &WatchReport) -> (Vec<&str>, usize, f64, usize, usize) {
    let recording = report.recording();
    let sites = recording.sites.iter().map(|site| &*site.name).collect();
    let loss = recording.loss.as_ref().unwrap().value;
    let counts = (recording.out_of_sight.len(), report.without_gradient.len());
    (sites, recording.parameters.len(), loss, counts.0, counts.1)
}

/// The loss of weights of 0.02 is that of guessing, and candle's own embedding of N(0, 1) as a head's input is not.
#[test]
fn bert_is_observed_from_outside() -> Result<()> {
    let report = bert::report(&bert::recipe()?)?;
    let (sites, parameters, loss, hidden, without) = shown(&report);
    assert_eq!((sites, parameters, hidden, without), (vec!["logits"], 42, 42, 40));
    assert!((loss - 200_f64.ln()).abs() < 0.02, "{loss}");
    assert!(report.verdicts().is_empty(), "{report}");
    let candles = bert::report(&Recipe::candles_own())?;
    assert!(shown(&candles).2 > 200_f64.ln() + 0.5, "{candles}");
    Ok(())
}

#[test]
fn a_gpt_is_observed_from_outside() -> Result<()> {
    let report = gpt::report(&gpt::recipe()?)?;
    let (sites, _, loss, ..) = shown(&report);
    assert_eq!(sites, ["logits"]);
    assert!((loss - 200_f64.ln()).abs() < 0.1, "{loss}");
    assert!(report.verdicts().is_empty(), "{report}");
    // The head is the table, by name: its gradient arrives by the head.
    assert!(!report.without_gradient.contains(&"transformer.wte.weight".to_owned()));
    assert!(report.without_gradient.contains(&"transformer.h.0.mlp.c_fc.weight".to_owned()));
    Ok(())
}

/// A variable is held to its scheme, whatever changed it: here a layer that nobody can see into.
#[test]
fn a_variable_that_is_not_what_was_drawn_is_the_first_verdict() -> Result<()> {
    let (_, labels) = bert::batch()?;
    let mut init = bert::recipe()?.init(42, |vb| BertForMaskedLM::load(vb, &bert::config()))?;
    let name = "bert.encoder.layer.1.output.dense.weight";
    let weight = init.variables.data().lock().unwrap()[name].clone();
    weight.set(&(weight.as_tensor() * 1.2)?)?;
    let report = init.watch(|model, watch| watch.cross_entropy(&bert::logits(model)?, &labels))?;
    let verdict = &report.verdicts()[0];
    assert_eq!((verdict.rule, verdict.location()), ("wrong-distribution", name), "{report}");
    Ok(())
}
