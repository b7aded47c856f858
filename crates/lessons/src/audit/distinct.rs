//! The lesson's batch with each input once: equal inputs have equal rows in every layer, so the audit runs a network on 21
//! rows in place of 130.

use std::collections::BTreeMap;

use autograd::{Tape, Var};
use diagnostics::Summary;
use specimen::{Batch, Mode, Network, Parameters, Trace};
use tensor::Tensor;

/// The distinct inputs of a batch of single symbols. Those that occur equally often are neighbours, so that their rows are
/// summarised together.
pub(super) struct Distinct {
    inputs: Vec<usize>,
    /// The number of times that each input occurs.
    counts: Vec<u64>,
    /// For each example, the index of its input.
    rows: Vec<usize>,
    /// For each example, the symbol to predict.
    targets: Vec<usize>,
}

impl Distinct {
    pub(super) fn of(batch: &Batch) -> Self {
        let mut occurring: BTreeMap<usize, u64> = BTreeMap::new();
        for &input in &batch.inputs {
            *occurring.entry(input).or_default() += 1;
        }
        let mut by_count: Vec<(usize, u64)> = occurring.into_iter().collect();
        by_count.sort_by_key(|&(_, count)| count);
        let (inputs, counts): (Vec<usize>, Vec<u64>) = by_count.into_iter().unzip();
        let row = |input: &usize| inputs.iter().position(|other| other == input).unwrap_or_default();
        let rows = batch.inputs.iter().map(row).collect();
        Self { inputs, counts, rows, targets: batch.targets.clone() }
    }

    /// The pass over the batch, with one row per distinct input in every layer. The loss and all gradients of parameters
    /// are the batch's, up to the rounding of sums.
    pub(super) fn forward<'t>(
        &self,
        network: &Network,
        tape: &'t Tape,
        parameters: &Parameters,
    ) -> Trace<'t> {
        let outputs = network.outputs(tape, parameters, &self.inputs, Mode::Training);
        let loss = self.cross_entropy(outputs.logits);
        outputs.with_loss(loss)
    }

    /// The batch's mean cross-entropy, in nats, from the logits of its distinct inputs.
    ///
    /// The logarithm is taken once per row, and of it each example's target: a cross-entropy of gathered logits takes it
    /// once per example, which is a tenth of the audit.
    pub(super) fn cross_entropy<'t>(&self, logits: Var<'t>) -> Var<'t> {
        let log_shares = logits.log_softmax();
        let entries = log_shares.shape().numel();
        let classes = entries / self.inputs.len();
        let examples = self.rows.iter().zip(&self.targets);
        let targets: Vec<usize> = examples.map(|(row, target)| row * classes + target).collect();
        log_shares.reshape([entries, 1]).gather(&targets).mean().scale(-1.0)
    }

    /// The summary over the batch of a value with one row per distinct input.
    pub(super) fn summary(&self, value: &Tensor) -> Summary {
        let mut rest = value.data();
        let of_group = |counts: &[u64]| {
            let (group, behind) = rest.split_at(counts.len() * value.shape().dims()[1]);
            rest = behind;
            std::iter::repeat_n(Summary::of(group), counts[0] as usize)
        };
        self.counts.chunk_by(|a, b| a == b).flat_map(of_group).collect()
    }

    /// The number of examples in which each unit has |h| > `threshold`. Floats, which hold such counts exactly, count in
    /// vectors.
    pub(super) fn beyond(&self, post: &Tensor, threshold: f32) -> Vec<f32> {
        let units = post.shape().dims()[1];
        let mut beyond = vec![0.0; units];
        let (post, counts, sums) = (post.data(), self.counts.as_slice(), beyond.as_mut_slice());
        tensor::dispatch(
            #[inline(always)]
            move || {
                for (row, &count) in post.chunks_exact(units).zip(counts) {
                    let count = count as f32;
                    for (&h, sum) in row.iter().zip(sums.iter_mut()) {
                        *sum += if h.abs() > threshold { count } else { 0.0 };
                    }
                }
            },
        );
        beyond
    }

    pub(super) fn examples(&self) -> usize {
        self.rows.len()
    }
}

