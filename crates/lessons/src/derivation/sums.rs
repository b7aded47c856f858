//! Sums of n independent products of standard normal numbers.

use cli::{Cell, Table};

use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;

/// Sums of each length.
const SUMS: usize = 20_000;

pub(crate) const ARTIFACT: Artifact = Artifact {
    id: "sums",
    title: "Sums of n products w·x of standard normal numbers",
    run: |lesson: &Lesson| {
        let mut table = Table::new(&[
            ("terms", "n"),
            ("std_theory", "std, √n"),
            ("std", "measured"),
            ("kurtosis_theory", "excess kurtosis, 6/n"),
            ("kurtosis", "measured"),
        ]);
        let mut source = lesson.source.generator(lesson.seed);
        for n in [1, 4, 16, 64, 256] {
            let (mut w, mut x) = (vec![0.0_f32; n], vec![0.0_f32; n]);
            let mut sums = Vec::with_capacity(SUMS);
            for _ in 0..SUMS {
                source.normal(0.0, 1.0, &mut w);
                source.normal(0.0, 1.0, &mut x);
                sums.push(w.iter().zip(&x).map(|(&w, &x)| f64::from(w) * f64::from(x)).sum::<f64>());
            }
            let moment = |power| sums.iter().map(|s| s.powi(power)).sum::<f64>() / SUMS as f64;
            table.push(vec![
                Cell::Count(n as u64),
                Cell::fixed((n as f64).sqrt(), 3),
                Cell::fixed(moment(2).sqrt(), 3),
                Cell::fixed(6.0 / n as f64, 2),
                Cell::fixed(moment(4) / moment(2).powi(2) - 3.0, 2),
            ]);
        }
        Output::table(table).notes([format!("{SUMS} sums of each length.")])
    },
};
