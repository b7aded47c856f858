//! Tests of tensors and of whole files.

use nn_init::{Distribution, FanMode, Fans, Layout, Preset, Scheme, Tensor};
use proptest::prelude::*;
use torch_rng::{Generator, Source};

use super::*;
use crate::{CheckedTensor, ExpectedDraw, FALSE_ALARMS, TensorFinding, judge_tensors};

/// The summary of values in a type, rounded to it.
fn summary(shape: &[usize], dtype: &Dtype, values: &[f64]) -> TensorSummary {
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|&x| match dtype {
            Dtype::F16 => crate::testing::half::f16::from_f64(x).to_le_bytes().to_vec(),
            Dtype::Bf16 => crate::testing::half::bf16::from_f64(x).to_le_bytes().to_vec(),
            Dtype::F32 => (x as f32).to_le_bytes().to_vec(),
            _ => x.to_le_bytes().to_vec(),
        })
        .collect();
    TensorSummary::with_projections(shape, dtype, &bytes, 2)
}

fn sampled(scheme: Scheme, shape: &[usize], layout: Layout, generator: &mut Generator) -> Vec<f64> {
    let tensor: Tensor<f32> = scheme.sample(shape, layout, generator).expect("the scheme fits the shape");
    tensor.data().iter().map(|&x| f64::from(x)).collect()
}

fn normals(count: usize, seed: u64) -> Vec<f64> {
    let mut values = vec![0.0; count];
    Generator::manual_seed(seed).normal(0.0, 1.0, &mut values);
    values
}

/// A file of tensors.
struct MadeFile {
    infos: Vec<TensorInfo>,
    tensors: Vec<Vec<f64>>,
    dtype: Dtype,
}

impl MadeFile {
    fn new(dtype: Dtype) -> Self {
        Self { infos: vec![], tensors: vec![], dtype }
    }

    fn add(&mut self, name: &str, shape: &[usize], values: Vec<f64>) {
        self.infos.push(TensorInfo {
            name: name.to_owned(),
            dtype: self.dtype.clone(),
            shape: shape.to_vec(),
        });
        self.tensors.push(values);
    }

    fn summaries(&self) -> Vec<Option<TensorSummary>> {
        let tensors = self.infos.iter().zip(&self.tensors);
        tensors.map(|(info, values)| Some(summary(&info.shape, &self.dtype, values))).collect()
    }

    fn identified(&self) -> Identification {
        Identification::of(&self.infos, &self.summaries())
    }

    /// The findings of a check against what was identified.
    fn findings(&self, identified: &Identification) -> Vec<TensorFinding> {
        let summaries = self.summaries();
        let expected = |at: usize| {
            let scheme = identified.tensors[at].scheme?;
            let mut expected = ExpectedDraw::new(scheme, &self.infos[at].shape, Layout::OUT_IN);
            if let TensorOrigin::Drawn(drawn) = &identified.tensors[at].origin {
                expected.zero_rows.clone_from(&drawn.zero_rows);
            }
            Some(expected)
        };
        let expected: Vec<Option<ExpectedDraw>> = (0..self.infos.len()).map(expected).collect();
        let checked = |at: usize| CheckedTensor {
            name: &self.infos[at].name,
            summary: summaries[at].as_ref().expect("all types are judged"),
            expected: expected[at].as_ref(),
        };
        let checked: Vec<CheckedTensor> = (0..self.infos.len()).map(checked).collect();
        judge_tensors(&checked, &[], FALSE_ALARMS)
    }
}

fn layouts() -> impl Strategy<Value = Layout> {
    prop_oneof![3 => Just(Layout::OUT_IN), 1 => Just(Layout::IN_OUT)]
}

fn dtypes() -> impl Strategy<Value = Dtype> {
    prop_oneof![2 => Just(Dtype::F32), 1 => Just(Dtype::F64), 1 => Just(Dtype::F16), 1 => Just(Dtype::Bf16)]
}

