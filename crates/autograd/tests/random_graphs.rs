//! The gradients of random compositions of ops, with shared values, diamonds and unused branches.

use autograd::check::{gradcheck, gradcheck_projected};
use autograd::{Activation, Real, Tape, Tensor, Var};
use proptest::prelude::*;

/// The random choices of an op: two operands among the values so far, and a number.
#[derive(Clone, Copy, Debug)]
struct Choice {
    first: usize,
    second: usize,
    number: usize,
}

/// The name of an op, and a function that adds it to a program.
type Op<T> = (&'static str, for<'t> fn(&mut Program<'t, T>, Choice) -> Var<'t, T>);

/// The ops of random graphs.
///
/// Results are scaled to order 1, to keep the fifth derivatives of order 1, to which the truncation of differences is
/// proportional.
fn ops<T: Real>() -> Vec<Op<T>> {
    vec![
        ("add", |p, c| p.pair(c, |x, y| x + y).scale(0.7)),
        ("sub", |p, c| p.pair(c, |x, y| x - y).scale(0.7)),
        ("mul", |p, c| p.pair(c, |x, y| x * y)),
        ("neg", |p, c| -p.any(c.first)),
        ("scale", |p, c| p.any(c.first).scale(c.number as f64 / 8.0 - 1.0)),
        ("activation", |p, c| p.any(c.first).activation(SMOOTH[c.number % SMOOTH.len()])),
        ("square", |p, c| p.pair(Choice { second: c.first, ..c }, |x, y| x * y)),
        ("exp", |p, c| p.any(c.first).activation(Activation::Tanh).exp().scale(0.5)),
        ("softmax", |p, c| p.any(c.first).softmax()),
        ("log_softmax", |p, c| p.any(c.first).log_softmax().scale(0.5)),
        ("transpose", |p, c| p.any(c.first).transpose()),
        ("matmul_nt", |p, c| p.pair(c, |x, y| x.matmul_nt(y)).scale(0.5)),
        ("matmul", |p, c| {
            let x = p.any(c.first);
            let w = p.leaf([columns(x), 1 + c.number % 3]);
            x.matmul(w)
        }),
        ("linear", |p, c| {
            let x = p.any(c.first);
            let n = 1 + c.number % 3;
            let (w, b) = (p.leaf([columns(x), n]), p.leaf_row(n));
            x.linear(w, b)
        }),
        ("gather", |p, c| {
            let x = p.any(c.first);
            let rows = x.shape().dims()[0];
            let indices: Vec<usize> = (0..1 + c.number % 3).map(|i| (c.second + i * i) % rows).collect();
            x.gather(&indices)
        }),
        ("div", |p, c| p.pair(c, |x, y| x / (y * y + 1.0))),
        ("sqrt", |p, c| (p.any(c.first).activation(Activation::Sigmoid) + 0.5).sqrt()),
        ("ln", |p, c| (p.any(c.first).activation(Activation::Sigmoid) + 0.5).ln()),
        ("powf", |p, c| (p.any(c.first).activation(Activation::Tanh) + 2.0).powf(1.5).scale(0.25)),
        ("rsub", |p, c| p.any(c.first).rsub(0.5)),
        ("concat_rows", |p, c| p.pair(c, |x, y| Var::concat_rows(&[x, y])).slice_rows(1..2)),
        ("concat_columns", |p, c| p.pair(c, |x, y| Var::concat_columns(&[y, x, y])).slice_columns(0..2)),
        ("reshape", |p, c| {
            let x = p.any(c.first);
            x.reshape([columns(x), x.shape().dims()[0]])
        }),
        ("add_row", |p, c| {
            let x = p.any(c.first);
            x.add_row(x.mean_rows())
        }),
        ("mul_column", |p, c| {
            let x = p.any(c.first);
            x.activation(Activation::Tanh).mul_column(x.sum_columns().activation(Activation::Tanh))
        }),
        ("var", |p, c| {
            let x = p.any(c.first).activation(Activation::Tanh);
            p.spread(x.var(0), c)
        }),
        ("mse", |p, c| {
            let loss = p.pair(c, |x, y| x.activation(Activation::Tanh).mse(y.activation(Activation::Tanh)));
            p.spread(loss, c)
        }),
        // An ε of the size of the values keeps fifth derivatives of order 1.
        ("layer_norm", |p, c| {
            let x = p.any(c.first).activation(Activation::Tanh);
            let (gamma, beta) = (p.leaf_row(columns(x)), p.leaf_row(columns(x)));
            x.layer_norm(gamma, beta, 1.0)
        }),
        ("batch_norm", |p, c| {
            let x = p.any(c.first).activation(Activation::Tanh);
            let (gamma, beta) = (p.leaf_row(columns(x)), p.leaf_row(columns(x)));
            x.batch_norm(gamma, beta, 1.0).0
        }),
        ("rms_norm", |p, c| {
            let x = p.any(c.first).activation(Activation::Tanh);
            let gamma = p.leaf_row(columns(x));
            x.rms_norm(gamma, 1.0)
        }),
        ("sum", |p, c| {
            let x = p.any(c.first);
            p.spread(x.sum(), c)
        }),
        ("mean", |p, c| {
            let x = p.any(c.first);
            p.spread(x.mean(), c)
        }),
        ("cross_entropy", |p, c| {
            let x = p.any(c.first);
            let targets: Vec<usize> =
                (0..x.shape().dims()[0]).map(|row| (c.number + row) % columns(x)).collect();
            p.spread(x.cross_entropy(&targets), c)
        }),
    ]
}

const SMOOTH: [Activation; 4] =
    [Activation::Tanh, Activation::Sigmoid, Activation::Softplus(1.0), Activation::Erf];

fn columns<T: Real>(x: Var<'_, T>) -> usize {
    x.shape().dims()[1]
}

/// A graph under construction. Every value is a matrix, so that any op can follow any other.
struct Program<'t, T> {
    tape: &'t Tape<T>,
    values: Vec<Var<'t, T>>,
    leaves: Leaves<'t, T>,
}

