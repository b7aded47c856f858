//! A run from options: on the command line, or in a run file, one a line.

use std::path::Path;

use clap::{Args, Parser, ValueEnum};
use specimen::{Norm, Scaling, Spread};
use tensor::Activation;

use super::run::Run;
use cli::Failure;
use cli::files;
use cli::shown;

/// What differs from the run that it starts from.
#[derive(Args, Clone, Default, PartialEq)]
pub(crate) struct Options {
    /// Seed of PyTorch's generator, which draws the parameters and then the batches [default: 2147483647].
    #[arg(long)]
    seed: Option<u64>,

    /// Symbols that an example shows.
    #[arg(long, value_name = "SYMBOLS")]
    context: Option<usize>,

    /// Size of the embedding.
    #[arg(long)]
    embedding: Option<usize>,

    /// Units of the hidden layers: `200`, `100x5`, `40,30,20`.
    #[arg(long, value_name = "UNITS")]
    hidden: Option<Hidden>,

    /// Activation of the hidden layers: tanh, relu, `leaky_relu(0.01)`, …; `none` for none.
    #[arg(long, value_parser = activation)]
    activation: Option<Activation>,

    /// What batch normalisation stands behind: no product, the hidden ones, or all.
    #[arg(long, value_enum)]
    norm: Option<Place>,

    /// ε of the normalisation.
    #[arg(long)]
    eps: Option<f64>,

    /// The share of each batch in the running statistics.
    #[arg(long)]
    momentum: Option<f64>,

    /// What the running statistics are averages of, beside the mean.
    #[arg(long, value_name = "variance|deviation", value_parser = spread)]
    keeps: Option<Spread>,

    /// Whether biases are drawn from N(0, 1), or are 0 and take no random number.
    #[arg(long, value_enum)]
    biases: Option<Biases>,

    /// What every weight is scaled by: `/ sqrt(fan_in)`; `1` leaves N(0, 1).
    #[arg(long, value_name = "SCALING", allow_hyphen_values = true)]
    weights: Option<Scaling>,

    /// What every weight but the last is scaled by after that: `(5/3)`.
    #[arg(long, value_name = "SCALING", allow_hyphen_values = true, value_parser = gain)]
    gain: Option<Scaling>,

    /// What the last weight is scaled by; the last γ where the logits are normalised.
    #[arg(long, value_name = "SCALING", allow_hyphen_values = true)]
    last: Option<Scaling>,

    /// What one parameter is scaled by after that: `W2=0.01`, `b1=0`, `W1=(5/3)/sqrt(fan_in)`. May be repeated.
    #[arg(long, value_name = "NAME=SCALING", value_parser = named)]
    scale: Vec<(String, Scaling)>,

    /// Examples in a batch.
    #[arg(long)]
    batch: Option<usize>,

    /// The learning rate, and from which step on another: `0.1,100000:0.01`.
    #[arg(long)]
    rates: Option<Rates>,

    /// Steps.
    #[arg(long)]
    steps: Option<u64>,

    /// Steps between two entries of the loss log.
    #[arg(long, value_name = "STEPS")]
    every: Option<u64>,
}

/// Where normalisations are.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Place {
    None,
    Hidden,
    All,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Biases {
    Randn,
    Zeros,
}

/// Units of hidden layers.
#[derive(Clone, Debug, PartialEq)]
struct Hidden(Vec<usize>);

impl std::str::FromStr for Hidden {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is not units as 200, 100x5 or 40,30,20");
        let size = |text: &str| text.trim().parse::<usize>().map_err(|_| wrong());
        let mut hidden = Vec::new();
        for part in text.split(',').filter(|_| !text.trim().is_empty()) {
            match part.split_once('x') {
                Some((units, layers)) => hidden.extend(vec![size(units)?; size(layers)?.min(LARGEST)]),
                None => hidden.push(size(part)?),
            }
        }
        Ok(Self(hidden))
    }
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
            if !rate.is_finite() || !later || (at == 0 && from != 0) {
                return Err(wrong());
            }
            rates.push((from, rate));
        }
        Ok(Self(rates))
    }
}

fn activation(text: &str) -> Result<Activation, String> {
    let text = if text == "none" { "identity" } else { text };
    text.parse().map_err(|error: tensor::ActivationError| error.to_string())
}

/// A gain of `5/3` is one number, as `gain = 5/3` is in a notebook, and not a product and a quotient.
fn gain(text: &str) -> Result<Scaling, String> {
    let quotient = text
        .split_once('/')
        .filter(|(above, below)| [above, below].iter().all(|part| part.trim().parse::<f64>().is_ok()));
    let text = if quotient.is_some() { format!("({text})") } else { text.to_owned() };
    text.parse().map_err(|error: specimen::ScalingError| error.to_string())
}

fn spread(text: &str) -> Result<Spread, String> {
    let names = || Spread::ALL.map(Spread::name).join(" or ");
    Spread::ALL
        .into_iter()
        .find(|spread| spread.name() == text)
        .ok_or_else(|| format!("'{text}' is not {}", names()))
}

fn named(text: &str) -> Result<(String, Scaling), String> {
    let (name, scaling) = text.split_once('=').ok_or_else(|| format!("'{text}' is not NAME=SCALING"))?;
    let scaling = scaling.parse().map_err(|error: specimen::ScalingError| error.to_string())?;
    Ok((name.trim().to_owned(), scaling))
}

/// A number of values beyond which a network, or a batch's activations, would not fit.
const LARGEST: usize = 100_000_000;

