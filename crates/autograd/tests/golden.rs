//! Gradients from the documentation and the tests of other projects: micrograd, candle, burn. Their numbers are in
//! `reference/golden.txt`; each computation is rewritten with the ops of this crate.

use std::collections::BTreeSet;

use autograd::{Activation, Tape, Tensor, Var};

const RECORDED: &str = include_str!("reference/golden.txt");

/// The tolerance of the comparison with a printed number.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Within {
    Exactly,
    /// Half a unit in the last printed digit.
    Digits,
    /// The other project's own tolerance, relative and absolute.
    Their(f64, f64),
}

/// One paragraph of the record.
struct Golden<'a> {
    name: &'a str,
    within: Within,
    inputs: Vec<Tensor<f64>>,
    value: Option<&'a str>,
    grads: Vec<&'a str>,
}

fn parse(paragraph: &str) -> Golden<'_> {
    let mut lines = paragraph.lines();
    let (name, within) =
        lines.next().and_then(|line| line.split_once(" | ")).expect("a name and a tolerance");
    let within = match within.split(' ').collect::<Vec<_>>()[..] {
        ["exactly"] => Within::Exactly,
        ["digits"] => Within::Digits,
        ["within", relative, absolute] => Within::Their(number(relative), number(absolute)),
        _ => panic!("unknown tolerance: {within}"),
    };
    let mut golden = Golden { name, within, inputs: Vec::new(), value: None, grads: Vec::new() };
    for line in lines {
        match line.split_once(' ').expect("a key") {
            ("in", text) => golden.inputs.push(tensor(text)),
            ("y", text) => golden.value = Some(text),
            ("grad", text) => golden.grads.push(text),
            _ => panic!("unknown key: {line}"),
        }
    }
    golden
}

fn goldens() -> impl Iterator<Item = Golden<'static>> {
    RECORDED.split("\n\n").filter(|paragraph| !paragraph.starts_with('#')).map(parse)
}

fn number(word: &str) -> f64 {
    word.parse().unwrap_or_else(|_| panic!("not a number: {word:?}"))
}

fn tensor(text: &str) -> Tensor<f64> {
    let rows: Vec<Vec<f64>> = text.split("; ").map(|row| row.split(' ').map(number).collect()).collect();
    let (count, columns) = (rows.len(), rows[0].len());
    let shape = if count == 1 { vec![columns] } else { vec![count, columns] };
    Tensor::from_vec(rows.concat(), &*shape).expect("rows of one length")
}

/// Half a unit in the last place of a printed number.
fn half_unit(word: &str) -> f64 {
    let (digits, exponent) = word.split_once('e').unwrap_or((word, "0"));
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    0.5 * 10_f64.powi(exponent.parse::<i32>().expect("an exponent") - decimals as i32)
}

fn near(got: f64, word: &str, within: Within) -> bool {
    let want = number(word);
    let tolerance = match within {
        Within::Exactly => 0.0,
        // The printed numbers were computed in single precision: a few roundings more.
        Within::Digits => half_unit(word) + 4.0 * f64::from(f32::EPSILON) * want.abs(),
        Within::Their(relative, absolute) => absolute.max(relative * want.abs()),
    };
    (got - want).abs() <= tolerance
}

fn compare(what: &str, got: &Tensor<f64>, want: &str, within: Within) -> Result<(), String> {
    let words: Vec<_> = want.split([' ', ';']).filter(|word| !word.is_empty()).collect();
    let mut entries = got.data().iter().zip(&words);
    if words.len() == got.data().len() && entries.all(|(&x, word)| near(x, word, within)) {
        return Ok(());
    }
    Err(format!("{what} is {:?}; printed is {want}", got.data()))
}

