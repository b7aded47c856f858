//! The PyTorch seed of a model, and which tensors its generator draws one after the other.

use std::ops::RangeInclusive;

use nn_init::Scheme;
use torch_rng::{DrawnTensor, Generator, TensorDraw, find_seed};

use super::Identification;
use crate::{Dtype, TensorInfo};

/// A seed with the tensors that PyTorch's generator draws from it, bit for bit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedMatch {
    /// The seed, as `torch.manual_seed` takes it.
    pub seed: u32,
    /// The places of the tensors in the order in which they were drawn: the first right after the seeding, each other right
    /// after the one before.
    pub tensors: Vec<usize>,
}

/// The values that are compared for each seed: more bits than the seed has.
const COMPARED: usize = 8;

impl Identification {
    /// Searches the seeds of a range that draw the tensors of this file with PyTorch on a CPU, without other draws between the
    /// seeding and the first of them.
    ///
    /// `values` gives the first values of a tensor, so many as are asked for, or fewer if it has no more. Candidates are the
    /// tensors in single precision whose scheme PyTorch draws in one call: uniform and normal ones. Each is tried as the first
    /// one of its model, in the order of the file and vectors last, until a seed is found; tensors that belong to no seed cost a whole search
    /// each, so no more than `attempts` are tried. From the state behind the first, each other tensor is tried as the next, and
    /// so on; draws that a model discarded end the sequence.
    ///
    /// ```
    /// use checkpoint::{Dtype, Identification, TensorInfo, TensorSummary};
    /// use nn_init::{Preset, Tensor};
    /// use torch_rng::Generator;
    ///
    /// // torch.manual_seed(1337); torch.nn.Linear(32, 64)
    /// let mut generator = Generator::manual_seed(1337);
    /// let linear: Preset = "torch.linear".parse()?;
    /// let (weight, bias): (Tensor<f32>, _) = linear.sample(&[64, 32], &mut generator).unwrap();
    /// let tensors = [weight, bias.unwrap()];
    /// let info = |name: &str, shape: &[usize]| TensorInfo { name: name.into(), dtype: Dtype::F32, shape: shape.to_vec() };
    /// let infos = [info("weight", &[64, 32]), info("bias", &[64])];
    /// let summaries = [0, 1].map(|at| Some(TensorSummary::of_f32(&infos[at].shape, tensors[at].data())));
    ///
    /// let identified = Identification::of(&infos, &summaries);
    /// let values = |tensor: usize, count: usize| tensors[tensor].data().iter().copied().take(count).collect();
    /// let found = identified.find_seeds(&infos, 0..=9_999, 10, values);
    /// assert_eq!((found[0].seed, &found[0].tensors[..]), (1337, &[0, 1][..]));
    /// # Ok::<(), nn_init::ParseError>(())
    /// ```
    pub fn find_seeds(
        &self,
        tensors: &[TensorInfo],
        seeds: RangeInclusive<u32>,
        attempts: usize,
        mut values: impl FnMut(usize, usize) -> Vec<f32>,
    ) -> Vec<SeedMatch> {
        let draws: Vec<(usize, TensorDraw)> =
            (0..tensors.len()).filter_map(|at| Some((at, self.draw(at, &tensors[at])?))).collect();
        // A layer draws its weight first, so vectors come last.
        let (weights, vectors): (Vec<_>, Vec<_>) =
            draws.iter().partition(|&&(at, _)| tensors[at].shape.len() >= 2);
        for &(at, draw) in weights.into_iter().chain(vectors).take(attempts) {
            let len = tensors[at].len();
            let first = values(at, COMPARED.min(len));
            if first.is_empty() || first.len() > len {
                continue;
            }
            let tensor = DrawnTensor { draw, len, values: &first, skipped: 0 };
            let found = find_seed(&tensor, seeds.clone());
            if !found.is_empty() {
                let follow = |seed| follow(seed, at, &draws, tensors, &mut values);
                return found.into_iter().filter_map(follow).collect();
            }
        }
        vec![]
    }

    /// The number of tensors that [`find_seeds`](Self::find_seeds) may try as the first of their model.
    pub fn drawn_in_one_call(&self, tensors: &[TensorInfo]) -> usize {
        (0..tensors.len()).filter(|&at| self.draw(at, &tensors[at]).is_some()).count()
    }

    /// The call that may have drawn a tensor.
    fn draw(&self, at: usize, tensor: &TensorInfo) -> Option<TensorDraw> {
        if tensor.dtype != Dtype::F32 {
            return None;
        }
        match self.tensors[at].scheme? {
            Scheme::Uniform { lo, hi } => Some(TensorDraw::Uniform { lo, hi }),
            Scheme::Normal { mean, std } => Some(TensorDraw::Normal { mean, std }),
            _ => None,
        }
    }
}

/// The tensors that a seed draws, from the one at `first` on; `None` if its further values are others.
fn follow(
    seed: u32,
    first: usize,
    draws: &[(usize, TensorDraw)],
    tensors: &[TensorInfo],
    values: &mut impl FnMut(usize, usize) -> Vec<f32>,
) -> Option<SeedMatch> {
    let mut generator = Generator::manual_seed(seed.into());
    let mut found = vec![];
    let mut is_next =
        |&&(at, draw): &&(usize, TensorDraw)| continues(draw, at, tensors[at].len(), &mut generator, values);
    let mut next = draws.iter().filter(|&&(at, _)| at == first).find(&mut is_next);
    while let Some(&(last, _)) = next {
        found.push(last);
        // In the order of the file from here on, then from its beginning.
        let left = draws.iter().filter(|(at, _)| !found.contains(at));
        let (before, behind): (Vec<_>, Vec<_>) = left.partition(|&&(at, _)| at < last);
        next = behind.into_iter().chain(before).find(&mut is_next);
    }
    // Without the first, its further values are others.
    if found.is_empty() {
        return None;
    }
    Some(SeedMatch { seed, tensors: found })
}

/// True if the generator draws a tensor next; it then stands behind it. The first values decide nearly always, so that the
/// others are seldom read.
fn continues(
    draw: TensorDraw,
    at: usize,
    len: usize,
    generator: &mut Generator,
    values: &mut impl FnMut(usize, usize) -> Vec<f32>,
) -> bool {
    // Whole blocks of normals do not depend on what follows.
    const BLOCK: usize = 16;
    let starts_equal = len < 2 * BLOCK || draw.continues(&values(at, BLOCK), &mut generator.clone());
    starts_equal && draw.continues(&values(at, len), generator)
}
