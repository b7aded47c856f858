//! Both ends of the spectrum of a symmetric matrix that is given by its products, by Lanczos' iteration (Golub & Van Loan,
//! *Matrix Computations*, 10.1 and 10.3).

use tensor::Tensor;

/// An eigenvalue as Lanczos' iteration finds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RitzValue {
    /// The Ritz value θ, `yᵀAy` of a unit vector y.
    pub value: f64,
    /// The residual `‖Ay − θy‖ = |β·s|`, with the last β and the last component s of θ's eigenvector in the tridiagonal
    /// matrix. Besides roundings of size ε·‖A‖, an eigenvalue of A is at most that far from θ.
    ///
    /// It does not say that this eigenvalue is the outermost: that one is not found from a start to which its eigenvector
    /// is orthogonal. θ is never outside the spectrum, so the true end is at θ or beyond it.
    pub residual: f64,
}

/// Both ends of a spectrum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpectrumEnds {
    /// The smallest eigenvalue.
    pub smallest: RitzValue,
    /// The largest eigenvalue.
    pub largest: RitzValue,
    /// Products with the matrix that it took.
    pub products: usize,
}

impl SpectrumEnds {
    /// True if both residuals are at most `tolerance·max |λ|`.
    pub fn converged(&self, tolerance: f64) -> bool {
        let size = self.smallest.value.abs().max(self.largest.value.abs());
        self.smallest.residual <= tolerance * size && self.largest.residual <= tolerance * size
    }
}

/// The ends of the spectrum of the symmetric matrix A, from `start` by products `A·v`, until they have
/// [`converged`](SpectrumEnds::converged) to the tolerance, or after `limit` products. All are NaN if a product is not
/// finite, if the start is 0 or empty, or if the limit is 0. Squares of products must neither overflow nor vanish.
///
/// Every new direction is made orthogonal to all before it, twice: without that, roundings bring copies of eigenvalues that
/// have converged, and the residuals are no bounds.
///
/// ```
/// use specimen::lanczos;
/// let diagonal = [-3.0, 1.0, 2.0];
/// let ends = lanczos(&[1.0, 1.0, 1.0], 1e-12, 10, |v| v.iter().zip(diagonal).map(|(v, d)| v * d).collect());
/// assert!((ends.smallest.value + 3.0).abs() < 1e-14 && (ends.largest.value - 2.0).abs() < 1e-14);
/// assert_eq!(ends.products, 3);
/// ```
///
/// # Panics
/// Panics if a product has not the length of the start.
#[track_caller]
pub fn lanczos(
    start: &[f64],
    tolerance: f64,
    limit: usize,
    mut product: impl FnMut(&[f64]) -> Vec<f64>,
) -> SpectrumEnds {
    let nothing = RitzValue { value: f64::NAN, residual: f64::NAN };
    let mut ends = SpectrumEnds { smallest: nothing, largest: nothing, products: 0 };
    let (mut basis, mut diagonal, mut beside) = (Vec::new(), Vec::new(), Vec::new());
    let mut next = row(start.to_vec());
    let mut beta = norm(&next);
    // As many products as there are dimensions find all eigenvalues.
    while ends.products < limit.min(start.len()) && beta > 0.0 {
        let direction = next.scale(beta.recip());
        next = row(product(direction.data()));
        assert!(
            next.data().len() == start.len(),
            "lanczos: a product has {} values, not {}",
            next.data().len(),
            start.len()
        );
        let alpha = dot(&direction, &next);
        let size = norm(&next);
        basis.push(direction);
        for _ in 0..2 {
            for before in &basis {
                next = next.sub(&before.scale(dot(before, &next)));
            }
        }
        beta = norm(&next);
        if !(alpha.is_finite() && beta.is_finite()) {
            return SpectrumEnds { smallest: nothing, largest: nothing, products: ends.products + 1 };
        }
        diagonal.push(alpha);
        ends = found(&diagonal, &beside, beta);
        // What is left of a product inside of the basis is its rounding.
        if ends.converged(tolerance) || beta <= f64::EPSILON * size {
            break;
        }
        beside.push(beta);
    }
    ends
}

