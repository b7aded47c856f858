//! The axis of the units: inferred where it is known, and refused where a statement contradicts a weight.

use candle_core::{Result, Tensor};
use candle_nn::{Conv2d, Conv2dConfig, Linear, VarBuilder, conv2d, linear};
use diagnostics::SiteKind;
use step_zero_candle::{Recipe, Watch, WatchReport};

struct Network {
    first: Conv2d,
    second: Conv2d,
    head: Linear,
}

fn network(vb: VarBuilder<'_>) -> Result<Network> {
    let padded = Conv2dConfig { padding: 1, ..Default::default() };
    let first = conv2d(3, 16, 3, padded, vb.pp("first"))?;
    let second = conv2d(16, 4, 3, padded, vb.pp("second"))?;
    Ok(Network { first, second, head: linear(8, 4, vb.pp("head"))? })
}

fn watched(forward: impl FnOnce(&mut Network, &Watch, &Tensor) -> Result<Tensor>) -> Result<WatchReport> {
    let x = crate::noise(1, &[8, 3, 8, 8]);
    let mut init = Recipe::candles_own().init(1, network)?;
    init.watch(|model, watch| forward(model, watch, &x)?.sqr()?.mean_all())
}

fn error(forward: impl FnOnce(&mut Network, &Watch, &Tensor) -> Result<Tensor>) -> String {
    let error = watched(forward).err().unwrap().to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

#[test]
fn a_stated_axis_that_contradicts_the_weight_is_refused() {
    assert_eq!(
        error(|model, watch, x| x.apply(&watch.layer(&model.first).unit_axis(3))),
        "first: its units were stated on axis 3 of [8, 16, 8, 8], of size 8, but its weight [16, 3, 3, 3] has 16 outputs, on \
         axis 1"
    );
    let own = watched(|model, watch, x| x.apply(&watch.layer(&model.first).unit_axis(1))).unwrap();
    assert_eq!(own.report.recordings[0].sites[1].statistics.units, 16.0);
}

#[test]
fn a_stated_axis_that_contradicts_the_next_layer_is_refused() {
    assert_eq!(
        error(|model, watch, x| {
            let x = x.apply(&watch.layer(&model.first))?;
            let x = watch.site("tripled", SiteKind::Scale).reads(&x).unit_axis(3).values(&(&x * 3.0)?)?;
            x.apply(&watch.layer(&model.second))
        }),
        "tripled: its units are on axis 3 of [8, 16, 8, 8], of size 8, but the weight [4, 16, 3, 3] of second reads 16 units, \
         on axis 1"
    );
}

#[test]
fn a_stated_axis_that_contradicts_a_stated_weight_is_refused() {
    let own = |axis| {
        move |model: &mut Network, watch: &Watch, x: &Tensor| {
            let weight = model.first.weight();
            let y = x.conv2d(weight, 1, 1, 1, 1)?;
            watch.site("own", SiteKind::Convolution).reads(x).weight(weight).unit_axis(axis).values(&y)
        }
    };
    assert_eq!(
        error(own(2)),
        "own: its units are on axis 2 of [8, 16, 8, 8], of size 8, but its weight [16, 3, 3, 3] has 16 outputs"
    );
    let report = watched(own(1)).unwrap();
    let site = &report.recording().sites[1];
    assert_eq!(site.weight, report.recording().parameter("first.weight"));
    assert!((report.recording().predictions()[1].rms / site.statistics.rms - 1.0).abs() < 0.1, "{report}");
}

#[test]
fn an_axis_that_is_not_known_must_be_stated() {
    assert_eq!(
        error(|_, watch, x| watch.site("x", SiteKind::Other).values(&(x * 3.0)?)),
        "x: which of the axes of [8, 3, 8, 8] are its units? State it by unit_axis"
    );
    assert_eq!(
        error(|_, watch, x| watch.site("x", SiteKind::Other).unit_axis(4).values(&(x * 3.0)?)),
        "x: its units were stated on axis 4, but it has 4 axes: [8, 3, 8, 8]"
    );
}

/// The units are the channels of images and the features of sequences.
#[test]
fn axes_are_inferred() {
    let report = watched(|model, watch, x| {
        let x = x.apply(&watch.layer(&model.first).named("stem"))?;
        let rows = crate::noise(2, &[8, 5, 8]).apply(&watch.layer(&model.head))?;
        x.mean_all()? + rows.mean_all()?
    })
    .unwrap();
    let sites = &report.recording().sites;
    let units: Vec<_> = sites.iter().map(|site| (&*site.name, site.statistics.units)).collect();
    assert_eq!(units, [("input", 3.0), ("stem", 16.0), ("head (input)", 8.0), ("head", 4.0)]);
}
