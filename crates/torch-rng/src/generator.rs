//! The generator: the engine, and the one normal number that is kept between calls.

use crate::mt19937::Mt19937;

/// PyTorch's CPU generator: the same numbers as `torch.Generator().manual_seed(seed)`, in the same order.
///
/// Uniform and normal numbers are drawn through [`Source`](crate::Source), all others through methods of this type. Two
/// generators are equal if they will produce the same numbers.
#[derive(Clone, Debug)]
pub struct Generator {
    pub(crate) seed: u64,
    pub(crate) engine: Mt19937,
    /// The second half of the last Box-Muller pair, if it has not been drawn yet.
    pub(crate) spare: Option<f64>,
}

impl Generator {
    /// The generator of a seed. As in PyTorch, only `seed mod 2³²` matters.
    pub fn manual_seed(seed: u64) -> Self {
        Self { seed, engine: Mt19937::init_genrand(seed as u32), spare: None }
    }

    /// The seed that the generator was made with, with all 64 bits.
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
    fn seeds_are_equal_modulo_2_32() {
        assert_eq!(Generator::manual_seed(5), Generator::manual_seed((1 << 32) + 5));
        assert_ne!(Generator::manual_seed(5), Generator::manual_seed(6));
        assert_eq!(Generator::manual_seed((1 << 32) + 5).initial_seed(), (1 << 32) + 5);
    }

    #[test]
    fn a_clone_is_equal_until_one_of_them_draws_its_spare() {
        let mut a = Generator::manual_seed(1);
        let mut pair = [0_f32; 2];
        a.normal(0.0, 1.0, &mut pair[..1]);
        let mut b = a.clone();
        assert_eq!(a, b);
        b.normal(0.0, 1.0, &mut pair[1..]);
        assert_ne!(a, b, "b has drawn its spare");
    }
}