/// The ends of the spectrum of a tridiagonal matrix, with the residuals for the next β.
fn found(diagonal: &[f64], beside: &[f64], beta: f64) -> SpectrumEnds {
    let (values, last) = tridiagonal(diagonal, beside);
    let end = |better: fn(&f64, &f64) -> bool| {
        let at =
            (1..values.len()).fold(0, |best, at| if better(&values[at], &values[best]) { at } else { best });
        RitzValue { value: values[at], residual: (beta * last[at]).abs() }
    };
    SpectrumEnds { smallest: end(f64::lt), largest: end(f64::gt), products: diagonal.len() }
}

/// The eigenvalues of a symmetric tridiagonal matrix, in no order, and the last component of the unit eigenvector of each:
/// implicit QL with Wilkinson's shift (Golub & Van Loan 8.3), whose rotations are applied to the last row only.
fn tridiagonal(diagonal: &[f64], beside: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let n = diagonal.len();
    let (mut d, mut e, mut last) = (diagonal.to_vec(), beside.to_vec(), vec![0.0; n]);
    e.push(0.0);
    last[n - 1] = 1.0;
    let negligible =
        |d: &[f64], e: &[f64], at: usize| e[at].abs() <= f64::EPSILON * (d[at].abs() + d[at + 1].abs());
    for first in 0..n {
        loop {
            let end = (first..n - 1).find(|&at| negligible(&d, &e, at)).unwrap_or(n - 1);
            if end == first {
                break;
            }
            sweep(&mut d, &mut e, &mut last, first, end);
        }
    }
    (d, last)
}

/// One implicit QL step on the rows `first..=end`, whose outer neighbours are 0.
fn sweep(d: &mut [f64], e: &mut [f64], last: &mut [f64], first: usize, end: usize) {
    let slope = (d[first + 1] - d[first]) / (2.0 * e[first]);
    let mut g = d[end] - d[first] + e[first] / (slope + slope.hypot(1.0).copysign(slope));
    let (mut sine, mut cosine, mut shift) = (1.0, 1.0, 0.0);
    for at in (first..end).rev() {
        let (f, b) = (sine * e[at], cosine * e[at]);
        let r = f.hypot(g);
        e[at + 1] = r;
        if r == 0.0 {
            // The matrix has split here.
            d[at + 1] -= shift;
            e[end] = 0.0;
            return;
        }
        (sine, cosine) = (f / r, g / r);
        g = d[at + 1] - shift;
        let r = (d[at] - g) * sine + 2.0 * cosine * b;
        shift = sine * r;
        d[at + 1] = g + shift;
        g = cosine * r - b;
        (last[at], last[at + 1]) =
            (cosine * last[at] - sine * last[at + 1], sine * last[at] + cosine * last[at + 1]);
    }
    d[first] -= shift;
    e[first] = g;
    e[end] = 0.0;
}

fn row(values: Vec<f64>) -> Tensor<f64> {
    let n = values.len();
    Tensor::from_vec(values, [n]).expect("one axis")
}

fn dot(a: &Tensor<f64>, b: &Tensor<f64>) -> f64 {
    a.mul(b).sum()
}

