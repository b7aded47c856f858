//! Both ends of the spectra of the Hessian and of the Gauss–Newton matrix against all eigenvalues in PyTorch, which
//! `reference/make.py` records.

use specimen::{Batch, Curvature, Generator, Model, SpectrumEnds};

use crate::reference::Paragraph;

const RECORDED: &str = include_str!("reference/curvature.txt");

/// One recorded network with all eigenvalues.
struct Case {
    model: Model<f64>,
    batch: Batch,
    spectra: [(Curvature, Vec<f64>); 2],
}

fn case(paragraph: &'static str) -> Case {
    let paragraph = Paragraph(paragraph);
    Case {
        model: paragraph.model(),
        batch: paragraph.batches().swap_remove(0),
        spectra: [
            (Curvature::Hessian, paragraph.numbers("hessian")),
            (Curvature::GaussNewton, paragraph.numbers("gauss_newton")),
        ],
    }
}

fn cases() -> Vec<Case> {
    let cases: Vec<_> = RECORDED.split("\n\n").skip(1).map(case).collect();
    assert_eq!(cases.len(), 3, "the record is truncated");
    cases
}

/// True if both ends are PyTorch's within the tolerance, in units of the larger end.
fn agrees(ends: &SpectrumEnds, spectrum: &[f64], tolerance: f64) -> bool {
    let [least, .., most] = spectrum else { panic!("one eigenvalue") };
    let size = least.abs().max(most.abs());
    (ends.smallest.value - least).abs() <= tolerance * size
        && (ends.largest.value - most).abs() <= tolerance * size
}

/// The eigenvalues of PyTorch are good to 1e-14 of the largest, products to a few hundred roundings.
const TOLERANCE: f64 = 1e-8;

#[test]
fn both_ends_are_pytorchs() {
    for Case { model, batch, spectra } in cases() {
        for (of, spectrum) in spectra {
            assert_eq!(spectrum.len(), model.parameters.count());
            for seed in 0..3 {
                let ends = model.curvature(of, &batch, TOLERANCE, 500, &mut Generator::manual_seed(seed));
                assert!(ends.converged(TOLERANCE) && agrees(&ends, &spectrum, TOLERANCE), "{of:?}: {ends:?}");
            }
        }
    }
}

#[test]
fn what_has_not_converged_is_rejected() {
    for Case { model, batch, spectra } in cases() {
        let [(hessian, spectrum), (gauss_newton, other)] = spectra;
        let ends = |of, limit| model.curvature(of, &batch, TOLERANCE, limit, &mut Generator::manual_seed(0));
        let few = ends(hessian, 3);
        assert!(!few.converged(TOLERANCE) && !agrees(&few, &spectrum, TOLERANCE), "{few:?}");
        assert!(!agrees(&ends(hessian, 500), &other, 1e-2), "the Hessian is not the Gauss–Newton matrix");
        assert!(!agrees(&ends(gauss_newton, 500), &spectrum, 1e-2), "nor the other way round");
        // The residual bounds the distance to an eigenvalue, converged or not.
        for limit in 1..12 {
            let end = ends(hessian, limit).largest;
            let off = spectrum.iter().fold(f64::INFINITY, |least, x| least.min((x - end.value).abs()));
            assert!(off <= end.residual + 1e-12, "{end:?} after {limit} products is {off} off");
        }
    }
}

/// The curvature of all data is that of its parts: 1,200 copies of each example, in several parts, have the same loss.
#[test]
fn data_in_parts_has_the_curvature_of_the_whole() {
    let Case { model, batch, spectra } = cases().swap_remove(0);
    let many = Batch { inputs: batch.inputs.repeat(1200), targets: batch.targets.repeat(1200) };
    for (of, spectrum) in spectra {
        let ends = model.curvature(of, &many, 1e-6, 100, &mut Generator::manual_seed(0));
        assert!(agrees(&ends, &spectrum, 1e-6), "{of:?}: {ends:?}");
    }
}
