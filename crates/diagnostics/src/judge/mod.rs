//! The judge: faults of a network, their certainty, their likely causes, and their fixes.
//!
//! Every rule is one file in `rules/`, with a function from a [`Context`] to verdicts. Causes are judged before their
//! consequences: values that are not finite first, then parameters, then sites, then the network.

mod context;
mod estimate;
mod fix;
mod gain;
mod graph;
mod limits;
mod rule;
mod rules;
#[cfg(test)]
mod testing;
mod verdict;

pub use context::Context;
pub use estimate::Estimate;
pub use fix::Fix;
pub use limits::Limits;
pub use rule::{Level, Rule};
pub use verdict::Verdict;

use crate::report::Report;
use crate::sites::Recording;

impl Report {
    /// The verdicts on this network by the default [`Limits`]; none if it is healthy.
    ///
    /// ```
    /// use diagnostics::{LayerView, Level, Report, Settings, WeightView};
    /// use tensor::Activation;
    ///
    /// // One example, three units; the weights are ten times too large.
    /// let (x, w) = ([1.0_f32], [9.0, -11.0, 10.0]);
    /// let post = w.map(f32::tanh);
    /// let layer = LayerView::new("Layer 1", 3, &post).pre(&w).activation(Activation::Tanh).weight("W1");
    /// let weight = WeightView::new("W1", &w).shape(&[1, 3], 1);
    /// let report = Report::of([layer], [weight], Settings::default()).with_inputs(1, &x);
    ///
    /// let verdicts = report.verdicts();
    /// assert_eq!((verdicts[0].rule, verdicts[0].level), ("saturated", Level::Warning));
    /// assert_eq!(verdicts[0].to_string(), "\
    /// warning[saturated] Layer 1: 100% of activations are within 1% of ±1 (limit 30%).
    ///   W1 has gain 10; tanh needs 1 to 1.59.
    ///   Scale W1 by 0.159: predicted rms 0.628.");
    /// ```
    pub fn verdicts(&self) -> Vec<Verdict> {
        Limits::default().judge(std::slice::from_ref(self))
    }
}

impl Recording {
    /// The verdicts on this recording by the default [`Limits`].
    pub fn verdicts(&self) -> Vec<Verdict> {
        Limits::default().judge_recordings(std::slice::from_ref(self))
    }
}

impl Limits {
    /// The verdicts on a network that was measured at one seed or at several.
    ///
    /// # Panics
    /// If the reports have different layers or parameters.
    #[track_caller]
    pub fn judge(&self, seeds: &[Report]) -> Vec<Verdict> {
        self.judge_recordings(&seeds.iter().map(Report::recording).collect::<Vec<_>>())
    }

    /// The verdicts on a network that was recorded once or several times, errors first. The means over recordings are judged, and
    /// their standard errors tell how certain a verdict is.
    ///
    /// # Panics
    /// If the recordings have different sites or parameters.
    #[track_caller]
    pub fn judge_recordings(&self, recordings: &[Recording]) -> Vec<Verdict> {
        let names = |recording: &Recording| -> Vec<String> {
            let sites = recording.sites.iter().map(|site| site.name.clone());
            sites.chain(recording.parameters.iter().map(|parameter| parameter.name.clone())).collect()
        };
        for (at, other) in recordings.iter().enumerate().skip(1) {
            assert!(
                names(other) == names(&recordings[0]),
                "recording {at} has other sites or parameters than recording 0; all must be of one network"
            );
        }
        let Some(context) = Context::of(recordings, self) else { return vec![] };
        let mut found = vec![];
        for rule in rules::ALL {
            let new = (rule.find)(&context, &found);
            found.extend(merged(new));
        }
        found.sort_by_key(|verdict| std::cmp::Reverse(verdict.level));
        found
    }
}