fn norm(a: &Tensor<f64>) -> f64 {
    dot(a, a).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A start of one size in all directions.
    fn start(n: usize) -> Vec<f64> {
        (0..n).map(|i| if (i * i / 3) % 2 == 0 { 1.0 } else { -1.1 }).collect()
    }

    /// Products with `Q·D·Q`, where Q = I − 2uuᵀ: a matrix with the eigenvalues of D and no zeros.
    fn with_spectrum(spectrum: &[f64]) -> impl FnMut(&[f64]) -> Vec<f64> {
        let n = spectrum.len() as f64;
        let u: Vec<f64> = (0..spectrum.len()).map(|i| (1.0 + (i as f64).sin()) / 2.0).collect();
        let size: f64 = u.iter().map(|u| u * u).sum::<f64>().max(n * f64::MIN_POSITIVE);
        let reflect = move |x: &[f64]| -> Vec<f64> {
            let along = 2.0 * u.iter().zip(x).map(|(u, x)| u * x).sum::<f64>() / size;
            u.iter().zip(x).map(|(u, x)| x - along * u).collect()
        };
        let spectrum = spectrum.to_vec();
        move |x| {
            let inside: Vec<f64> = reflect(x).iter().zip(&spectrum).map(|(x, d)| x * d).collect();
            reflect(&inside)
        }
    }

    /// The distance of the nearest eigenvalue.
    fn nearest(spectrum: &[f64], value: f64) -> f64 {
        spectrum.iter().fold(f64::INFINITY, |least, x| least.min((x - value).abs()))
    }

    fn spectra() -> Vec<(&'static str, Vec<f64>)> {
        let line = |n: usize, from: f64, to: f64| {
            (0..n).map(move |i| from + (to - from) * i as f64 / (n - 1) as f64)
        };
        vec![
            ("one", vec![-2.5]),
            ("zero", vec![0.0; 6]),
            ("rank one", [vec![0.0; 9], vec![7.0]].concat()),
            ("negative rank one", [vec![-7.0], vec![0.0; 9]].concat()),
            ("identity", vec![3.0; 8]),
            ("indefinite", line(60, -4.0, 5.0).collect()),
            ("equal ends", line(61, -1.0, 1.0).collect()),
            (
                "clusters",
                line(20, 0.99, 1.0).chain(line(20, -1.0, -0.999_999)).chain(line(20, 0.0, 1e-9)).collect(),
            ),
            ("one outside", line(80, 0.0, 1.0).chain([1e6]).collect()),
            ("small", line(30, -1e-100, 2e-100).collect()),
        ]
    }

    #[test]
    fn both_ends_of_known_spectra_are_found() {
        for (name, spectrum) in spectra() {
            let (least, most) =
                spectrum.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &x| (a.min(x), b.max(x)));
            let ends = lanczos(&start(spectrum.len()), 1e-10, 200, with_spectrum(&spectrum));
            assert!(ends.converged(1e-10) && ends.products <= spectrum.len(), "{name}: {ends:?}");
            // The residual, and the roundings of products and of orthogonalisation: a few ε per dimension.
            let size = least.abs().max(most.abs());
            let rounding = 8.0 * spectrum.len() as f64 * f64::EPSILON * size;
            for (end, exact) in [(ends.smallest, least), (ends.largest, most)] {
                assert!((end.value - exact).abs() <= end.residual + rounding, "{name}: {end:?} for {exact}");
            }
        }
    }

    /// At every number of products, converged or not, an eigenvalue is within the residual, and no end is outside.
    #[test]
    fn residuals_bound_the_distance_to_an_eigenvalue() {
        for (name, spectrum) in spectra() {
            let size = spectrum.iter().fold(0.0_f64, |size, x| size.max(x.abs()));
            let rounding = 8.0 * spectrum.len() as f64 * f64::EPSILON * size;
            for limit in 1..=spectrum.len() {
                let ends = lanczos(&start(spectrum.len()), 0.0, limit, with_spectrum(&spectrum));
                for end in [ends.smallest, ends.largest] {
                    let off = nearest(&spectrum, end.value);
                    assert!(off <= end.residual + rounding, "{name} after {limit}: {end:?} is {off} off");
                }
            }
        }
    }

    #[test]
    fn an_unconverged_run_says_so() {
        let (_, spectrum) = spectra().swap_remove(5);
        let [few, many] = [5, 60].map(|limit| lanczos(&start(60), 1e-9, limit, with_spectrum(&spectrum)));
        assert!(!few.converged(1e-9) && many.converged(1e-9), "{few:?} {many:?}");
        assert!((few.largest.value - 5.0).abs() > 1e-3 && few.largest.residual > 1e-2, "{few:?}");
        assert!(few.largest.residual > 1e3 * many.largest.residual, "{few:?} {many:?}");
    }

    #[test]
    fn what_is_not_finite_is_nan() {
        let ends = lanczos(&[1.0, 2.0], 1e-9, 9, |v| vec![f64::INFINITY; v.len()]);
        assert!(ends.smallest.value.is_nan() && ends.largest.residual.is_nan() && !ends.converged(1.0));
        for start in [&[][..], &[0.0, 0.0]] {
            assert!(lanczos(start, 1e-9, 9, <[f64]>::to_vec).largest.value.is_nan());
        }
    }
}