/// The source of leaves: a given list, or made on demand and collected.
enum Leaves<'t, T> {
    Given(std::collections::VecDeque<Var<'t, T>>),
    Made(Vec<Tensor<T>>),
}

impl<'t, T: Real> Program<'t, T> {
    fn leaf_of(&mut self, shape: &[usize]) -> Var<'t, T> {
        match &mut self.leaves {
            Leaves::Given(leaves) => leaves.pop_front().expect("as many leaves as were made"),
            Leaves::Made(made) => {
                let value = |i: usize| ((i + 17 * made.len()) as f64 * 0.618_034).fract() * 1.6 - 0.8;
                let data = (0..shape.iter().product()).map(|i| T::of(value(i) as f32 as f64)).collect();
                made.push(Tensor::from_vec(data, shape).unwrap());
                self.tape.leaf(made[made.len() - 1].clone())
            }
        }
    }

    fn leaf(&mut self, shape: [usize; 2]) -> Var<'t, T> {
        self.leaf_of(&shape)
    }

    fn leaf_row(&mut self, n: usize) -> Var<'t, T> {
        self.leaf_of(&[n])
    }

    fn any(&self, which: usize) -> Var<'t, T> {
        self.values[which % self.values.len()]
    }

    /// An op on two operands of the same shape: the first, and the next value that has its shape, or itself.
    fn pair(&self, c: Choice, op: impl Fn(Var<'t, T>, Var<'t, T>) -> Var<'t, T>) -> Var<'t, T> {
        let x = self.any(c.first);
        let candidates = (0..self.values.len()).map(|step| self.any(c.second + step));
        op(x, candidates.into_iter().find(|y| y.shape() == x.shape()).unwrap_or(x))
    }

    /// A matrix filled with a scalar, by an op of this test's own.
    fn spread(&self, x: Var<'t, T>, c: Choice) -> Var<'t, T> {
        let shape = self.any(c.second).shape();
        let value = Tensor::full(&shape, x.value().item());
        self.tape.record("spread", [x], value, |g| [Tensor::scalar(g.sum())])
    }
}

/// Runs the choices on a tape; returns the last value and the leaves.
fn run<'t, T: Real>(
    tape: &'t Tape<T>,
    leaves: Leaves<'t, T>,
    choices: &[(usize, Choice)],
) -> (Var<'t, T>, Leaves<'t, T>) {
    let mut program = Program { tape, values: vec![], leaves };
    for shape in [[2, 3], [3, 2], [2, 2]] {
        let leaf = program.leaf(shape);
        program.values.push(leaf);
    }
    for &(op, choice) in choices {
        let table = ops::<T>();
        let value = table[op % table.len()].1(&mut program, choice);
        program.values.push(value);
    }
    (program.values[program.values.len() - 1], program.leaves)
}

/// The leaves that the choices need.
fn inputs<T: Real>(choices: &[(usize, Choice)]) -> Vec<Tensor<T>> {
    let tape = Tape::new();
    match run(&tape, Leaves::Made(vec![]), choices).1 {
        Leaves::Made(made) => made,
        Leaves::Given(_) => vec![],
    }
}

