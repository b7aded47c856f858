//! Guards: the committed baselines hold, and a gain that was dropped is noticed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use candle_core::Result;
use candle_transformers::models::bert::BertForMaskedLM;
use diagnostics::baseline::Baseline;
use nn_init::Scheme;
use step_zero_candle::{Recipe, guard};

use crate::{bert, mlp};

/// Seeds that no guard uses.
const OTHERS: std::ops::Range<u64> = 5000..5032;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("baselines").join(format!("{name}.json"))
}

#[test]
fn the_mlp_begins_as_it_did() {
    let (features, labels) = mlp::batch().unwrap();
    guard(
        path("mlp"),
        |vb| mlp::Mlp::new(&vb),
        |model, watch| watch.cross_entropy(&model.forward(&features, watch)?, &labels),
    );
}

/// A model that nobody here wrote, by the rules of transformers.
#[test]
fn bert_begins_as_it_did() {
    let (_, labels) = bert::batch().unwrap();
    bert::recipe().unwrap().guard(
        path("bert"),
        |vb| BertForMaskedLM::load(vb, &bert::config()),
        |model, watch| watch.cross_entropy(&bert::logits(model)?, &labels),
    );
}

/// The MLP with one weight 5% smaller.
fn narrower() -> Recipe {
    Recipe::by(|variable| (variable.name == "hidden2.weight").then(|| variable.candles.times(0.95)))
}

/// The locations where a recipe's MLP moved, at seeds that no guard uses.
fn moved(recipe: &Recipe) -> Result<Vec<String>> {
    let (features, labels) = mlp::batch()?;
    let baseline = Baseline::from_json(&std::fs::read_to_string(path("mlp")).unwrap()).unwrap();
    let statistics = |seed| {
        let forward = |model: &mut mlp::Mlp, watch: &step_zero_candle::Watch| {
            watch.cross_entropy(&model.forward(&features, watch)?, &labels)
        };
        recipe.statistics(seed, |vb| mlp::Mlp::new(&vb), forward).unwrap()
    };
    let comparison = baseline.check(OTHERS, 1e-3, statistics).unwrap();
    Ok(comparison.moved().map(|row| row.location.clone()).collect())
}

#[test]
fn a_changed_gain_is_noticed_and_other_seeds_are_not() -> Result<()> {
    assert_eq!(moved(&Recipe::candles_own())?, [""; 0]);
    let locations = moved(&narrower())?;
    assert!(locations.contains(&"hidden2.weight".to_owned()), "{locations:?}");
    assert!(locations.contains(&"hidden2".to_owned()), "{locations:?}");
    assert!(!locations.contains(&"hidden1".to_owned()), "{locations:?}");
    Ok(())
}

#[test]
fn a_guard_fails_with_the_table_of_what_moved() {
    let (_, labels) = bert::batch().unwrap();
    let wider = bert::recipe().unwrap().set("std", 0.021);
    let guarded = catch_unwind(AssertUnwindSafe(|| {
        wider.guard(
            path("bert"),
            |vb| BertForMaskedLM::load(vb, &bert::config()),
            |model, watch| watch.cross_entropy(&bert::logits(model)?, &labels),
        );
    }));
    let text = *guarded.unwrap_err().downcast::<String>().unwrap();
    assert!(text.contains("bert.encoder.layer.0.attention.self.query.weight"), "{text}");
    assert!(text.contains("STEP_ZERO_BASELINE=accept"), "{text}");
}

/// An error is one line with the file and the seed.
#[test]
fn a_model_that_cannot_be_drawn_fails_in_one_line() {
    let orthogonal = Recipe::by(|_| Some(Scheme::orthogonal()));
    let guarded = catch_unwind(AssertUnwindSafe(|| {
        let forward = |model: &mut mlp::Mlp, watch: &step_zero_candle::Watch| {
            let (features, labels) = mlp::batch()?;
            watch.cross_entropy(&model.forward(&features, watch)?, &labels)
        };
        orthogonal.guard(path("mlp"), |vb| mlp::Mlp::new(&vb), forward);
    }));
    let text = *guarded.unwrap_err().downcast::<String>().unwrap();
    assert!(text.contains("mlp.json: seed 1073741824: hidden1.bias: scheme orthogonal"), "{text}");
    assert!(!text.contains('\n'), "{text}");
}
