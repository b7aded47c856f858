//! Works on a million values, and the square product.

use diagnostics::{LayerReport, LayerView, Report, Settings, WeightView};
use shared::data::SEED;
use shared::numbers::digest;
use shared::{DataFiles, Fallible, Job, Work};
use tensor::{Activation, Pool, Real, Tensor};
use torch_rng::{Generator, Source};

/// Random numbers, drawn into a slice that is allocated once.
pub(super) struct DrawJob {
    draw: fn(&mut Generator, &mut [f32]),
    values: Vec<f32>,
}

impl DrawJob {
    pub(super) fn normals() -> Self {
        Self::new(|generator, values| generator.normal(0.0, 1.0, values))
    }

    pub(super) fn uniforms() -> Self {
        Self::new(|generator, values| generator.uniform(0.0, 1.0, values))
    }

    fn new(draw: fn(&mut Generator, &mut [f32])) -> Self {
        Self { draw, values: vec![0.0; Work::VALUES] }
    }
}

impl Job for DrawJob {
    fn round(&mut self) -> Fallible<()> {
        (self.draw)(&mut Generator::manual_seed(SEED), &mut self.values);
        Ok(())
    }

    fn numbers(&self) -> Fallible<Vec<f64>> {
        Ok(digest(&self.values))
    }
}

/// tanh alone: its slope is not used, so the compiler drops it. The result takes its memory from a pool, as on a tape.
pub(super) struct TanhJob {
    x: Tensor,
    y: Tensor,
    _pool: Pool,
}

impl TanhJob {
    pub(super) fn read(data: &DataFiles) -> Fallible<Self> {
        let pool = Pool::new();
        let x = pool.adopt(tensor(data.floats("normals.f32")?, &[Work::VALUES])?);
        Ok(Self { y: Tensor::zeros([0]), x, _pool: pool })
    }
}

impl Job for TanhJob {
    fn round(&mut self) -> Fallible<()> {
        self.y = Tensor::zeros([0]);
        self.y = self.x.map(Real::tanh);
        Ok(())
    }

    fn numbers(&self) -> Fallible<Vec<f64>> {
        Ok(digest(self.y.data()))
    }
}

/// Everything that a report says about the activations of one layer.
pub(super) struct StatisticsJob {
    values: Vec<f32>,
    layer: Option<LayerReport>,
}

impl StatisticsJob {
    /// Units of the layer.
    const UNITS: usize = 1000;

    pub(super) fn read(data: &DataFiles) -> Fallible<Self> {
        Ok(Self { values: data.floats("activations.f32")?, layer: None })
    }
}

impl Job for StatisticsJob {
    fn round(&mut self) -> Fallible<()> {
        let layer = LayerView::new("Layer", Self::UNITS, &self.values).activation(Activation::Tanh);
        let settings = Settings { geometry: false, ..Settings::default() };
        let none = std::iter::empty::<WeightView<'_>>();
        self.layer = Report::of([layer], none, settings).layers.pop();
        Ok(())
    }

    /// The standard deviation, the fraction with |h| > 0.99, and the root mean square of the counts.
    fn numbers(&self) -> Fallible<Vec<f64>> {
        let numbers = |layer: &LayerReport| {
            let counts = layer.post.histogram.counts.iter().map(|&count| (count as f64).powi(2));
            let spread = (counts.sum::<f64>() / Work::BINS as f64).sqrt();
            [layer.post.summary.std(), layer.above_threshold(), spread]
        };
        Ok(self.layer.iter().flat_map(numbers).collect())
    }
}

/// `A·B`, in memory from a pool.
pub(super) struct ProductJob {
    a: Tensor,
    b: Tensor,
    product: Tensor,
    _pool: Pool,
}

impl ProductJob {
    pub(super) fn read(data: &DataFiles, side: usize) -> Fallible<Self> {
        let [a, b] = data.squares()?;
        let square = [side, side];
        let pool = Pool::new();
        let (a, b) = (pool.adopt(tensor(a, &square)?), tensor(b, &square)?);
        Ok(Self { a, b, product: Tensor::zeros([0]), _pool: pool })
    }
}

impl Job for ProductJob {
    fn round(&mut self) -> Fallible<()> {
        self.product = Tensor::zeros([0]);
        self.product = self.a.matmul(&self.b);
        Ok(())
    }

    fn numbers(&self) -> Fallible<Vec<f64>> {
        Ok(digest(self.product.data()))
    }
}

fn tensor(values: Vec<f32>, shape: &[usize]) -> Fallible<Tensor> {
    Ok(Tensor::from_vec(values, shape)?)
}