fn check(golden: &Golden<'_>) -> Result<(), String> {
    let tape = Tape::new();
    let vars: Vec<_> = golden.inputs.iter().map(|input| tape.leaf(input.clone())).collect();
    let words: Vec<_> = golden.name.split(' ').collect();
    let y = match words[0] {
        "micrograd" => micrograd(&words[1..], &vars),
        "candle" => candle(&words[1..], &vars),
        _ => burn(&words[1..], &vars),
    };
    if let Some(value) = golden.value {
        compare(&format!("{}: value", golden.name), &y.value(), value, golden.within)?;
    }
    let grads = y.backward_from(Tensor::full(y.shape(), 1.0));
    for (i, (&var, want)) in vars.iter().zip(&golden.grads).enumerate() {
        let got = grads.get(var).ok_or_else(|| format!("{}: no gradient {i}", golden.name))?;
        compare(&format!("{}: gradient {i}", golden.name), got, want, golden.within)?;
    }
    Ok(())
}

fn square(x: Var<'_, f64>) -> Var<'_, f64> {
    x * x
}

fn relu(x: Var<'_, f64>) -> Var<'_, f64> {
    x.activation(Activation::Relu)
}

/// `x·s` for a single number s.
fn times<'t>(x: Var<'t, f64>, s: Var<'t, f64>) -> Var<'t, f64> {
    let shape = x.shape();
    x.reshape([shape.numel(), 1]).mul_row(s.reshape([1])).reshape(shape)
}

/// A matrix `[2, 2]` with the upper left entry replaced.
fn with_corner<'t>(x: Var<'t, f64>, corner: Var<'t, f64>) -> Var<'t, f64> {
    let first = Var::concat_columns(&[corner.reshape([1, 1]), x.slice_rows(0..1).slice_columns(1..2)]);
    Var::concat_rows(&[first, x.slice_rows(1..2)])
}

/// `x·w` of two pairs of matrices, each stacked vertically.
fn batched<'t>(x: Var<'t, f64>, w: Var<'t, f64>) -> Var<'t, f64> {
    let halves = |var: Var<'t, f64>| {
        let rows = var.shape().dims()[0];
        [var.slice_rows(0..rows / 2), var.slice_rows(rows / 2..rows)]
    };
    let ([x0, x1], [w0, w1]) = (halves(x), halves(w));
    Var::concat_rows(&[x0.matmul(w0), x1.matmul(w1)])
}

/// `Σ (i + 1)·x[of(i)]` over 36 positions, as in nearest-neighbour interpolation.
fn counted<'t>(x: Var<'t, f64>, of: impl Fn(usize) -> usize) -> Var<'t, f64> {
    let counts = (1..=36).map(f64::from).collect();
    let counts = x.tape().leaf(Tensor::from_vec(counts, [36, 1]).unwrap());
    let indices: Vec<_> = (0..36).map(of).collect();
    (x.reshape([9, 1]).gather(&indices) * counts).sum()
}

/// `f` of the two columns of a matrix `[n, 2]`.
fn fold_columns<'t>(x: Var<'t, f64>, f: impl Fn(Var<'t, f64>, Var<'t, f64>) -> Var<'t, f64>) -> Var<'t, f64> {
    let rows = x.shape().dims()[0];
    f(x.slice_columns(0..1), x.slice_columns(1..2)).reshape([rows])
}

/// The default γ = 1 and β = 0.
fn plain<'t>(x: Var<'t, f64>, n: usize) -> [Var<'t, f64>; 2] {
    [Tensor::full([n], 1.0), Tensor::zeros([n])].map(|tensor| x.tape().leaf(tensor))
}

fn micrograd<'t>(name: &[&str], v: &[Var<'t, f64>]) -> Var<'t, f64> {
    match name {
        // Line by line as in its README.
        ["readme"] => {
            let (a, b) = (v[0], v[1]);
            let mut c = a + b;
            let mut d = a * b + b.powf(3.0);
            c = c + (c + 1.0);
            c = c + (1.0 + c + (-a));
            d = d + (d * 2.0 + relu(b + a));
            d = d + (3.0 * d + relu(b - a));
            let e = c - d;
            let f = e.powf(2.0);
            let g = f / 2.0;
            g + 10.0 / f
        }
        ["sanity_check"] => {
            let z = 2.0 * v[0] + 2.0 + v[0];
            let q = relu(z) + z * v[0];
            relu(z * z) + q + q * v[0]
        }
        _ => panic!("unknown name: {name:?}"),
    }
}

