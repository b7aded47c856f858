//! Works on a million values, and the square product.

use diagnostics::{LayerReport, LayerView, Report, Settings, WeightView};
use nn_init::Source;
use tensor::{Activation, Pool, Tensor};
use torch_rng::Generator;

use super::Job;
use crate::data::{Data, SEED};
use crate::work::Work;
use cli::Failure;

/// Random numbers into a slice that is there already.
pub(super) struct Draw {
    draw: fn(&mut Generator, &mut [f32]),
    values: Vec<f32>,
}

impl Draw {
    pub(super) fn normals() -> Self {
        Self::by(|generator, values| generator.normal(0.0, 1.0, values))
    }

    pub(super) fn uniforms() -> Self {
        Self::by(|generator, values| generator.uniform(0.0, 1.0, values))
    }

    fn by(draw: fn(&mut Generator, &mut [f32])) -> Self {
        Self { draw, values: vec![0.0; Work::VALUES] }
    }
}

impl Job for Draw {
    fn round(&mut self) {
        (self.draw)(&mut Generator::manual_seed(SEED), &mut self.values);
    }

    fn gave(&self) -> Vec<f64> {
        seen(&self.values)
    }
}

/// tanh alone; its slope is not wanted, so the compiler drops it. The result takes its room from a pool, as on a tape.
pub(super) struct Tanh {
    x: Tensor,
    y: Tensor,
    _pool: Pool,
}

impl Tanh {
    pub(super) fn read(data: &Data) -> Result<Self, Failure> {
        let pool = Pool::new();
        let x = pool.adopt(tensor(data.floats("normals.f32")?, &[Work::VALUES])?);
        Ok(Self { y: Tensor::zeros([0]), x, _pool: pool })
    }
}

impl Job for Tanh {
    fn round(&mut self) {
        self.y = Tensor::zeros([0]);
        self.y = self.x.map(
            #[inline(always)]
            |x| Activation::Tanh.eval(x).0,
        );
    }

    fn gave(&self) -> Vec<f64> {
        seen(self.y.data())
    }
}

/// All that a report says of one layer's activations.
pub(super) struct Statistics {
    values: Vec<f32>,
    layer: Option<LayerReport>,
}

impl Statistics {
    /// Units of the layer.
    const UNITS: usize = 1000;

    pub(super) fn read(data: &Data) -> Result<Self, Failure> {
        Ok(Self { values: data.floats("activations.f32")?, layer: None })
    }
}

impl Job for Statistics {
    fn round(&mut self) {
        let layer = LayerView::new("Layer", Self::UNITS, &self.values).activation(Activation::Tanh);
        let settings = Settings { geometry: false, ..Settings::default() };
        let none = std::iter::empty::<WeightView<'_>>();
        self.layer = Report::of([layer], none, settings).layers.pop();
    }

    /// Standard deviation, saturated share, and the root mean square of the counts.
    fn gave(&self) -> Vec<f64> {
        let numbers = |layer: &LayerReport| {
            let counts = layer.post.histogram.counts.iter().map(|&count| (count as f64).powi(2));
            let spread = (counts.sum::<f64>() / Work::BINS as f64).sqrt();
            [layer.post.summary.std(), layer.above_threshold(), spread]
        };
        self.layer.iter().flat_map(numbers).collect()
    }
}

/// `A·B`, in room from a pool.
pub(super) struct Product {
    a: Tensor,
    b: Tensor,
    product: Tensor,
    _pool: Pool,
}

impl Product {
    pub(super) fn read(data: &Data, side: usize) -> Result<Self, Failure> {
        let mut a = data.floats("product.f32")?;
        let b = a.split_off(a.len() / 2);
        let square = [side, side];
        let pool = Pool::new();
        let (a, b) = (pool.adopt(tensor(a, &square)?), tensor(b, &square)?);
        Ok(Self { a, b, product: Tensor::zeros([0]), _pool: pool })
    }
}

impl Job for Product {
    fn round(&mut self) {
        self.product = Tensor::zeros([0]);
        self.product = self.a.matmul(&self.b);
    }

    fn gave(&self) -> Vec<f64> {
        seen(self.product.data())
    }
}

fn tensor(values: Vec<f32>, shape: &[usize]) -> Result<Tensor, Failure> {
    Tensor::from_vec(values, shape).map_err(Failure::new)
}

/// Root mean square, first and last value.
fn seen(values: &[f32]) -> Vec<f64> {
    let squares: f64 = values.iter().map(|&x| f64::from(x).powi(2)).sum();
    let ends = values.first().into_iter().chain(values.last()).map(|&x| f64::from(x));
    std::iter::once((squares / values.len() as f64).sqrt()).chain(ends).collect()
}
