//! The scaling check of a module: how activations, logits and their changes grow with its width.

use burn_core::tensor::{Device, Tensor};
use diagnostics::OwnedValues;
use diagnostics::scaling::{
    ScalingCheck, ScalingCheckError, ScalingExpectations, ScalingMeasurements, ScalingRole, ScalingRun,
};

use crate::turn::seeded;
use crate::values::values_of;

/// The values that a module shows of itself at one step of a [`scaling_check`].
pub struct ScalingTrace<'r> {
    run: &'r mut ScalingRun,
    step: usize,
}

impl ScalingTrace<'_> {
    /// The output of a layer that reads inputs of a fixed size: the first layer, or an embedding.
    ///
    /// # Panics
    /// If the values are no floating-point numbers.
    #[track_caller]
    pub fn input<const D: usize>(&mut self, name: &str, values: &Tensor<D>) {
        self.note(ScalingRole::Input, name, values);
    }

    /// The output of a layer that reads a layer.
    ///
    /// # Panics
    /// If the values are no floating-point numbers.
    #[track_caller]
    pub fn hidden<const D: usize>(&mut self, name: &str, values: &Tensor<D>) {
        self.note(ScalingRole::Hidden, name, values);
    }

    /// The outputs of the network.
    ///
    /// # Panics
    /// If the values are no floating-point numbers.
    #[track_caller]
    pub fn logits<const D: usize>(&mut self, values: &Tensor<D>) {
        self.note(ScalingRole::Logits, "logits", values);
    }

    #[track_caller]
    fn note<const D: usize>(&mut self, role: ScalingRole, name: &str, values: &Tensor<D>) {
        let own = values.clone().cast(burn_core::tensor::DType::F32);
        match values_of(&own) {
            Some(OwnedValues::F32(values)) => self.run.values(self.step, role, name, &values),
            _ => panic!("scaling check: the values of {name} are no floating-point numbers"),
        }
    }
}

/// Trains modules of several widths for a few steps, and judges how their activations, logits and changes grow with the width:
/// [`diagnostics::scaling::check`] for burn.
///
/// `build` makes the module of a width and a seed on the default device with autodiff; the device's generator is seeded before. `step`
/// runs it, notes its values, and returns it updated; it is called once more than there are steps, as values are noted before the first update
/// and after the last. Other checks and guards wait while a module is built and trained; a file of tests with one should have no tests that
/// draw otherwise, as for a [`guard`](crate::guard()).
///
/// # Errors
/// As [`diagnostics::scaling::check`].
pub fn scaling_check<M>(
    widths: &[usize],
    seeds: std::ops::Range<u64>,
    steps: usize,
    expected: &ScalingExpectations,
    build: impl Fn(&Device, usize, u64) -> M,
    step: impl Fn(M, &mut ScalingTrace<'_>) -> M,
) -> Result<ScalingCheck, ScalingCheckError> {
    let device = Device::default().autodiff();
    let mut measurements = ScalingMeasurements::default();
    for &width in widths {
        for seed in seeds.clone() {
            let _turn = seeded(&device, seed);
            let mut model = build(&device, width, seed);
            let mut run = ScalingRun::new(width, seed);
            for number in 0..=steps {
                model = step(model, &mut ScalingTrace { run: &mut run, step: number });
            }
            measurements.add(run)?;
        }
    }
    measurements.check(expected)
}
