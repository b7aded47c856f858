//! A run from options: on the command line, or in a run file, one per line.

use std::path::Path;

use clap::{Args, Parser};
use cli::{Failure, files, shown};
use specimen::{Scaling, Scalings};

use super::run::{Biases, Run};
use crate::options::{InitOptions, Layers, NetworkOptions, check_network, set};

/// The options of one run: its differences from the run that it starts from.
#[derive(Args, Clone, Default, PartialEq)]
pub(crate) struct RunOptions {
    #[command(flatten)]
    network: NetworkOptions,

    /// The older form of --layers.
    #[arg(long, value_name = "UNITS", hide = true, conflicts_with = "layers")]
    hidden: Option<Layers>,

    #[command(flatten)]
    init: InitOptions,

    /// Biases, where they are not the scheme's: N(0, 1), or 0 without taking random numbers.
    #[arg(long, value_enum)]
    biases: Option<Biases>,

    /// Scaling of every weight: `/ sqrt(fan_in)`; `1` leaves the scheme's values.
    #[arg(long, value_name = "SCALING", allow_hyphen_values = true)]
    weights: Option<Scaling>,

    /// Scaling of every weight but the last, after --weights: `(5/3)`.
    #[arg(long, value_name = "SCALING", allow_hyphen_values = true, value_parser = gain)]
    gain: Option<Scaling>,

    /// Scaling of the last weight, or of the last γ where the logits are normalised.
    #[arg(long, value_name = "SCALING", allow_hyphen_values = true)]
    last: Option<Scaling>,

    /// Scaling of one parameter, after the others: `W2=0.01`, `b1=0`, `W1=(5/3)/sqrt(fan_in)`. May be repeated.
    #[arg(long, value_name = "NAME=SCALING", value_parser = named)]
    scale: Vec<(String, Scaling)>,

    /// Examples in a batch.
    #[arg(long)]
    batch: Option<usize>,

    /// Learning rate, with later ones behind the step that they begin at: `0.1,100000:0.01`.
    #[arg(long)]
    rates: Option<Rates>,

    /// Steps.
    #[arg(long)]
    steps: Option<u64>,

    /// Steps between two entries of the loss log.
    #[arg(long, value_name = "STEPS")]
    every: Option<u64>,
}

/// Learning rates, each from a step on.
#[derive(Clone, Debug, PartialEq)]
struct Rates(Vec<(u64, f64)>);

impl std::str::FromStr for Rates {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is not rates as 0.1 or 0.1,100000:0.01");
        let mut rates = Vec::new();
        for (at, part) in text.split(',').enumerate() {
            let (from, rate) = part.split_once(':').unwrap_or((if at == 0 { "0" } else { "" }, part));
            let from: u64 = from.trim().parse().map_err(|_| wrong())?;
            let rate: f64 = rate.trim().parse().map_err(|_| wrong())?;
            let later = rates.last().is_none_or(|&(before, _)| before < from);
            if !(rate.is_finite() && rate >= 0.0 && later) || (at == 0 && from != 0) {
                return Err(wrong());
            }
            rates.push((from, rate));
        }
        Ok(Self(rates))
    }
}

/// A gain of `5/3` is one number, as `gain = 5/3` is in a notebook, and not a product and a quotient.
fn gain(text: &str) -> Result<Scaling, String> {
    let quotient = text
        .split_once('/')
        .filter(|(above, below)| [above, below].iter().all(|part| part.trim().parse::<f64>().is_ok()));
    let text = if quotient.is_some() { format!("({text})") } else { text.to_owned() };
    text.parse().map_err(|error: specimen::ScalingError| error.to_string())
}

fn named(text: &str) -> Result<(String, Scaling), String> {
    let (name, scaling) = text.split_once('=').ok_or_else(|| format!("'{text}' is not NAME=SCALING"))?;
    let scaling = scaling.parse().map_err(|error: specimen::ScalingError| error.to_string())?;
    Ok((name.trim().to_owned(), scaling))
}

impl RunOptions {
    /// True if any option was given.
    pub(crate) fn any(&self) -> bool {
        *self != Self::default()
    }

