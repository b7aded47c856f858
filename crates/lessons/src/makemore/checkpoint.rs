//! An interrupted run as a file, from which it goes on to the same digits.

use std::collections::HashMap;
use std::path::Path;

use cli::{Failure, files, shown};
use diagnostics::Updates;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use tensor::Tensor;
use torch_rng::Generator;

use super::corpus::Corpus;
use super::options;
use super::run::Run;
use super::training::Training;

/// The format that the file states, with its version.
const FORMAT: &str = "step-zero run 1";
const FRESH: &str = "start the run anew without --resume";

impl Training {
    /// Writes everything that the further digits depend on, and what was shown so far: parameters by their names,
    /// running statistics, the generator's state in PyTorch's bytes, losses and update ratios; the run as text and the
    /// sum of the words as metadata.
    pub(crate) fn save(&self, path: &Path, corpus: &Corpus) -> Result<(), Failure> {
        let parts = self.parts();
        let views = parts.iter().map(|(name, dtype, shape, bytes)| {
            let view = TensorView::new(*dtype, shape.clone(), bytes).expect("shapes fit their bytes");
            (name.clone(), view)
        });
        let about = [
            ("format", FORMAT.to_owned()),
            ("name", self.run.name.clone()),
            ("run", self.run.to_string()),
            ("words", corpus.sha256.clone()),
        ];
        let about: HashMap<String, String> = about.map(|(key, value)| (key.to_owned(), value)).into();
        let bytes = safetensors::serialize(views.collect::<Vec<_>>(), Some(about))
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", shown(path))))?;
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| Failure::new(format!("{} is no file name", shown(path))))?;
        files::write_all(directory.unwrap_or(Path::new(".")), &[(name.to_owned(), bytes)])
    }

    fn parts(&self) -> Vec<(String, Dtype, Vec<usize>, Vec<u8>)> {
        let mut parts = Vec::new();
        let f32s = |values: &[f32]| values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
        let mut tensor = |name: String, tensor: &Tensor| {
            parts.push((name, Dtype::F32, tensor.shape().dims().to_vec(), f32s(tensor.data())));
        };
        for parameter in &self.model.parameters.0 {
            tensor(parameter.name.clone(), &parameter.value);
        }
        for (at, running) in self.model.running.iter().enumerate() {
            tensor(format!("running_mean{}", at + 1), &running.mean);
            tensor(format!("running_spread{}", at + 1), &running.spread);
        }
        let state = self.generator.state();
        parts.push(("generator".to_owned(), Dtype::U8, vec![state.len()], state));
        parts.push(("losses".to_owned(), Dtype::F32, vec![self.losses.len()], f32s(&self.losses)));
        let rows = &self.updates.rows;
        let ratios = rows.iter().flat_map(|(_, ratios)| ratios.iter().flat_map(|x| x.to_le_bytes()));
        let shape = vec![rows.len(), self.updates.names.len()];
        parts.push(("updates".to_owned(), Dtype::F64, shape, ratios.collect()));
        parts
    }

    /// Reads what [`save`](Self::save) wrote, for the words that it was trained by.
    pub(crate) fn load(path: &Path, corpus: &Corpus) -> Result<Self, Failure> {
        let place = shown(path);
        let bytes = files::read(path, "name a checkpoint that an interrupted run left")?;
        Self::from_bytes(&bytes, corpus, &place).map_err(|error| {
            Failure::new(format!("{place} is no checkpoint to go on from: {error}; {FRESH}"))
        })
    }

    fn from_bytes(bytes: &[u8], corpus: &Corpus, place: &str) -> Result<Self, String> {
        let text = |error: safetensors::SafeTensorError| error.to_string();
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(text)?;
        let file = SafeTensors::deserialize(bytes).map_err(text)?;
        let about = header.metadata().as_ref().ok_or("it has no metadata")?;
        let get = |key: &str| about.get(key).ok_or(format!("its metadata has no '{key}'"));
        let format = get("format")?;
        if format != FORMAT {
            return Err(format!("its format is '{format}', not '{FORMAT}'"));
        }
        if *get("words")? != corpus.sha256 {
            return Err("it was trained by other words".to_owned());
        }
        let run = options::from_text(get("run")?, place).map_err(|error| error.to_string())?;
        let run =
            options::checked(Run { name: get("name")?.clone(), ..run }).map_err(|error| error.to_string())?;
        Self::filled(run, corpus, &file)
    }

    /// The run before its first step, and every value from the file.
    fn filled(run: Run, corpus: &Corpus, file: &SafeTensors<'_>) -> Result<Self, String> {
        let mut training = Self::new(run, corpus);
        let floats = |name: &str, count: Option<usize>| -> Result<Vec<f32>, String> {
            let view = part(file, name, Dtype::F32)?;
            let floats: Vec<f32> =
                view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
            match count {
                Some(count) if count != floats.len() => {
                    Err(format!("'{name}' has {} values, not {count}", floats.len()))
                }
                _ => Ok(floats),
            }
        };
        let fill = |name: &str, tensor: &mut Tensor| {
            let values = floats(name, Some(tensor.shape().numel()))?;
            tensor.data_mut().copy_from_slice(&values);
            Ok::<(), String>(())
        };
        for parameter in &mut training.model.parameters.0 {
            fill(&parameter.name, &mut parameter.value)?;
        }
        for (at, running) in training.model.running.iter_mut().enumerate() {
            fill(&format!("running_mean{}", at + 1), &mut running.mean)?;
            fill(&format!("running_spread{}", at + 1), &mut running.spread)?;
        }
        let state = part(file, "generator", Dtype::U8)?;
        training.generator = Generator::from_state(state.data()).map_err(|error| error.to_string())?;
        training.losses = floats("losses", None)?;
        training.updates = updates(&part(file, "updates", Dtype::F64)?, training.updates.names)?;
        Ok(training)
    }
}

