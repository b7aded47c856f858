//! What is compared.

use std::fmt;
use std::str::FromStr;

use specimen::Network;
use tensor::Activation;

use lessons::makemore::run::Run;

/// One piece of work, known by its name in every program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Work {
    /// Fused multiply-adds in registers, [`Work::FMA`] floating-point operations: the peak of one core.
    Fma,
    /// The lesson's batch forwards and backwards through hidden layers of a width and number.
    Step(usize, usize),
    /// The same, forwards alone.
    Forward(usize, usize),
    /// [`Work::STEPS`] steps of the lecture's training, each with its batch drawn.
    Train,
    /// So many seeds of the lesson's network, each drawn, run forwards and backwards and measured, on so many threads.
    Ensemble(usize, usize),
    /// [`Work::VALUES`] numbers from N(0, 1).
    Normals,
    /// [`Work::VALUES`] numbers from U(0, 1).
    Uniforms,
    /// tanh of [`Work::VALUES`] values.
    Tanh,
    /// Mean, standard deviation, saturated share and a histogram of [`Work::VALUES`] activations.
    Statistics,
    /// The product of two square matrices of this side.
    Product(usize),
}

impl Work {
    /// Floating-point operations of [`Work::Fma`].
    pub const FMA: u64 = 1 << 26;
    /// Values that the elementwise works are about.
    pub const VALUES: usize = 1_000_000;
    /// Training steps in a round.
    pub const STEPS: usize = 100;
    /// Bins of the histogram, over the range of the values.
    pub const BINS: usize = 50;

    /// All that is compared; the steps of three layers, those of a hundred units, and ensembles on one thread are the
    /// figure's points.
    pub fn all() -> Vec<Self> {
        let widths = [32, 100, 256, 512, 1024].map(|width| Self::Step(width, 3));
        let depths = [10, 50].map(|depth| Self::Step(100, depth));
        let rest = [Self::Train, Self::Normals, Self::Uniforms, Self::Tanh, Self::Statistics];
        let products = [Self::Product(1024)];
        let ensembles = [(250, 1), (500, 1), (1000, 1), (2000, 1), (1000, 2)]
            .map(|(seeds, threads)| Self::Ensemble(seeds, threads));
        let mut all = vec![Self::Fma, Self::Forward(100, 3)];
        all.extend(widths.into_iter().chain(depths).chain(rest).chain(products).chain(ensembles));
        all
    }

    /// The lesson's network with hidden layers of this width and number; `None` for work without one.
    pub fn network(self) -> Option<Network> {
        match self {
            Self::Step(width, hidden) | Self::Forward(width, hidden) => {
                Some(Network { hidden: vec![width; hidden], ..Network::lesson() })
            }
            _ => None,
        }
    }

    /// The lecture's run that is trained: its start keeps tanh from saturating.
    pub fn run() -> Run {
        let run = Run::all().into_iter().find(|run| run.name == "shallow-kaiming");
        run.unwrap_or_else(|| unreachable!("it is one of the lecture's"))
    }

    /// The network of [`Work::Train`].
    pub fn trained() -> Network {
        Network { activation: Activation::Tanh, ..Self::run().network }
    }

    /// The operations of its matrix products, a multiplication and an addition each; `None` where the work is not
    /// made of them.
    pub fn flops(self) -> Option<u64> {
        let rows = specimen::lesson::bigrams().batch.targets.len();
        match self {
            Self::Fma => Some(Self::FMA),
            // Backwards, each product has two: for its weight and for its input.
            Self::Step(..) => self.network().map(|network| 3 * products(&network, rows)),
            Self::Forward(..) => self.network().map(|network| products(&network, rows)),
            Self::Train => Some(3 * Self::STEPS as u64 * products(&Self::trained(), Self::run().batch)),
            Self::Product(side) => Some(2 * (side as u64).pow(3)),
            Self::Ensemble(..) | Self::Normals | Self::Uniforms | Self::Tanh | Self::Statistics => None,
        }
    }

    /// For readers.
    pub fn title(self) -> String {
        match self {
            Self::Fma => "2²⁶ operations, fused".to_owned(),
            Self::Step(width, depth) => format!("step, {width} × {depth}"),
            Self::Forward(width, depth) => format!("forward, {width} × {depth}"),
            Self::Train => format!("training, {} steps", Self::STEPS),
            Self::Ensemble(seeds, 1) => format!("ensemble, {seeds} seeds"),
            Self::Ensemble(seeds, threads) => format!("ensemble, {seeds} seeds, {threads} threads"),
            Self::Normals => "a million normals".to_owned(),
            Self::Uniforms => "a million uniforms".to_owned(),
            Self::Tanh => "tanh of a million".to_owned(),
            Self::Statistics => "statistics of a million".to_owned(),
            Self::Product(side) => format!("product, {side}³"),
        }
    }
}

/// The operations of one pass forwards over so many rows.
fn products(network: &Network, rows: usize) -> u64 {
    let layers = (1..=network.depth()).map(|layer| network.sizes(layer));
    layers.map(|(inputs, outputs)| 2 * (rows * inputs * outputs) as u64).sum()
}

/// Its name on the command line and in the protocol.
impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fma => f.write_str("fma"),
            Self::Step(width, depth) => write!(f, "step/{width}x{depth}"),
            Self::Forward(width, depth) => write!(f, "forward/{width}x{depth}"),
            Self::Train => f.write_str("train"),
            Self::Ensemble(seeds, threads) => write!(f, "ensemble/{seeds}x{threads}"),
            Self::Normals => f.write_str("normals"),
            Self::Uniforms => f.write_str("uniforms"),
            Self::Tanh => f.write_str("tanh"),
            Self::Statistics => f.write_str("statistics"),
            Self::Product(side) => write!(f, "product/{side}"),
        }
    }
}

impl FromStr for Work {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::all().into_iter().find(|work| work.to_string() == name);
        known.ok_or_else(|| {
            let names: Vec<String> = Self::all().iter().map(ToString::to_string).collect();
            format!("no work is named '{name}'; there are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Work;

    #[test]
    fn operations_are_two_a_multiplication() {
        // 10·100 + 2·100·100 + 100·27 weights, 130 rows.
        let forward = 2 * 130 * (1000 + 20_000 + 2700);
        assert_eq!(Work::Forward(100, 3).flops(), Some(forward));
        assert_eq!(Work::Step(100, 3).flops(), Some(3 * forward));
        assert_eq!(Work::Train.flops(), Some(100 * 3 * 2 * 32 * (30 * 200 + 200 * 27)));
        assert_eq!(Work::Product(1024).flops(), Some(1 << 31));
        assert_eq!(Work::Tanh.flops(), None);
    }

    #[test]
    fn names_are_read_back() {
        for work in Work::all() {
            assert_eq!(work.to_string().parse(), Ok(work));
        }
        let refused = "step/100".parse::<Work>().unwrap_err();
        assert!(refused.starts_with("no work is named 'step/100'; there are fma, forward/100x3, step/32x3"));
    }
}