fn candle<'t>(name: &[&str], v: &[Var<'t, f64>]) -> Var<'t, f64> {
    let x = v[0];
    match name {
        ["simple_grad"] => square(x) + x.scale(5.0).add_scalar(4.0),
        ["sum_grad"] => square(x).sum().scale(2.0),
        ["expand_grad"] => square(x.reshape([1, 24]).gather(&[0, 0, 0])).sum().scale(0.5),
        ["matmul_grad"] => batched(x, v[1]),
        ["unary", "log"] => x.ln().add_scalar(1.0),
        ["unary", "exp"] => x.exp(),
        ["unary", "exp_sqr"] => square(x.exp()),
        ["unary", "sqr"] => square(x),
        ["unary", "sqr_sqrt"] => square(x).sqrt(),
        ["unary", "neg"] => -x,
        ["unary", "affine"] => x.scale(0.2).add_scalar(1.0),
        ["unary", "recip"] => x.tape().leaf(Tensor::full([4], 1.0)) / x,
        ["unary", "div"] => x / v[1],
        ["unary", "powf"] => x.powf(2.5),
        ["unary", "tanh"] => x.activation(Activation::Tanh),
        ["unary", "erf"] => x.activation(Activation::Erf),
        ["unary", "gelu"] => x.activation(Activation::GeluTanh),
        ["unary", "gelu_erf"] => x.activation(Activation::Gelu),
        ["unary", "elu"] => x.activation(Activation::Elu(2.0)),
        ["unary", "silu"] => x.activation(Activation::Silu),
        ["interpolate", "1d"] => counted(x, |i| i / 4),
        ["interpolate", "2d"] => counted(x, |i| i / 12 * 3 + i % 6 / 2),
        ["binary", "maximum"] => x.maximum(x.scale(0.1)),
        ["binary", "minimum"] => x.minimum(x.scale(0.1)),
        ["binary", "minimum_of_itself"] => x.minimum(x),
        ["binary", "slice_scatter"] => {
            square(Var::concat_rows(&[x.reshape([2, 3]).slice_rows(0..1), v[1].reshape([1, 3])]))
        }
        ["index_select"] => x.gather(&[0, 2]),
        ["flip"] => {
            let y = x.matmul(v[1]);
            Var::concat_columns(&[y.slice_columns(1..2), y.slice_columns(0..1)])
        }
        ["softmax"] => x.ln().softmax(),
        ["softmax_of_columns"] => x.ln().transpose().softmax().transpose(),
        ["rms_norm"] => x.rms_norm(v[1], 1e-5),
        ["layer_norm"] => x.layer_norm(v[1], v[2], 1e-8),
        ["cross_entropy"] => x.cross_entropy(&[1, 0, 4]),
        _ => panic!("unknown name: {name:?}"),
    }
}