fn schemes() -> impl Strategy<Value = Scheme> {
    let modes = prop::sample::select(vec![FanMode::FanIn, FanMode::FanOut, FanMode::FanAvg]);
    let scaled = (prop::sample::select(vec![1.0, 2f64.sqrt(), 5.0 / 3.0, 0.37]), modes, 0..3_usize)
        .prop_map(|(gain, mode, kind)| Scheme::scaled(gain, mode, Distribution::ALL[kind]));
    let stds = prop_oneof![Just(0.02), Just(0.01), Just(1.0), 0.003..3.0];
    let plain = (stds, 0..4).prop_map(|(std, kind)| match kind {
        0 => Scheme::Normal { mean: 0.0, std },
        1 => Scheme::Uniform { lo: -std, hi: std },
        2 => Scheme::truncated_normal_in_sigmas(std, -2.0, 2.0),
        _ => Scheme::truncated_normal_in_sigmas(std, -3.0, 3.0),
    });
    prop_oneof![scaled, plain]
}

fn family_of(scheme: Scheme, shape: &[usize], layout: Layout) -> (DrawnFamily, f64) {
    let scheme = match scheme {
        Scheme::Scaled(_) => scheme.with_fans(Fans::of(shape, layout).unwrap()),
        other => other,
    };
    let (family, _, scale) = scale_evidence::distribution(scheme).unwrap();
    (family, family.std() * scale)
}

fn is_near(a: DrawnFamily, b: DrawnFamily) -> bool {
    match (a, b) {
        (DrawnFamily::Truncated { cut: a }, DrawnFamily::Truncated { cut: b }) => (a / b - 1.0).abs() < 0.01,
        _ => a == b,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(std::env::var("PROPTEST_CASES").map_or(96, |n| n.parse().unwrap())))]

    /// Three layers of one scheme: no tensor is unknown or odd, the family is among those listed and the only one if the
    /// tensors are large, and the scheme that is found gives each of them the standard deviation of the true one, within five
    /// standard errors.
    #[test]
    fn schemes_are_found(
        scheme in schemes(),
        layout in layouts(),
        sizes in prop::collection::vec((4..80_usize, 4..80_usize), 3),
        kernel in prop::sample::select(vec![vec![], vec![3, 3]]),
        dtype in dtypes(),
        seed in any::<u32>(),
    ) {
        let mut generator = Generator::manual_seed(seed.into());
        let mut file = MadeFile::new(dtype);
        for (at, (a, b)) in sizes.into_iter().enumerate() {
            let shape = if layout == Layout::OUT_IN {
                [&[a, b], &kernel[..]].concat()
            } else {
                [&kernel[..], &[a, b]].concat()
            };
            let values = if file.dtype == Dtype::F64 {
                scheme.sample(&shape, layout, &mut generator).unwrap().data().to_vec()
            } else {
                sampled(scheme, &shape, layout, &mut generator)
            };
            file.add(&format!("layers.{at}.weight"), &shape, values);
        }
        let identified = file.identified();
        prop_assert!(!identified.is_trained);
        prop_assert_eq!(file.findings(&identified), vec![], "{}: {:?}", scheme, identified.groups);
        for (at, info) in file.infos.iter().enumerate() {
            let (family, std) = family_of(scheme, &info.shape, layout);
            let tensor = &identified.tensors[at];
            let TensorOrigin::Drawn(drawn) = &tensor.origin else { panic!("{scheme}: {:?}", tensor.origin) };
            prop_assert!(drawn.fits.iter().any(|fit| is_near(fit.family, family)), "{scheme} {drawn:?}");
            if drawn.is_clear() {
                prop_assert!(is_near(drawn.best().family, family), "{scheme} {drawn:?}");
            }
            prop_assert!(tensor.odd_ratio.is_none(), "{scheme}: {:?}", identified.groups);
            let found = tensor.scheme.expect("drawn values have a scheme");
            let (found_family, found_std) = family_of(found, &info.shape, layout);
            let errors = (found_std / std).ln().abs() * (2.0 * info.len() as f64).sqrt();
            prop_assert!(errors < 6.0, "{scheme}: {found} is off by {errors} standard errors");
            if info.len() > 6000 {
                prop_assert!(is_near(found_family, family), "{scheme}: {found}");
            }
        }
    }
}