#[cfg(test)]
mod tests {
    use specimen::{Init, lesson};
    use tensor::Activation;
    use torch_rng::Generator;

    use super::*;

    /// Sums of up to 130 terms in another order, in single precision, as a share of the largest.
    const REORDERED: f64 = 1e-5;

    fn largest(values: &[f32]) -> f64 {
        values.iter().fold(0.0, |largest, &x| f64::from(x).abs().max(largest))
    }

    /// The distance between the pass over distinct inputs and that over the batch, in the loss and every gradient.
    ///
    /// The scale of a gradient is its largest entry, or that of the gradient of the mean logit: a rounding in each
    /// probability reaches a parameter as that does, however close to 0 a certain network's own gradient is.
    fn distance(network: &Network, init: &Init, distinct: &Distinct) -> f64 {
        let parameters: Parameters = init.draw(network, &mut Generator::manual_seed(42));
        let (whole_tape, distinct_tape) = (Tape::new(), Tape::new());
        let whole = network.forward(&whole_tape, &parameters, &lesson::bigrams().batch, Mode::Training);
        let ours = distinct.forward(network, &distinct_tape, &parameters);
        let (theirs, of_mean, grads) =
            (whole.loss.backward(), whole.logits.mean().backward(), ours.loss.backward());
        let size = largest(whole.logits.value().data());
        let mut worst =
            f64::from((whole.loss.value().item() - ours.loss.value().item()).abs()) / size.max(1.0);
        for (&var, &other) in whole.parameters.iter().zip(&ours.parameters) {
            let (a, b) = (theirs.get(var).unwrap(), grads.get(other).unwrap());
            let scale = largest(a.data()).max(largest(of_mean.get(var).unwrap().data()));
            worst = worst.max(largest(a.sub(b).data()) / scale);
        }
        worst
    }

    #[test]
    fn distinct_inputs_give_the_batchs_loss_and_gradients() {
        let distinct = Distinct::of(&lesson::bigrams().batch);
        assert!(distinct.inputs.len() == 21 && distinct.examples() == 130);
        for init in [Init::LESSON_RANDOM, Init::LESSON_KAIMING, Init::LESSON_XAVIER] {
            for activation in Activation::ALL {
                let network = Network { activation, hidden: vec![5, 9], ..Network::lesson() };
                let distance = distance(&network, &init, &distinct);
                assert!(distance <= REORDERED, "{activation}: {distance:e}");
            }
            let distance = distance(&Network::lesson(), &init, &distinct);
            assert!(distance <= REORDERED, "{distance:e}");
        }
    }

    #[test]
    fn one_target_swapped_is_rejected() {
        let mut distinct = Distinct::of(&lesson::bigrams().batch);
        distinct.targets.swap(0, 1);
        let distance = distance(&Network::lesson(), &Init::LESSON_KAIMING, &distinct);
        assert!(distance > 10.0 * REORDERED, "{distance:e}");
    }

    #[test]
    fn rows_and_their_summary_are_the_batchs() {
        let batch = lesson::bigrams().batch;
        let distinct = Distinct::of(&batch);
        let inputs: Vec<usize> = distinct.rows.iter().map(|&row| distinct.inputs[row]).collect();
        assert_eq!(inputs, batch.inputs);
        let floats = |inputs: &[usize]| inputs.iter().map(|&input| input as f32).collect::<Vec<f32>>();
        let rows = Tensor::from_vec(floats(&distinct.inputs), [distinct.inputs.len(), 1]).unwrap();
        let (summary, whole) = (distinct.summary(&rows), Summary::of(&floats(&batch.inputs)));
        assert_eq!((summary.count, summary.min, summary.max), (whole.count, whole.min, whole.max));
        // Two orders of adding 130 numbers in double precision.
        assert!((summary.std() / whole.std() - 1.0).abs() < 1e-12);
        let beyond: Vec<f32> = distinct.beyond(&rows, 4.5);
        assert_eq!(beyond, [batch.inputs.iter().filter(|&&input| input > 4).count() as f32]);
    }
}