fn value_of<T: Real>(choices: &[(usize, Choice)]) -> Tensor<T> {
    run(&Tape::new(), Leaves::Made(vec![]), choices).0.value()
}

/// Up to 11 ops. Half of them use the newest value, so that most graphs are deep.
fn program() -> impl Strategy<Value = Vec<(usize, Choice)>> {
    let choice = (0..1000_usize, 0..1000_usize, 0..16_usize).prop_map(|(first, second, number)| Choice {
        first,
        second,
        number,
    });
    prop::collection::vec((0..ops::<f64>().len(), choice), 1..12).prop_map(|mut choices| {
        for (i, (_, choice)) in choices.iter_mut().enumerate() {
            if choice.first % 2 == 0 {
                choice.first = i + 2;
            }
        }
        choices
    })
}

fn names(choices: &[(usize, Choice)]) -> Vec<&'static str> {
    choices.iter().map(|&(op, _)| ops::<f64>()[op].0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn gradients_of_random_graphs_match_differences(choices in program()) {
        let inputs = inputs(&choices);
        let each = gradcheck(|tape, v| run(tape, Leaves::Given(v.iter().copied().collect()), &choices).0, &inputs);
        prop_assert!(each.is_ok(), "{}: {:?}", each.unwrap_err(), names(&choices));
        let along = gradcheck_projected(|tape, v| run(tape, Leaves::Given(v.iter().copied().collect()), &choices).0, &inputs);
        prop_assert!(along.is_ok(), "{:?}", names(&choices));
    }

    /// Exactly the values that the last one depends on have a gradient, and it is finite.
    #[test]
    fn exactly_the_ancestors_have_gradients(choices in program()) {
        let tape = Tape::<f64>::new();
        let last = run(&tape, Leaves::Made(vec![]), &choices).0;
        let seed = Tensor::full(last.shape(), 1.0);
        let graph = tape.graph().with_gradients(&last.backward_from(seed));
        let reached: Vec<_> = graph.nodes.iter().filter(|n| n.gradient.is_some()).map(|n| n.id).collect();
        let ancestors: Vec<_> = last.graph().nodes.iter().map(|node| node.id).collect();
        prop_assert_eq!(reached, ancestors);
        prop_assert!(graph.nodes.iter().filter_map(|n| n.gradient).all(|g| g.non_finite == 0));
    }

    /// Leaves are exact in both precisions. An op adds at most 32 roundings of the largest value on the tape; later
    /// ops, whose slopes are of order 1, keep their size.
    #[test]
    fn single_precision_agrees_with_double(choices in program()) {
        let (single, double) = (value_of::<f32>(&choices), value_of::<f64>(&choices));
        let tape = Tape::<f64>::new();
        run(&tape, Leaves::Made(vec![]), &choices);
        let graph = tape.graph().with_values(&tape);
        let largest = graph.nodes.iter().filter_map(|n| n.value).fold(1.0_f64, |m, v| m.max(v.max.abs()).max(v.min.abs()));
        let tolerance = 32.0 * choices.len() as f64 * f64::from(f32::EPSILON) * largest * largest;
        for (&x, &y) in single.data().iter().zip(double.data()) {
            prop_assert!((f64::from(x) - y).abs() <= tolerance, "{x} for {y}: {:?}", names(&choices));
        }
    }
}

#[test]
fn random_graphs_use_every_op_and_have_shared_values_and_unused_branches() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut used, mut shared, mut unused) = (std::collections::BTreeSet::new(), 0, 0);
    for _ in 0..100 {
        let choices = program().new_tree(&mut runner).unwrap().current();
        let tape = Tape::<f64>::new();
        let last = run(&tape, Leaves::Made(vec![]), &choices).0;
        let graph = last.graph();
        let count =
            |id: usize| graph.nodes.iter().flat_map(|node| &node.parents).filter(|&&p| p == id).count();
        used.extend(graph.nodes.iter().map(|node| node.op));
        shared += usize::from(graph.nodes.iter().any(|node| count(node.id) > 1));
        unused += usize::from(graph.nodes.len() < tape.len());
    }
    // A square is recorded as mul, and an activation by its own name.
    let named = ops::<f64>()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !["square", "activation"].contains(name));
    for name in named.chain(SMOOTH.iter().map(|f| f.name())) {
        assert!(used.contains(name), "{name} is not among {used:?}");
    }
    assert!(shared > 20 && unused > 20, "{shared} graphs share a value, {unused} have unused branches");
}