#[test]
fn frameworks_defaults_have_their_names() {
    let mut generator = Generator::manual_seed(3);
    for preset in Preset::all() {
        let mut file = MadeFile::new(Dtype::F32);
        let is_kernel = preset.name.contains("conv");
        for (at, [a, b]) in [[48, 24], [16, 56], [64, 32]].into_iter().enumerate() {
            let shape = match (is_kernel, preset.layout == Layout::OUT_IN) {
                (false, _) => vec![a, b],
                (true, true) => vec![a, b, 3, 3],
                (true, false) => vec![3, 3, a, b],
            };
            let mut values = vec![0_f32; shape.iter().product()];
            preset.fill_weight(&shape, &mut values, &mut generator).unwrap();
            file.add(&format!("{at}.weight"), &shape, values.iter().map(|&x| x.into()).collect());
        }
        let identified = file.identified();
        let best = identified.groups[0].kind.best().unwrap();
        assert!(best.presets.contains(&preset.name), "{preset}: {best:?}");
        assert!(!best.is_free && best.text.parse::<Scheme>().is_ok(), "{preset}: {best:?}");
    }
}

/// Values that look like an initialisation at first sight.
#[test]
fn look_alikes_are_unknown() {
    let (rows, columns) = (192, 256);
    let n = rows * columns;
    let z = normals(3 * n, 7);
    let at = |i: usize| z[i];
    let row = |i: usize| i / columns;
    let look_alikes: Vec<(&str, Vec<f64>, UnknownReason)> = vec![
        (
            "Student's t with 6 degrees of freedom",
            {
                let w = normals(6 * n, 8);
                let scale = |i: usize| w[6 * i..6 * i + 6].iter().map(|x| x * x).sum::<f64>() / 6.0;
                (0..n).map(|i| at(i) / scale(i).sqrt()).collect()
            },
            UnknownReason::Distribution,
        ),
        (
            "Laplace",
            (0..n).map(|i| at(i) * (at(n + i).powi(2) + at(2 * n + i).powi(2)).sqrt()).collect(),
            UnknownReason::Distribution,
        ),
        ("clipped", (0..n).map(|i| at(i).clamp(-2.0, 2.0)).collect(), UnknownReason::Distribution),
        ("one sign", (0..n).map(|i| at(i).abs()).collect(), UnknownReason::Distribution),
        (
            "some rows twice as large",
            (0..n).map(|i| at(i) * if row(i) < 12 { 2.0 } else { 1.0 }).collect(),
            UnknownReason::Distribution,
        ),
        (
            "rows of 5% different sizes",
            (0..n).map(|i| at(i) * (1.0 + 0.05 * at(n + row(i)))).collect(),
            UnknownReason::Lines,
        ),
        (
            "columns of a common offset",
            (0..n).map(|i| at(i) + 0.2 * at(n + i % columns)).collect(),
            UnknownReason::Lines,
        ),
        (
            "every second row repeated",
            (0..n).map(|i| at(row(i) / 2 * columns + i % columns)).collect(),
            UnknownReason::Lines,
        ),
        (
            "rounded to tenths",
            (0..n).map(|i| (at(i) * 10.0).round() / 10.0).collect(),
            UnknownReason::Distribution,
        ),
    ];
    for (what, values, reason) in look_alikes {
        let origin = TensorOrigin::of(&summary(&[rows, columns], &Dtype::F32, &values));
        assert_eq!(origin, TensorOrigin::Unknown(reason), "{what}");
    }
    let plain = TensorOrigin::of(&summary(&[rows, columns], &Dtype::F32, &z[..n]));
    assert!(matches!(plain, TensorOrigin::Drawn(_)), "{plain:?}");
}