fn burn<'t>(name: &[&str], v: &[Var<'t, f64>]) -> Var<'t, f64> {
    let x = v[0];
    // Most of burn's tests multiply two matrices, and the result by the second one again.
    let w = *v.get(1).unwrap_or(&x);
    let around = |inner: Var<'t, f64>| x.matmul(inner).matmul(w);
    match name {
        ["add"] => x + w,
        ["add_scalar"] => x.add_scalar(5.0),
        ["add", "complex_1"] => x + ((x + w + v[2]).add_scalar(5.0) + x + w),
        ["sub"] => x - w,
        ["sub_scalar"] => x.add_scalar(-5.0),
        ["sub", "complex_1"] => x - (x - w - v[2]).add_scalar(-5.0),
        ["mul"] => x * w,
        ["mul_scalar"] => x.scale(4.0),
        ["mul", "complex_1"] => x * (x * w * v[2]),
        ["div"] => x / w,
        ["div_scalar"] => x.scale(0.25),
        ["div", "complex_1"] => x / w / v[2],
        ["div", "complex_2"] => x.matmul(w) / w,
        ["neg"] => -x.matmul(-w),
        ["recip"] => x.powf(-1.0),
        ["matmul"] => x.matmul(w),
        ["matmul", "complex_1"] => x.matmul(w).matmul(v[2]),
        ["matmul", "complex_2"] => x.matmul(x.matmul(w).matmul(v[2])),
        ["complex", "1"] => x.matmul(w).matmul(x) * w,
        ["complex", "2"] => x.matmul(w).matmul(x).add_scalar(17.0) + w,
        ["complex", "3"] => {
            let y = x.matmul(w).matmul(x);
            y - w + y
        }
        ["aggregation", "mean"] => times(x, x.matmul(w).mean()),
        ["aggregation", "sum_1"] => times(x, x.matmul(w).sum()),
        ["aggregation", "sum_2"] => x.matmul(w).mul_column(x.matmul(w).sum_columns()).sum(),
        ["aggregation", "mean_dim"] => x.mul_column(x.matmul(w).mean_columns()),
        ["aggregation", "sum_dim"] => x.mul_column(x.matmul(w).sum_columns()),
        ["maxmin", "max_dim"] => x.mul_column(fold_columns(x.matmul(w), Var::maximum)),
        ["maxmin", "min_dim"] => x.mul_column(fold_columns(x.matmul(w), Var::minimum)),
        ["reshape"] => x.matmul(w.reshape([2, 2])),
        ["transpose"] => x.matmul(w.transpose()).transpose(),
        ["slice"] => x.matmul(w.slice_columns(0..2)),
        ["slice_assign"] => with_corner(x.matmul(w), v[2]).matmul(x),
        ["slice_assign", "complex"] => {
            let corner = w.slice_rows(0..1).slice_columns(0..1).reshape([1]) * v[2];
            with_corner(x.matmul(w), corner).matmul(x)
        }
        ["select"] => x.matmul(x.transpose()).matmul(x.gather(&[1, 0])),
        ["select_assign"] => x.matmul(x.transpose()).matmul(x + w.gather(&[1, 0])),
        ["embedding"] => batched(x.gather(&[0, 1, 1, 1]), w),
        ["expand"] => x.reshape([1, 4]).gather(&[0; 4]).mul_row(w).sum(),
        ["repeat_dim"] | ["repeat_dim", "multi"] => w.matmul(Var::concat_columns(&[x, x, x])),
        ["mask_fill"] => x.matmul(w).dropout(&[false, true, true, false], 0.0),
        ["abs"] => around(w.abs()),
        ["abs", "no_nans"] => x.matmul(w.abs()),
        ["sqrt"] => around(w.sqrt()),
        ["log"] => around(w.ln()),
        ["log1p"] => around(w.add_scalar(1.0).ln()),
        ["exp"] => x.matmul(w.exp()),
        ["powf_scalar"] => around(w.powf(0.4)),
        ["powf"] => (x.ln() * w).exp(),
        ["relu"] => relu(x.matmul(w)).matmul(w),
        ["sigmoid"] | ["sigmoid", "small"] => x.activation(Activation::Sigmoid),
        ["log_sigmoid"] => -(-x).activation(Activation::Softplus(1.0)),
        ["tanh"] => around(w.activation(Activation::Tanh)),
        ["erf"] => around(w.activation(Activation::Erf)),
        ["gelu"] => x.matmul(x.matmul(w.activation(Activation::Gelu))),
        ["softmax"] => x.matmul(w).softmax().matmul(w),
        ["log_softmax"] => x.matmul(w).log_softmax().matmul(w),
        ["cross_entropy"] => -(x.matmul(w).log_softmax() * v[2]).sum_columns().mean(),
        ["mse"] => x.matmul(w).mse(v[2]),
        ["layer_norm", "backward"] => x.matmul(w).layer_norm(v[2], v[3], 1e-5),
        ["layer_norm", which] => {
            let [gamma, beta] = plain(x, 10);
            x.reshape([1, 10]).layer_norm(gamma, beta, if *which == "forward" { 1e-5 } else { 0.1 })
        }
        ["rms_norm"] => x.rms_norm(plain(x, 3)[0], 1e-5),
        ["batch_norm"] | ["batch_norm", "grads"] => x.batch_norm(w, v[2], 1e-5).0,
        ["cross_entropy", "targets"] => x.cross_entropy(&[2, 0, 4, 1]),
        ["cross_entropy", "one_row"] => x.reshape([1, 3]).cross_entropy(&[0]),
        ["mse", "mean"] => x.mse(w),
        _ => panic!("unknown name: {name:?}"),
    }
}

