//! The pieces of work that are compared.

use std::fmt;
use std::str::FromStr;

/// One piece of work, known by the same name in every program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Work {
    /// Fused multiply-adds in registers, [`Work::FMA`] floating-point operations: the peak of one core.
    Fma,
    /// The lesson's batch forwards and backwards through hidden layers of a width and number.
    Step(usize, usize),
    /// The same, forwards alone.
    Forward(usize, usize),
    /// [`Work::STEPS`] steps of the lecture's training, with a batch drawn for each.
    Train,
    /// A number of seeds of the lesson's network, each drawn, run forwards and backwards and measured, on a number of
    /// threads.
    Ensemble(usize, usize),
    /// [`Work::VALUES`] numbers from N(0, 1).
    Normals,
    /// [`Work::VALUES`] numbers from U(0, 1).
    Uniforms,
    /// tanh of [`Work::VALUES`] values.
    Tanh,
    /// Mean, standard deviation, the fraction with |h| > 0.99, and a histogram of [`Work::VALUES`] activations.
    Statistics,
    /// The product of two square matrices with this many rows.
    Product(usize),
}

impl Work {
    /// Floating-point operations of [`Work::Fma`].
    pub const FMA: u64 = 1 << 26;
    /// Values of the elementwise works.
    pub const VALUES: usize = 1_000_000;
    /// Training steps per round.
    pub const STEPS: usize = 100;
    /// Bins of the histogram, over the range of the values.
    pub const BINS: usize = 50;

    /// Every work that is compared. The steps of three layers, those of a hundred units, and ensembles on one thread
    /// are the points of the figure.
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

    /// The work as tables call it.
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

/// The name on the command line and in the protocol.
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
            format!("unknown work '{name}'; expected one of {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Work;

    #[test]
    fn names_are_read_back() {
        for work in Work::all() {
            assert_eq!(work.to_string().parse(), Ok(work));
        }
        let refused = "step/100".parse::<Work>().unwrap_err();
        assert!(
            refused.starts_with("unknown work 'step/100'; expected one of fma, forward/100x3, step/32x3")
        );
    }
}