#[test]
fn few_values_do_not_tell() {
    let of = |n: usize| {
        let scheme = Scheme::truncated_normal_in_sigmas(1.0, -2.0, 2.0);
        let values = sampled(scheme, &[n, 1], Layout::OUT_IN, &mut Generator::manual_seed(5));
        match TensorOrigin::of(&summary(&[n], &Dtype::F32, &values)) {
            TensorOrigin::Drawn(drawn) => drawn,
            other => panic!("{other:?}"),
        }
    };
    let few = of(30);
    assert!(!few.is_clear() && few.fits.len() > 2, "{few:?}");
    let many = of(2000);
    assert!(many.is_clear() && many.best().family == DrawnFamily::Truncated { cut: 2.0 }, "{many:?}");
}

#[test]
fn exact_values() {
    let of =
        |shape: &[usize], dtype: Dtype, values: Vec<f64>| TensorOrigin::of(&summary(shape, &dtype, &values));
    let sample = |scheme: Scheme, shape: &[usize]| {
        sampled(scheme, shape, Layout::OUT_IN, &mut Generator::manual_seed(1))
    };
    let identity: Scheme = "identity(0.5)".parse().unwrap();
    for dtype in [Dtype::F16, Dtype::Bf16, Dtype::F32, Dtype::F64] {
        let origin = of(&[6, 9], dtype, sample(identity, &[6, 9]));
        assert_eq!(origin, TensorOrigin::Pattern(identity));
    }
    let dirac: Scheme = "dirac(2)".parse().unwrap();
    assert_eq!(of(&[6, 3, 3, 3], Dtype::F32, sample(dirac, &[6, 3, 3, 3])), TensorOrigin::Pattern(dirac));
    // A permutation is no identity.
    let exchanged = of(&[2, 2], Dtype::F32, vec![0.0, 1.0, 1.0, 0.0]);
    assert!(!matches!(exchanged, TensorOrigin::Pattern(_)), "{exchanged:?}");
    assert_eq!(of(&[3], Dtype::F32, vec![2.0; 3]), TensorOrigin::Constant(2.0));
    assert_eq!(of(&[2], Dtype::F32, vec![1.0, f64::NAN]), TensorOrigin::Unknown(UnknownReason::NotFinite));
    assert_eq!(of(&[0], Dtype::F32, vec![]), TensorOrigin::NotJudged);
}

#[test]
fn orthogonal_matrices() {
    let scheme: Scheme = "orthogonal(1.5)".parse().unwrap();
    for shape in [[40, 90], [90, 40], [64, 64]] {
        let values = sampled(scheme, &shape, Layout::OUT_IN, &mut Generator::manual_seed(1));
        let origin = TensorOrigin::of(&summary(&shape, &Dtype::F32, &values));
        let TensorOrigin::Orthogonal { gain, is_certain } = origin else { panic!("{shape:?}: {origin:?}") };
        assert!((gain - 1.5).abs() < 1e-5 && is_certain, "{gain}");
        // Rows of length 1 that are not orthogonal.
        let rows = normals(shape[0] * shape[1], 2);
        let row = |row: &[f64]| {
            let length = row.iter().map(|x| x * x).sum::<f64>().sqrt();
            row.iter().map(|x| x / length).collect::<Vec<_>>()
        };
        let normalised: Vec<f64> = rows.chunks(shape[1]).flat_map(row).collect();
        let origin = TensorOrigin::of(&summary(&shape, &Dtype::F32, &normalised));
        assert_eq!(origin, TensorOrigin::Unknown(UnknownReason::Lines), "{shape:?}");
    }
}