#[test]
fn gradients_match_those_of_other_projects() {
    let wrong: Vec<_> = goldens().filter_map(|golden| check(&golden).err()).collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// candle's `grad_descent`: 100 steps in single precision, to the last digit.
#[test]
fn candle_gradient_descent() {
    let mut x = 0.0_f32;
    for _ in 0..100 {
        let tape = Tape::new();
        let leaf = tape.leaf(Tensor::scalar(x));
        let off = leaf.add_scalar(-4.2);
        x -= 0.1 * (off * off).backward().get(leaf).expect("x is used").item();
    }
    assert_eq!(x, 4.199999);
}

/// candle's `zero_matmul_grad`: products with an axis of size 0 are zero, and so are their gradients.
#[test]
fn candle_empty_products() {
    for (m, k, n) in [(2, 0, 3), (0, 2, 3), (2, 3, 0)] {
        let tape = Tape::<f64>::new();
        let (x, w) = (tape.leaf(Tensor::zeros([m, k])), tape.leaf(Tensor::zeros([k, n])));
        let y = x.matmul(w);
        let grads = y.sum().backward();
        assert_eq!((y.value(), grads.get(x)), (Tensor::zeros([m, n]), Some(&Tensor::zeros([m, k]))));
        assert_eq!(grads.get(w), Some(&Tensor::zeros([k, n])));
    }
}

#[test]
fn the_record_is_complete() {
    let names: Vec<_> = goldens().map(|golden| golden.name).collect();
    let of = |project: &str| names.iter().filter(|name| name.starts_with(project)).count();
    assert_eq!([of("micrograd"), of("candle"), of("burn")], [2, 33, 68]);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "every name is unique");
}

#[test]
fn other_numbers_are_rejected() {
    let golden = parse("candle simple_grad | digits\nin 3 1 4\ny 28.0 10.0 40.0\ngrad 11.0 7.0 13.0");
    assert_eq!(check(&golden), Ok(()));
    for (line, wrong) in [
        ("y 28.0 10.0 40.2\ngrad 11.0 7.0 13.0", "value"),
        ("y 28.0 10.0\ngrad 11.0 7.0 13.0", "value"),
        ("y 28.0 10.0 40.0\ngrad 11.0 7.1 13.0", "gradient 0"),
        ("grad 11.0 7.0 13.0 1.0", "gradient 0"),
    ] {
        let text = format!("candle simple_grad | digits\nin 3 1 4\n{line}");
        let error = check(&parse(&text)).unwrap_err();
        assert!(error.starts_with(&format!("candle simple_grad: {wrong} is ")), "{error}");
    }
    assert!(near(0.25, "0.2", Within::Digits) && !near(0.26, "0.2", Within::Digits));
    assert!(
        near(-9.11884e-4, "-9.1188e-04", Within::Digits) && !near(-9.1189e-4, "-9.1188e-04", Within::Digits)
    );
    assert!(!near(0.25 + 1e-16, "0.2", Within::Exactly) && !near(f64::NAN, "0.2", Within::Their(1.0, 1.0)));
}