impl Options {
    /// Whether any option was given.
    pub(crate) fn any(&self) -> bool {
        *self != Self::default()
    }

    /// Sets what was given.
    pub(crate) fn apply(&self, run: &mut Run) {
        set(&mut run.seed, self.seed);
        set(&mut run.context, self.context);
        set(&mut run.embedding, self.embedding);
        set(&mut run.hidden, self.hidden.clone().map(|hidden| hidden.0));
        set(&mut run.activation, self.activation);
        self.apply_norm(run);
        // What the run said of parameters that are there no more, as of a bias that a normalisation replaced.
        let there: Vec<String> = run.network(1).plan().into_iter().map(|(name, ..)| name).collect();
        run.start.named.retain(|(name, _)| there.contains(name));
        set(&mut run.start.draws_biases, self.biases.map(|biases| biases == Biases::Randn));
        set(&mut run.start.every, self.weights.clone());
        set(&mut run.start.hidden, self.gain.clone());
        set(&mut run.start.last, self.last.clone());
        for (name, scaling) in &self.scale {
            run.start.named.retain(|(other, _)| other != name);
            run.start.named.push((name.clone(), scaling.clone()));
        }
        set(&mut run.batch, self.batch);
        set(&mut run.rates, self.rates.clone().map(|rates| rates.0));
        set(&mut run.steps, self.steps);
        set(&mut run.every, self.every);
    }

    fn apply_norm(&self, run: &mut Run) {
        match self.norm {
            Some(Place::None) => run.norm = None,
            Some(place) => {
                let norm = run.norm.unwrap_or(Norm::LECTURE);
                run.norm = Some(Norm { logits: place == Place::All, ..norm });
            }
            None => {}
        }
        if let Some(norm) = &mut run.norm {
            set(&mut norm.eps, self.eps);
            set(&mut norm.momentum, self.momentum);
            set(&mut norm.keeps, self.keeps);
        }
    }
}

fn set<V>(place: &mut V, value: Option<V>) {
    if let Some(value) = value {
        *place = value;
    }
}

/// A run that can be run.
pub(crate) fn checked(run: Run) -> Result<Run, Failure> {
    let wrong = |text: String| Err(Failure::new(format!("{text}; see --help")));
    let network = run.network(27);
    if let Err(error) = network.check(0) {
        return wrong(error.to_string());
    }
    if run.batch == 0 || run.steps == 0 || run.every == 0 {
        return wrong("batch, steps and every must be at least 1".to_owned());
    }
    if let Err(error) = run.start.check(&network) {
        return wrong(error.to_string());
    }
    let values: usize =
        network.plan().iter().map(|(_, _, shape)| shape.numel()).fold(0, usize::saturating_add);
    let widest = network.hidden.iter().copied().max().unwrap_or(0).saturating_mul(run.batch.max(1024));
    if values.saturating_add(widest) > LARGEST {
        return wrong(format!("{values} parameters at batches of {} are too many", run.batch));
    }
    Ok(run)
}

/// The lines of a run file as a command line of their own.
#[derive(Parser)]
#[command(name = "run file", no_binary_name = true, disable_help_flag = true)]
struct Lines {
    #[command(flatten)]
    options: Options,
}

/// The run that `--run` names: one of the lecture's, or a file of `option = value` lines that starts from `base`.
pub(crate) fn run(name: &str) -> Result<Run, Failure> {
    if let Some(run) = Run::find(name) {
        return Ok(run);
    }
    let path = Path::new(name);
    if !path.exists() {
        let names: Vec<String> = Run::all().into_iter().map(|run| run.name).collect();
        return Err(Failure::new(format!(
            "no run or run file is called '{name}'; there are {}",
            names.join(", ")
        )));
    }
    let text = String::from_utf8(files::read(path, "name a run file")?)
        .map_err(|_| Failure::new(format!("{} is not UTF-8; a run file is text", shown(path))))?;
    from_text(&text, &shown(path))
}

/// A run from the text of a run file. Its first line may be `run = NAME`, the run that it starts from; `deep` if not.
pub fn from_text(text: &str, place: &str) -> Result<Run, Failure> {
    let mut base = "deep".to_owned();
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
            base = value.to_owned();
            continue;
        }
        let word = format!("--{key}={value}");
        // Alone first, so that a mistake has its line.
        Lines::try_parse_from([&word]).map_err(|error| wrong(&Failure::usage(&error).to_string()))?;
        words.push(word);
    }
    let options = Lines::try_parse_from(&words)
        .map_err(|error| Failure::new(format!("{place}: {}", Failure::usage(&error))))?;
    let mut run =
        Run::find(&base).ok_or_else(|| Failure::new(format!("{place}: no run is called '{base}'")))?;
    options.options.apply(&mut run);
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
            run.start.named.iter().map(|(name, scaling)| format!("{name} {scaling}")).collect();
        // The normalisation has no biases to scale.
        assert_eq!(scaled, ["W2 * 0.01", "W1 * 0.1"]);
        assert_eq!(run.norm, Some(Norm::LECTURE));
    }

    #[test]
    fn sizes_and_rates_are_read() {
        let hidden = |text: &str| text.parse::<Hidden>().map(|hidden| hidden.0);
        assert_eq!(hidden("200"), Ok(vec![200]));
        assert_eq!(hidden("100x3, 7"), Ok(vec![100, 100, 100, 7]));
        assert_eq!(hidden(""), Ok(vec![]));
        assert!(hidden("x").is_err() && hidden("3,,4").is_err() && hidden("-1").is_err());
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
