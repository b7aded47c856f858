//! Our side: each work through the public interface of our crates, as a job that has all it needs.

mod ensemble;
mod fma;
mod passes;
mod values;

use std::io;
use std::path::{Path, PathBuf};

use clap::Parser;
use cli::{Failure, Outcome};
use shared::{DataFiles, Fallible, Job, Work};

/// Answer the comparison's requests on stdin and stdout.
#[derive(Parser)]
#[command(name = "compare serve")]
pub(crate) struct Serve {
    /// The directory of the data files.
    data: PathBuf,
}

/// Serves until stdin ends.
pub(crate) fn command(options: &Serve) -> Result<Outcome, Failure> {
    let version = concat!("Step Zero ", env!("CARGO_PKG_VERSION"));
    let prepare = |work| prepare(work, &options.data).map(Some);
    shared::serve(version, io::stdin().lock(), io::stdout().lock(), prepare)
        .map_err(|error| Failure::new(format!("the comparison has ended: {error}")))?;
    Ok(Outcome::clean(""))
}

/// Makes a work ready from the data files of a directory.
fn prepare(work: Work, directory: &Path) -> Fallible<Box<dyn Job>> {
    let data = DataFiles::at(directory);
    Ok(match work {
        Work::Fma => Box::new(fma::FmaJob::default()),
        Work::Step(width, depth) => Box::new(passes::StepJob::read(&data, width, depth)?),
        Work::Forward(width, depth) => Box::new(passes::ForwardJob::read(&data, width, depth)?),
        Work::Train => Box::new(passes::TrainJob::read(&data)?),
        Work::Ensemble(seeds, threads) => Box::new(ensemble::EnsembleJob::new(seeds, threads)?),
        Work::Normals => Box::new(values::DrawJob::normals()),
        Work::Uniforms => Box::new(values::DrawJob::uniforms()),
        Work::Tanh => Box::new(values::TanhJob::read(&data)?),
        Work::Statistics => Box::new(values::StatisticsJob::read(&data)?),
        Work::Product(side) => Box::new(values::ProductJob::read(&data, side)?),
    })
}

#[cfg(test)]
mod tests {
    use shared::Work;
    use tempfile::TempDir;

    use super::prepare;
    use crate::networks::network;

    #[test]
    fn every_work_gives_finite_numbers() {
        let directory = TempDir::new().unwrap();
        // The widest, and whole ensembles, take seconds of a test that is not about them.
        let quick = |work: &Work| match work {
            Work::Ensemble(..) => false,
            work => network(*work).is_none_or(|network| network.hidden[0] <= 200),
        };
        let few = [Work::Ensemble(3, 1), Work::Ensemble(3, 2)];
        let works: Vec<Work> = Work::all().into_iter().filter(quick).chain(few).collect();
        crate::data::write(directory.path(), &works).unwrap();
        for work in works {
            let mut job = prepare(work, directory.path()).unwrap();
            let mut numbers = || {
                job.round().unwrap();
                job.numbers().unwrap()
            };
            let (first, second) = (numbers(), numbers());
            assert!(!first.is_empty() && first.iter().all(|x| x.is_finite()), "{work}: {first:?}");
            assert_eq!(first, second, "{work} in its second round");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let directory = TempDir::new().unwrap();
        let Err(error) = prepare(Work::Tanh, directory.path()) else { panic!("there is no file") };
        assert!(error.to_string().contains("normals.f32"), "{error}");
    }
}
