//! Initialisations by name, as `--scheme` takes them.

use std::fmt;
use std::str::FromStr;

use cli::Failure;
use nn_init::{ParseError, Preset, Scheme};
use specimen::Init;
use tensor::{Activation, Call};

/// An initialisation for a network of any activation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NamedInit {
    /// The lesson's random init, and the lecture's raw numbers: N(0, 1) for everything.
    Random,
    /// The init that the lesson calls Kaiming.
    Kaiming,
    /// The init that the lesson calls Xavier.
    Xavier,
    /// He et al. 2015, with PyTorch's gain of the activation.
    KaimingTextbook,
    /// Glorot & Bengio 2010, with PyTorch's gain of the activation.
    XavierTextbook,
    /// A framework's default for linear layers.
    Preset(Preset),
    /// A scheme for the weights, biases 0.
    Weights(Scheme),
}

const NAMES: [(&str, NamedInit); 5] = [
    ("random", NamedInit::Random),
    ("kaiming", NamedInit::Kaiming),
    ("xavier", NamedInit::Xavier),
    ("kaiming-textbook", NamedInit::KaimingTextbook),
    ("xavier-textbook", NamedInit::XavierTextbook),
];

impl NamedInit {
    /// The initialisation itself, for networks of this activation.
    pub fn init(self, activation: Activation) -> Result<Init, Failure> {
        let no_gain = || {
            Failure::new(format!(
                "{self} needs PyTorch's gain, and there is none for {activation}; choose random, kaiming or xavier"
            ))
        };
        match self {
            Self::Random => Ok(Init::LESSON_RANDOM),
            Self::Kaiming => Ok(Init::LESSON_KAIMING),
            Self::Xavier => Ok(Init::LESSON_XAVIER),
            Self::KaimingTextbook => Init::textbook_kaiming(activation).ok_or_else(no_gain),
            Self::XavierTextbook => Init::textbook_xavier(activation).ok_or_else(no_gain),
            Self::Preset(preset) => Ok(Init::preset(&preset)),
            Self::Weights(scheme) => Ok(Init::direct(scheme, Scheme::ZEROS)),
        }
    }
}

impl fmt::Display for NamedInit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Preset(preset) => f.write_str(preset.name),
            Self::Weights(scheme) => scheme.fmt(f),
            named => f.write_str(NAMES.iter().find(|(_, other)| other == named).map_or("", |(name, _)| name)),
        }
    }
}

impl FromStr for NamedInit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(&(_, named)) = NAMES.iter().find(|(name, _)| *name == text) {
            return Ok(named);
        }
        if let Ok(preset) = text.parse() {
            return Ok(Self::Preset(preset));
        }
        text.parse().map(Self::Weights).map_err(|error| unreadable(text, &error))
    }
}

/// The error of a scheme; for an unknown name, with the other names that are possible.
fn unreadable(text: &str, error: &ParseError) -> String {
    let is_unknown = |call: Call| Scheme::FORMS.iter().all(|form| form.name() != call.name);
    if !Call::parse(text).is_ok_and(is_unknown) {
        return error.to_string();
    }
    let presets = Preset::all().into_iter().map(|preset| preset.name);
    let names = NAMES.iter().map(|&(name, _)| name).chain(presets);
    format!("{error}; or one of {}", names.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_as_it_is_written() {
        let presets = Preset::all().into_iter().map(|preset| preset.name);
        let schemes = ["orthogonal", "normal(0, 0.02)", "kaiming_uniform(fan_out, forward(gelu))"];
        for text in NAMES.iter().map(|(name, _)| *name).chain(presets).chain(schemes) {
            let named: NamedInit = text.parse().unwrap();
            assert_eq!(named.to_string().parse(), Ok(named), "{text}");
        }
        let error = "kaimin".parse::<NamedInit>().unwrap_err();
        assert!(error.contains("kaiming_normal") && error.contains("torch.linear"), "{error}");
    }
}