#[test]
fn zeros_that_were_not_drawn() {
    let scheme: Scheme = "sparse(0.9, 0.01)".parse().unwrap();
    let mut file = MadeFile::new(Dtype::F32);
    let values = sampled(scheme, &[100, 60], Layout::OUT_IN, &mut Generator::manual_seed(1));
    file.add("sparse.weight", &[100, 60], values);
    let mut embedding: Vec<f64> = normals(50 * 40, 3).iter().map(|z| 0.02 * z).collect();
    embedding[..40].fill(0.0);
    file.add("embedding.weight", &[50, 40], embedding);
    let identified = file.identified();
    assert_eq!(identified.groups[0].kind.best().unwrap().text, "sparse(0.9, 0.01)");
    assert_eq!(identified.groups[1].kind.best().unwrap().text, "normal(0, 0.02)");
    assert_eq!(identified.rules(&file.infos)[1].zero_rows, [0]);
    assert_eq!(file.findings(&identified), []);
}

/// Eight layers of three shapes by He's scheme, one of which is changed.
fn with_an_odd_one(change: impl FnOnce(&mut Vec<f64>)) -> Identification {
    let scheme = Scheme::kaiming_normal("relu".parse::<nn_init::Gain>().unwrap());
    let (mut file, mut generator) = (MadeFile::new(Dtype::F32), Generator::manual_seed(9));
    let mut change = Some(change);
    for at in 0..8 {
        let shape = [[64, 32], [128, 64], [64, 128]][at % 3];
        let mut values = sampled(scheme, &shape, Layout::OUT_IN, &mut generator);
        if at == 5 {
            change.take().expect("there is one fifth")(&mut values);
        }
        file.add(&format!("net.{at}.weight"), &shape, values);
    }
    file.identified()
}

#[test]
fn the_odd_one_is_pointed_out() {
    let odd = |identified: &Identification| {
        let all = identified.tensors.iter().enumerate();
        all.filter_map(|(at, tensor)| Some((at, tensor.odd_ratio?))).collect::<Vec<_>>()
    };
    let healthy = with_an_odd_one(|_| {});
    assert_eq!(odd(&healthy), []);
    assert_eq!(healthy.groups.len(), 1);
    assert_eq!(healthy.groups[0].kind.best().unwrap().text, "kaiming_normal(fan_in, relu)");

    let larger = with_an_odd_one(|values| values.iter_mut().for_each(|x| *x *= 2f64.sqrt()));
    let [(5, ratio)] = odd(&larger)[..] else { panic!("{:?}", larger.groups) };
    // 8,192 values have a standard error of 0.8%.
    assert!((ratio / 2f64.sqrt() - 1.0).abs() < 0.03, "{ratio}");

    let constant = with_an_odd_one(|values| values.fill(0.0));
    assert_eq!(odd(&constant), [(5, 0.0)]);

    let uniform = with_an_odd_one(|values| {
        let mut drawn = vec![0.0; values.len()];
        let bound = 3f64.sqrt() * (2.0 / 128.0_f64).sqrt();
        Generator::manual_seed(1).uniform(-bound, bound, &mut drawn);
        *values = drawn;
    });
    let [(5, ratio)] = odd(&uniform)[..] else { panic!("{:?}", uniform.groups) };
    assert!((ratio - 1.0).abs() < 0.03, "{ratio}");
}

#[test]
fn the_odd_one_has_a_rule_before_the_pattern() {
    let larger = with_an_odd_one(|values| values.iter_mut().for_each(|x| *x *= 2f64.sqrt()));
    let info =
        |at: usize| TensorInfo { name: format!("net.{at}.weight"), dtype: Dtype::F32, shape: vec![1, 1] };
    let rules = larger.rules(&(0..8).map(info).collect::<Vec<_>>());
    assert_eq!(rules.len(), 2);
    assert!(rules[0].patterns == ["net.5.weight"] && rules[0].remark.is_some(), "{rules:?}");
    assert_eq!(rules[1].patterns, ["net.{i}.weight"]);
}

