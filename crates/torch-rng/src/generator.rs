//! The generator: the engine, and the one normal number kept between calls.

use crate::mt19937::Mt19937;

/// PyTorch's CPU generator: the same numbers as `torch.Generator().manual_seed(seed)`, in the same order.
///
/// Uniform and normal numbers are drawn through [`Source`](crate::Source), all others through the methods here.
/// Two generators are equal when they will go on alike.
#[derive(Clone, Debug)]
pub struct Generator {
    pub(crate) seed: u64,
    pub(crate) engine: Mt19937,
    /// The second half of the last Box–Muller pair, if nobody has asked for it yet.
    pub(crate) spare: Option<f64>,
}

impl Generator {
    /// The generator of a seed. Only `seed mod 2³²` counts, in PyTorch too.
    pub fn manual_seed(seed: u64) -> Self {
        Self { seed, engine: Mt19937::init_genrand(seed as u32), spare: None }
    }

    /// The seed that the generator was made with, all 64 bits of it.
    pub fn initial_seed(&self) -> u64 {
        self.seed
    }
}

impl PartialEq for Generator {
    fn eq(&self, other: &Self) -> bool {
        self.engine == other.engine && self.spare == other.spare
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Source;

    #[test]
    fn the_seed_counts_modulo_2_32() {
        assert_eq!(Generator::manual_seed(5), Generator::manual_seed((1 << 32) + 5));
        assert_ne!(Generator::manual_seed(5), Generator::manual_seed(6));
        assert_eq!(Generator::manual_seed((1 << 32) + 5).initial_seed(), (1 << 32) + 5);
    }

    #[test]
    fn a_clone_goes_on_alike_and_a_spare_tells_generators_apart() {
        let mut a = Generator::manual_seed(1);
        let mut pair = [0_f32; 2];
        a.normal(0.0, 1.0, &mut pair[..1]);
        let mut b = a.clone();
        assert_eq!(a, b);
        b.normal(0.0, 1.0, &mut pair[1..]);
        assert_ne!(a, b, "b has used up its spare");
    }
}