    /// Changes a run as the options say. Another scheme starts from no scalings and from its own biases.
    pub(crate) fn apply(&self, run: &mut Run) -> Result<(), Failure> {
        // Every field is named, so that the compiler asks for the effect of a new one.
        let Self { network, hidden, init, biases, weights, gain, last, scale, batch, rates, steps, every } =
            self;
        set(&mut run.seed, network.seed);
        set(&mut run.network.hidden, hidden.clone().map(|layers| layers.0));
        network.apply(&mut run.network)?;
        if let Some(scheme) = init.scheme {
            (run.scheme, run.biases, run.scalings) = (scheme, None, Scalings::NONE);
        }
        run.biases = biases.or(run.biases);
        // A parameter that the network no longer has, as a bias that a normalisation replaced, is not scaled.
        let names: Vec<String> = run.network.plan().into_iter().map(|(name, ..)| name).collect();
        run.scalings.named.retain(|(name, _)| names.contains(name));
        set(&mut run.scalings.weights, weights.clone());
        set(&mut run.scalings.hidden, gain.clone());
        set(&mut run.scalings.last, last.clone());
        for (name, scaling) in scale {
            run.scalings.named.retain(|(other, _)| other != name);
            run.scalings.named.push((name.clone(), scaling.clone()));
        }
        set(&mut run.batch, *batch);
        set(&mut run.rates, rates.clone().map(|rates| rates.0));
        set(&mut run.steps, *steps);
        set(&mut run.every, *every);
        Ok(())
    }
}

/// The run, if it can be built and trained.
pub(crate) fn checked(run: Run) -> Result<Run, Failure> {
    check_network(&run.network, run.batch.max(1024))?;
    let sizes = [("batch", run.batch as u64), ("steps", run.steps), ("every", run.every)];
    if let Some((name, _)) = sizes.into_iter().find(|&(_, size)| size == 0) {
        return Err(Failure::new(format!("{name} is 0; it must be at least 1; see --help")));
    }
    let init = run.init()?;
    init.check(&run.network).map_err(|error| Failure::new(format!("{error}; see --help")))?;
    Ok(run)
}

/// The lines of a run file as a command line of their own.
#[derive(Parser)]
#[command(name = "run file", no_binary_name = true, disable_help_flag = true)]
struct Lines {
    #[command(flatten)]
    options: RunOptions,
}

/// The run that `--run` names: one of the lecture's, or a file of `option = value` lines that starts from `base`.
pub(crate) fn run(name: &str) -> Result<Run, Failure> {
    if let Some(run) = Run::find(name) {
        return Ok(run);
    }
    let path = Path::new(name);
    if !path.exists() {
        return Err(Failure::new(format!(
            "there is no run or run file '{name}'; the lecture's runs are {}",
            Run::names().join(", ")
        )));
    }
    let text = String::from_utf8(files::read(path, "name a run file")?)
        .map_err(|_| Failure::new(format!("{} is not UTF-8; a run file is text", shown(path))))?;
    from_text(&text, &shown(path))
}

