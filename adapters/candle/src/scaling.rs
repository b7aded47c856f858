//! The scaling check of a model: how activations, logits and their changes grow with its width.

use candle_core::{DType, Result, Tensor};
use diagnostics::scaling::{ScalingCheck, ScalingExpectations, ScalingMeasurements, ScalingRole, ScalingRun};

/// The values that a model shows of itself at one step of a [`scaling_check`].
pub struct ScalingTrace<'r> {
    run: &'r mut ScalingRun,
    step: usize,
}

impl ScalingTrace<'_> {
    /// The output of a layer that reads inputs of a fixed size: the first layer, or an embedding.
    ///
    /// # Errors
    /// If the values cannot be read.
    pub fn input(&mut self, name: &str, values: &Tensor) -> Result<()> {
        self.note(ScalingRole::Input, name, values)
    }

    /// The output of a layer that reads a layer.
    ///
    /// # Errors
    /// If the values cannot be read.
    pub fn hidden(&mut self, name: &str, values: &Tensor) -> Result<()> {
        self.note(ScalingRole::Hidden, name, values)
    }

    /// The outputs of the network.
    ///
    /// # Errors
    /// If the values cannot be read.
    pub fn logits(&mut self, values: &Tensor) -> Result<()> {
        self.note(ScalingRole::Logits, "logits", values)
    }

    fn note(&mut self, role: ScalingRole, name: &str, values: &Tensor) -> Result<()> {
        let values: Vec<f64> = values.flatten_all()?.to_dtype(DType::F64)?.to_vec1()?;
        self.run.values(self.step, role, name, &values);
        Ok(())
    }
}

/// Trains models of several widths for a few steps, and judges how their activations, logits and changes grow with the width:
/// [`diagnostics::scaling::check`] for candle.
///
/// `build` makes the model of a width and a seed, with its optimisers. `step` runs it, notes its values, and updates it; it is called
/// once more than there are steps, as values are noted before the first update and after the last.
///
/// ```
/// use candle_core::{DType, Device, Tensor, Var};
/// use candle_nn::loss::cross_entropy;
/// use diagnostics::scaling::ScalingExpectations;
/// use nn_init::{Generator, Source};
/// use step_zero_candle::scaling_check;
///
/// // Two layers in μP: the output's std is 1/width, and the learning rates of SGD are 0.1·width and 0.1/width.
/// struct Net { first: Var, output: Var, width: f64 }
/// let normal = |rows: usize, columns: usize, std: f64, seed: u64| {
///     let mut values = vec![0_f32; rows * columns];
///     Generator::manual_seed(seed).normal(0.0, std, &mut values);
///     Tensor::from_vec(values, (rows, columns), &Device::Cpu)
/// };
/// let x = normal(16, 8, 1.0, 0)?;
/// let labels = Tensor::arange(0_u32, 16, &Device::Cpu)?.affine(1.0 / 6.0, 0.0)?;
/// let check = scaling_check(&[32, 64, 128, 256], 0..3, 2, &ScalingExpectations::mup_sgd(),
///     |width, seed| {
///         let n = width as f64;
///         let first = Var::from_tensor(&normal(8, width, 8_f64.powf(-0.5), 2 * seed + 1)?)?;
///         Ok(Net { first, output: Var::from_tensor(&normal(width, 3, 1.0 / n, 2 * seed + 2)?)?, width: n })
///     },
///     |net, trace| {
///         let hidden = x.matmul(&net.first)?.relu()?;
///         let logits = hidden.matmul(&net.output)?;
///         trace.input("hidden", &hidden)?;
///         trace.logits(&logits)?;
///         let gradients = cross_entropy(&logits, &labels)?.backward()?;
///         for (var, rate) in [(&net.first, 0.1 * net.width), (&net.output, 0.1 / net.width)] {
///             var.set(&(var.as_tensor() - (gradients.get(var).unwrap() * rate)?)?)?;
///         }
///         Ok(())
///     })?;
/// assert!(check.passed(), "{check}");
/// # Ok::<(), candle_core::Error>(())
/// ```
///
/// # Errors
/// If building, a step or reading values fails; and as [`diagnostics::scaling::check`].
pub fn scaling_check<M>(
    widths: &[usize],
    seeds: std::ops::Range<u64>,
    steps: usize,
    expected: &ScalingExpectations,
    build: impl Fn(usize, u64) -> Result<M>,
    step: impl Fn(&mut M, &mut ScalingTrace<'_>) -> Result<()>,
) -> Result<ScalingCheck> {
    let mut measurements = ScalingMeasurements::default();
    for &width in widths {
        for seed in seeds.clone() {
            let mut model = build(width, seed)?;
            let mut run = ScalingRun::new(width, seed);
            for number in 0..=steps {
                step(&mut model, &mut ScalingTrace { run: &mut run, step: number })?;
            }
            measurements.add(run).map_err(crate::error)?;
        }
    }
    measurements.check(expected).map_err(crate::error)
}
