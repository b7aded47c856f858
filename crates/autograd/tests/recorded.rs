//! The derivatives of every recorded op at its recorded inputs: finite differences, forward mode, and second order.

use std::collections::{BTreeMap, BTreeSet};

use autograd::Tensor;
use autograd::check::{GradError, GradErrorKind, gradcheck};

use crate::ops_duals::agrees;
use crate::pytorch::{Case, apply, cases};

/// The inputs of a case in double precision; `None` if one has an infinite value or NaN.
fn finite_inputs(case: &Case<'_>) -> Option<Vec<Tensor<f64>>> {
    let finite = case.inputs.iter().flat_map(|input| &input.data).all(|x| x.is_finite());
    let tensor =
        |input: &crate::pytorch::Numbers| Tensor::from_vec(input.data.clone(), &*input.shape).unwrap();
    finite.then(|| case.inputs.iter().map(tensor).collect())
}

/// A direction for each input: a low-discrepancy sequence in ±1/2.
fn direction(inputs: &[Tensor<f64>], phase: f64) -> Vec<Tensor<f64>> {
    let value = |i: usize| (i as f64 * 0.618_034 + phase).fract() - 0.5;
    let direction =
        |x: &Tensor<f64>| Tensor::from_vec((0..x.data().len()).map(value).collect(), x.shape()).unwrap();
    inputs.iter().map(direction).collect()
}

/// The result of a gradient check, and whether the derivatives of the op on dual numbers agree with it.
fn checked(case: &Case<'_>, inputs: &[Tensor<f64>]) -> Result<bool, GradError> {
    gradcheck(|_, v| apply(&case.op, v), inputs)?;
    let (u, v) = (direction(inputs, 0.1), direction(inputs, 0.7));
    Ok(agrees(|x| apply(&case.op, x), [inputs, &u, &v]))
}

/// The number of cases of each op at whose inputs it is smooth; there, its derivatives must agree.
fn smooth_cases<'a>(cases: impl Iterator<Item = Case<'a>>) -> BTreeMap<&'a str, usize> {
    let mut smooth = BTreeMap::new();
    for case in cases {
        let Some(inputs) = finite_inputs(&case) else { continue };
        match checked(&case, &inputs) {
            Ok(agrees) => {
                assert!(agrees, "{:?}: forward mode, backward pass and Hessian disagree", case.op);
                *smooth.entry(case.op[0]).or_default() += 1;
            }
            Err(error) => assert_eq!(error.kind, GradErrorKind::NotSmooth, "{:?}: {error}", case.op),
        }
    }
    smooth
}

#[test]
fn every_recorded_op_passes_the_gradient_check_and_agrees_on_dual_numbers() {
    let recorded: BTreeSet<_> = cases().map(|case| case.op[0]).collect();
    let smooth = smooth_cases(cases());
    let checked: BTreeSet<_> = smooth.keys().copied().collect();
    assert_eq!(checked, recorded, "record an op at inputs where it is smooth");
}

#[test]
fn an_op_recorded_only_at_its_kink_counts_as_unchecked() {
    let at_zero = |case: &Case<'_>| case.op == ["abs"] && case.inputs[0].data == [0.0, 0.0];
    assert_eq!(cases().filter(at_zero).count(), 1);
    assert_eq!(smooth_cases(cases().filter(at_zero)), BTreeMap::new());
}