fn part<'a>(file: &SafeTensors<'a>, name: &str, dtype: Dtype) -> Result<TensorView<'a>, String> {
    let view = file.tensor(name).map_err(|_| format!("it has no '{name}'"))?;
    if view.dtype() == dtype {
        Ok(view)
    } else {
        Err(format!("'{name}' is {:?}, not {dtype:?}", view.dtype()))
    }
}

fn updates(view: &TensorView<'_>, names: Vec<String>) -> Result<Updates, String> {
    let numbers: Vec<f64> = view
        .data()
        .chunks_exact(8)
        .map(|b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]))
        .collect();
    if !numbers.len().is_multiple_of(names.len()) {
        return Err(format!("'updates' are not rows of {}", names.len()));
    }
    let rows = (0..).zip(numbers.chunks(names.len()).map(<[f64]>::to_vec)).collect();
    Ok(Updates { names, rows })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::makemore::names::Names;
    use specimen::lesson::NAMES;

    fn corpus() -> Corpus {
        Corpus::of(&Names::of(&NAMES)).unwrap()
    }

    /// Small, and with everything that a run can have.
    fn run() -> Run {
        run_with("keeps = deviation\nscale = W2=(1/2) / sqrt(fan_in)")
    }

    fn run_with(lines: &str) -> Run {
        let text = format!("run = deep-norm\nlayers = 9,7\n{lines}\nrates = 0.1,25:0.01\nsteps = 40");
        options::from_text(&text, "small").unwrap()
    }

    #[test]
    fn a_scheme_and_a_bias_before_a_norm_are_kept() {
        let (corpus, directory) = (corpus(), tempfile::tempdir().unwrap());
        let (train, path) = (corpus.splits(3).train, directory.path().join("run.safetensors"));
        let run = run_with("scheme = orthogonal\nnorm-bias = true\nbiases = randn");
        let part = Training::new(run.clone(), &corpus).run(&train, |training| training.step() < 7).training;
        assert!(part.model.parameters.get("b3").is_some());
        part.save(&path, &corpus).unwrap();
        assert_eq!(Training::load(&path, &corpus).unwrap(), part);
        // A checkpoint of another network is told apart.
        Training::new(run_with("norm-bias = false"), &corpus).save(&path, &corpus).unwrap();
        assert_ne!(Training::load(&path, &corpus).unwrap().run, run);
    }

    #[test]
    fn a_run_goes_on_to_the_same_bits() {
        let (corpus, directory) = (corpus(), tempfile::tempdir().unwrap());
        let train = corpus.splits(3).train;
        let whole = Training::new(run(), &corpus).run(&train, |_| true);
        for stop in [0, 1, 17, 39, 40] {
            let part = Training::new(run(), &corpus).run(&train, |training| training.step() < stop).training;
            assert_eq!(part.step(), stop);
            let path = directory.path().join("run.safetensors");
            part.save(&path, &corpus).unwrap();
            let resumed = Training::load(&path, &corpus).unwrap();
            assert_eq!(resumed, part);
            assert_eq!(resumed.run(&train, |_| true).training, whole.training, "stopped at {stop}");
        }
    }

    #[test]
    fn another_state_is_told_apart() {
        let corpus = corpus();
        let train = corpus.splits(3).train;
        let one = Training::new(run(), &corpus).run(&train, |training| training.step() < 7).training;
        let mut other = one.clone();
        other.draw(&train);
        assert_ne!(one, other, "a batch drawn");
        let mut other = one.clone();
        other.model.running[1].mean.data_mut()[0] += 1e-6;
        assert_ne!(one, other, "a running mean moved");
    }

    #[test]
    fn what_is_no_checkpoint_gets_one_line() {
        let (corpus, directory) = (corpus(), tempfile::tempdir().unwrap());
        let path = directory.path().join("run.safetensors");
        let refused = |bytes: &[u8], corpus: &Corpus| {
            std::fs::write(&path, bytes).unwrap();
            let text = Training::load(&path, corpus).unwrap_err().to_string();
            let text = text.split_once("go on from: ").unwrap().1.to_owned();
            assert!(text.ends_with("; start the run anew without --resume"), "{text}");
            text
        };
        Training::new(run(), &corpus).save(&path, &corpus).unwrap();
        let good = std::fs::read(&path).unwrap();
        for end in [0, 7, 20, good.len() / 2, good.len() - 1] {
            refused(&good[..end], &corpus);
        }
        let other = Corpus::of(&Names::of(&["emma", "ava", "mia", "olivia", "sophia"])).unwrap();
        assert_eq!(
            refused(&good, &other),
            "it was trained by other words; start the run anew without --resume"
        );
        let replaced = |from: &str, to: &str| {
            let at = good.windows(from.len()).position(|part| part == from.as_bytes()).unwrap();
            [&good[..at], to.as_bytes(), &good[at + from.len()..]].concat()
        };
        let newer = refused(&replaced("step-zero run 1", "step-zero run 2"), &corpus);
        assert!(newer.starts_with("its format is 'step-zero run 2', not 'step-zero run 1'"), "{newer}");
        let larger = refused(&replaced("layers = 9,7", "layers = 9,8"), &corpus);
        assert!(larger.starts_with("'W2' has 63 values, not 72"), "{larger}");
        let missing = refused(&replaced("\"beta2\"", "\"bets2\""), &corpus);
        assert!(missing.starts_with("it has no 'beta2'"), "{missing}");
    }
}