/// A run from the text of a run file. Its first line may be `run = NAME`, the run that it starts from; `deep` if not.
///
/// # Panics
/// Never: the lecture has the run `deep`.
pub fn from_text(text: &str, place: &str) -> Result<Run, Failure> {
    let mut run = Run::find("deep").expect("the lecture has this run");
    let mut words: Vec<String> = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let text = text.split('#').next().unwrap_or("").trim();
        if text.is_empty() {
            continue;
        }
        let wrong = |what: &str| Failure::new(format!("{place}, line {line}: {what}"));
        let (key, value) = text.split_once('=').ok_or_else(|| wrong("a line is 'option = value'"))?;
        let (key, value) = (key.trim(), value.trim());
        if key == "run" {
            let known =
                || wrong(&format!("no run is called '{value}'; there are {}", Run::names().join(", ")));
            run = Run::find(value).ok_or_else(known)?;
            continue;
        }
        let word = format!("--{key}={value}");
        // Alone first, so that a mistake has its line.
        Lines::try_parse_from([&word]).map_err(|error| wrong(&Failure::usage(&error).to_string()))?;
        words.push(word);
    }
    let options = Lines::try_parse_from(&words)
        .map_err(|error| Failure::new(format!("{place}: {}", Failure::usage(&error))))?;
    options.options.apply(&mut run).map_err(|error| Failure::new(format!("{place}: {error}")))?;
    run.name =
        Path::new(place).file_stem().map_or(place.to_owned(), |stem| stem.to_string_lossy().into_owned());
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_what_its_text_says() {
        for run in Run::all() {
            let read = from_text(&run.to_string(), "run.txt").unwrap();
            assert_eq!(Run { name: run.name.clone(), ..read }, run, "{run}");
        }
    }

    #[test]
    fn a_file_changes_what_it_starts_from() {
        let text = "run = shallow-tanh\n\n# half of the first layer\nscale = W1=0.1 # not 0.2\nnorm = all\n";
        let run = from_text(text, "dir/half.txt").unwrap();
        assert_eq!(run.name, "half");
        let scaled: Vec<String> =
            run.scalings.named.iter().map(|(name, scaling)| format!("{name} {scaling}")).collect();
        // A normalised product has no bias to scale.
        assert_eq!(scaled, ["W2 * 0.01", "W1 * 0.1"]);
        assert_eq!(run.network.norm, Some(specimen::Norm::LECTURE));
    }

    #[test]
    fn another_scheme_starts_from_no_scalings_and_its_own_biases() {
        let run = |text: &str| from_text(text, "run.txt").and_then(checked);
        let plain = run("run = deep-norm\nscheme = torch.linear").unwrap();
        assert_eq!((&plain.scalings, plain.biases), (&Scalings::NONE, None));
        assert_ne!(plain.init().unwrap().bias, nn_init::Scheme::ZEROS);
        let scaled = run("scheme = orthogonal\ngain = 5/3\nbiases = randn").unwrap();
        assert_eq!(scaled.scalings.hidden, "(5/3)".parse().unwrap());
        assert_eq!(scaled.init().unwrap().bias, nn_init::Scheme::STANDARD_NORMAL);
        for run in [plain, scaled] {
            assert_eq!(from_text(&run.to_string(), "run.txt").unwrap(), run);
        }
        let refused = |text: &str| run(text).unwrap_err().to_string();
        assert!(refused("scheme = kaimin").starts_with("run.txt, line 1: "));
        assert!(refused("scheme = xavier-textbook\nactivation = gelu").contains("PyTorch's gain"));
        assert!(refused("scheme = dirac(7)").contains("it needs a kernel"));
    }

    #[test]
    fn a_normalised_product_keeps_its_bias_on_request() {
        let run = |text: &str| from_text(text, "run.txt");
        let with = run("run = shallow-norm\nnorm-bias = true\nscale = b1=0.01").unwrap();
        let names: Vec<String> = with.network.plan().into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, ["C", "W1", "b1", "gamma1", "beta1", "W2", "b2"]);
        assert_eq!(from_text(&with.to_string(), "run.txt").unwrap(), with);
        assert!(checked(with).is_ok());
        let without = run("run = shallow-norm\nscale = b1=0.01").and_then(checked).unwrap_err();
        assert!(without.to_string().starts_with("cannot scale 'b1'"), "{without}");
        let nothing = run("run = deep\nnorm-bias = true").unwrap_err().to_string();
        assert_eq!(
            nothing,
            "run.txt: norm-bias is about a normalised product, and there is none; add --norm hidden or --norm all"
        );
    }

    /// Run files and checkpoints from before runs had a scheme and `layers`.
    #[test]
    fn an_older_text_is_still_read() {
        for run in Run::all() {
            let text = run.to_string().replace("layers = ", "hidden = ").replace("scheme = random\n", "");
            let text = text.replace("norm-bias = false\n", "");
            assert!(text != run.to_string());
            let read = from_text(&text, "run.txt").unwrap();
            assert_eq!(Run { name: run.name.clone(), ..read }, run, "{text}");
        }
    }

    #[test]
    fn rates_are_read() {
        let rates = |text: &str| text.parse::<Rates>().map(|rates| rates.0);
        assert_eq!(rates("0.1"), Ok(vec![(0, 0.1)]));
        assert_eq!(rates("0:0.1,5:1e-2"), Ok(vec![(0, 0.1), (5, 0.01)]));
        for wrong in ["", "0.1,0.2", "5:0.1", "0.1,7:0.2,7:0.3", "nan", "0.1,2:inf"] {
            assert!(rates(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_gain_of_a_quotient_is_one_number() {
        assert_eq!(gain("5/3").unwrap(), gain("(5/3)").unwrap());
        assert_eq!(gain("5/3").unwrap().factor(1), 5.0 / 3.0);
        assert_eq!(gain("2 / sqrt(fan_in)").unwrap().factor(16), 0.5);
    }
}