/// The rules of a file are as many as its kinds, and the first that stands for a tensor gives its scheme.
#[test]
fn the_first_rule_that_matches_is_the_tensors_own() {
    let mut file = MadeFile::new(Dtype::F32);
    for (block, norm) in (0..4).flat_map(|block| (1..4).map(move |norm| (block, norm))) {
        let value = if norm == 3 { 0.0 } else { 1.0 };
        file.add(&format!("layer.{block}.bn{norm}.weight"), &[8], vec![value; 8]);
        let weight = normals(64 * norm, (10 * block + norm) as u64);
        file.add(&format!("layer.{block}.conv{norm}.weight"), &[8, 8, norm], weight);
    }
    let identified = file.identified();
    assert!(identified.tensors.iter().all(|tensor| tensor.odd_ratio.is_none()), "{:?}", identified.groups);
    let rules = identified.rules(&file.infos);
    assert_eq!(rules.len(), 3, "{rules:?}");
    for (at, info) in file.infos.iter().enumerate() {
        let first = rules.iter().find(|rule| {
            rule.patterns.iter().any(|pattern| names::matches(pattern, &info.name))
                && rule.dims.is_none_or(|dims| dims == info.shape.len())
        });
        let scheme: Scheme = first.unwrap().scheme.as_ref().unwrap().0.parse().unwrap();
        assert_eq!(Some(scheme), identified.tensors[at].scheme, "{}", info.name);
    }
}

/// A constant standard deviation and one by fan are told apart by a second shape only.
#[test]
fn shapes_tell_a_fan_from_a_constant() {
    let file = |widths: &[usize], by_fan: bool| {
        let (mut file, mut generator) = (MadeFile::new(Dtype::F32), Generator::manual_seed(4));
        for (at, &width) in widths.iter().enumerate() {
            let std = if by_fan { 1.0 / (width as f64).sqrt() } else { 0.1 };
            let shape = [96, width];
            let values = sampled(Scheme::Normal { mean: 0.0, std }, &shape, Layout::OUT_IN, &mut generator);
            file.add(&format!("{at}.weight"), &shape, values);
        }
        file.identified().groups[0].kind.clone()
    };
    let one = file(&[100], false);
    let best = one.best().unwrap();
    assert_eq!(best.text, "kaiming_normal(fan_in, 1)");
    assert!(best.same.contains(&"normal(0, 0.1)".to_owned()), "{best:?}");
    assert_eq!(file(&[100, 50], false).best().unwrap().text, "normal(0, 0.1)");
    assert_eq!(file(&[100, 50], true).best().unwrap().text, "kaiming_normal(fan_in, 1)");
}

#[test]
fn a_seed_is_found_with_what_follows() {
    let linear: Preset = "torch.linear".parse().unwrap();
    let mut generator = Generator::manual_seed(4321);
    let mut file = MadeFile::new(Dtype::F32);
    let mut tensors: Vec<Vec<f32>> = vec![];
    for (at, shape) in [[20, 12], [17, 20], [3, 17]].into_iter().enumerate() {
        let (weight, bias): (Tensor<f32>, _) = linear.sample(&shape, &mut generator).unwrap();
        // As in a file whose names are in alphabetical order.
        for (name, shape, tensor) in
            [("bias", vec![shape[0]], bias.unwrap()), ("weight", shape.to_vec(), weight)]
        {
            let values = tensor.data().to_vec();
            file.add(&format!("{at}.{name}"), &shape, values.iter().map(|&x| x.into()).collect());
            tensors.push(values);
        }
    }
    let identified = file.identified();
    let values = |tensor: usize, count: usize| tensors[tensor].iter().copied().take(count).collect();
    let found = identified.find_seeds(&file.infos, 4000..=5000, 6, values);
    assert_eq!(found, [SeedMatch { seed: 4321, tensors: vec![1, 0, 3, 2, 5, 4] }]);
    assert_eq!(identified.find_seeds(&file.infos, 0..=1000, 6, values), []);
    // A tensor that differs in its last value is not the seed's.
    let mut changed = tensors.clone();
    *changed[1].last_mut().unwrap() += 1e-3;
    let values = |tensor: usize, count: usize| changed[tensor].iter().copied().take(count).collect();
    assert_eq!(identified.find_seeds(&file.infos, 4321..=4321, 6, values), []);
}