/// Joins verdicts that have one cause: the same rule, level and key. The text is that of the verdict that is farthest from its
/// limit, and its location comes first; the others follow in order.
fn merged(verdicts: Vec<Verdict>) -> Vec<Verdict> {
    let mut groups: Vec<Vec<Verdict>> = vec![];
    for verdict in verdicts {
        let same = |group: &&mut Vec<Verdict>| {
            let first = &group[0];
            !verdict.key.is_empty()
                && (first.rule, first.level, &first.key) == (verdict.rule, verdict.level, &verdict.key)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(verdict),
            None => groups.push(vec![verdict]),
        }
    }
    groups.into_iter().map(joined).collect()
}

/// One verdict in place of several.
fn joined(mut group: Vec<Verdict>) -> Verdict {
    let far = |verdict: &Verdict| (verdict.measured.value / verdict.limit).ln().abs();
    let worst =
        (1..group.len()).fold(0, |worst, at| if far(&group[at]) > far(&group[worst]) { at } else { worst });
    let mut first = group.remove(worst);
    for other in group {
        first.locations.extend(other.locations);
        match (&mut first.fix, other.fix) {
            (Some(fix), Some(more)) => {
                fix.join(more);
            }
            (none, more) => *none = none.take().or(more),
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::testing::{Net, head};
    use super::*;
    use tensor::Activation;

    fn verdict(location: &str, measured: f64, level: Level, key: &str) -> Verdict {
        let fix = Fix::Scale { parameters: vec![(location.to_owned(), 1.0 / measured)], predicted: vec![] };
        Verdict::new(("rule", level), location, measured, 1.0, format!("{measured}")).fix(fix).key(key)
    }

    #[test]
    fn one_cause_in_many_places_is_one_verdict_with_the_worst_first() {
        let all = vec![
            verdict("a", 3.0, Level::Warning, "k"),
            verdict("b", 0.1, Level::Warning, "k"),
            verdict("c", 2.0, Level::Warning, "k"),
            verdict("other level", 5.0, Level::Note, "k"),
            verdict("other key", 5.0, Level::Warning, "l"),
            verdict("no key", 5.0, Level::Warning, ""),
            verdict("no key either", 5.0, Level::Warning, ""),
        ];
        let merged = merged(all);
        assert_eq!(merged.len(), 5);
        // 0.1 is ten times below the limit of 1, and 3 is three times above it.
        assert_eq!(merged[0].locations, ["b", "a", "c"]);
        assert_eq!(merged[0].finding, "0.1");
        let Some(Fix::Scale { parameters, .. }) = &merged[0].fix else { panic!("a factor each") };
        assert_eq!(parameters.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["b", "a", "c"]);
    }

    /// One fault does not hide another: an error, a warning and a note, in that order.
    #[test]
    fn errors_come_first() {
        let mut net = Net::mlp(1, 4, Activation::Relu, 2f64.sqrt());
        net.edit_input(|x| 100.0 * x);
        net.edit("fc2.weight", |_, x| x / 2f64.sqrt());
        net.edit("fc4.bias", |at, x| if at == 0 { f64::NAN } else { x });
        let verdicts = net.verdicts();
        let heads: Vec<_> = verdicts.iter().map(head).collect();
        assert_eq!(heads[..2], ["error[not-finite] fc4.bias", "warning[unnormalised-input] input"]);
        assert!(heads.contains(&"note[wrong-gain] fc2".to_owned()), "{heads:?}");
        assert!(verdicts.is_sorted_by_key(|verdict| std::cmp::Reverse(verdict.level)), "{heads:?}");
    }

    #[test]
    fn several_recordings_give_standard_errors() {
        let seeds: Vec<_> = (0..5).map(|seed| Net::mlp(seed, 2, Activation::Tanh, 8.0).recording()).collect();
        let verdicts = Limits::default().judge_recordings(&seeds);
        let measured = verdicts[0].measured;
        let mut each: Vec<f64> = seeds
            .iter()
            .map(|seed| seed.sites[seed.site(verdicts[0].location()).unwrap()].statistics.saturated)
            .collect();
        let mean = each.iter().sum::<f64>() / 5.0;
        each.iter_mut().for_each(|x| *x = (*x - mean).powi(2));
        let error = (each.iter().sum::<f64>() / 4.0 / 5.0).sqrt();
        assert!((measured.value - mean).abs() < 1e-12 && (measured.error.unwrap() - error).abs() < 1e-12);
        assert!(verdicts[0].standard_errors().unwrap() > 5.0);
        assert_eq!(Limits::default().judge_recordings(&seeds[..1])[0].measured.error, None);
        assert!(Limits::default().judge_recordings(&[]).is_empty());
    }

    #[test]
    #[should_panic(expected = "recording 1 has other sites or parameters than recording 0")]
    fn different_networks_are_not_judged_together() {
        let nets = [2, 3].map(|hidden| Net::mlp(1, hidden, Activation::Tanh, 1.0).recording());
        Limits::default().judge_recordings(&nets);
    }

    /// No healthy network has a finding, at any of ten seeds.
    #[test]
    fn healthy_networks_have_no_findings() {
        for seed in 0..10 {
            let nets = [
                Net::mlp(seed, 3, Activation::Tanh, 1.0),
                Net::mlp(seed, 5, Activation::Relu, 2f64.sqrt()),
                Net::mlp(seed, 5, Activation::Gelu, 1.5),
                Net::residual_mlp(seed, 8, 0.3, None),
                Net::residual_mlp(seed, 8, 1.0, Some(crate::NormKind::Batch)),
                Net::gpt2(seed),
            ];
            for (at, net) in nets.iter().enumerate() {
                assert!(net.findings().is_empty(), "network {at}, seed {seed}: {:?}", net.findings());
            }
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

        /// Whatever is measured, no fix asks for a factor that is 0, negative or no number.
        #[test]
        fn every_fix_can_be_applied(
            which in 0..3_usize,
            changes in proptest::collection::vec((0..64_usize, 0..8_usize, number()), 1..12),
        ) {
            let net = match which {
                0 => Net::mlp(1, 3, Activation::Tanh, 1.0),
                1 => Net::residual_mlp(1, 4, 0.3, None),
                _ => Net::gpt2(1),
            };
            let mut recording = net.recording();
            for (at, field, value) in changes {
                let site = at % recording.sites.len();
                let s = &mut recording.sites[site].statistics;
                *[&mut s.rms, &mut s.std, &mut s.mean, &mut s.max, &mut s.saturated, &mut s.one_hot, &mut s.gradient_rms, &mut s.dead_units]
                    [field] = value;
                let parameter = at % recording.parameters.len();
                let p = &mut recording.parameters[parameter].statistics;
                *[&mut p.rms, &mut p.std, &mut p.mean, &mut p.max, &mut p.min, &mut p.gradient_rms, &mut p.equal_rows, &mut p.zeros]
                    [field] = value;
            }
            for verdict in recording.verdicts() {
                let numbers = match &verdict.fix {
                    Some(Fix::Scale { parameters, .. } | Fix::Centre { parameters }) => {
                        parameters.iter().map(|&(_, factor)| factor).collect()
                    }
                    Some(Fix::NormaliseInput { std, .. }) => vec![*std],
                    _ => vec![],
                };
                proptest::prop_assert!(numbers.iter().all(|x| x.is_finite() && *x > 0.0), "{verdict}");
            }
        }
    }

    /// Numbers of every size, and those that are none.
    fn number() -> impl proptest::strategy::Strategy<Value = f64> {
        use proptest::prelude::*;
        prop_oneof![
            Just(0.0),
            Just(f64::NAN),
            Just(f64::INFINITY),
            Just(1.0),
            (-320.0..308.0_f64).prop_map(|power| 10f64.powf(power)),
            -1e3..1e3_f64,
        ]
    }
}
