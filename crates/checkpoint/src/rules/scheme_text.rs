//! The scheme of a rule as text: any scheme of nn-init with constants, or a preset.

use nn_init::{Fans, Layout, Preset, Scheme};
use tensor::suggestion;

/// A scheme as a rule states it.
pub(super) enum SchemeText<'a> {
    /// A text of [`Scheme::FORMS`].
    Form(&'a str),
    /// A framework's default, for the tensor that the text or the tensor's own name says.
    Preset(Preset, PresetPart),
}

/// The tensor of a layer that a preset describes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PresetPart {
    Weight,
    Bias,
    /// The bias if the last segment of the name contains *bias*, else the weight.
    ByName,
}

impl<'a> SchemeText<'a> {
    /// The text as a preset if it names one.
    pub(super) fn of(text: &'a str) -> Self {
        let text = text.trim();
        // A preset is a framework's name, a dot and a layer's; looking one up is slow.
        if !text.contains('.') || text.contains('(') {
            return Self::Form(text);
        }
        let named = |name: &str, part| name.parse().ok().map(|preset: Preset| Self::Preset(preset, part));
        let part = |suffix: &str, part| text.strip_suffix(suffix).and_then(|name| named(name, part));
        named(text, PresetPart::ByName)
            .or_else(|| part(".weight", PresetPart::Weight))
            .or_else(|| part(".bias", PresetPart::Bias))
            .unwrap_or(Self::Form(text))
    }

    /// Checks everything that does not depend on the constants' values: names, arguments and syntax.
    ///
    /// Values that are not known yet are tried in several ways; only a text that all of them refuse for the same reason is wrong.
    pub(super) fn check(&self, constants: &[(&str, Option<f64>)]) -> Result<(), String> {
        let text = match self {
            Self::Preset(preset, PresetPart::Bias) if preset.bias.is_none() => {
                return Err(format!("`{preset}` has no bias"));
            }
            Self::Preset(..) => return Ok(()),
            Self::Form(text) => text,
        };
        let name = text.split('(').next().unwrap_or_default().trim();
        if !Scheme::FORMS.iter().any(|form| form.name() == name) {
            let presets = Preset::all();
            let known = Scheme::FORMS
                .iter()
                .map(nn_init::SchemeForm::name)
                .chain(presets.iter().map(|preset| preset.name));
            return Err(format!("there is no scheme or preset `{name}`{}", suggestion(name, known)));
        }
        let stand_ins: [fn(usize) -> f64; 6] = [
            |_| 1.0,
            |_| 2.0,
            |_| 0.5,
            |_| 5040.0,
            |at| at as f64 * 60.0 + 1.0,
            |at| 5040.0 / (at as f64 + 1.0),
        ];
        let attempt = |stand_in: fn(usize) -> f64| {
            let values: Vec<(&str, f64)> = constants
                .iter()
                .enumerate()
                .map(|(at, &(name, value))| (name, value.unwrap_or_else(|| stand_in(at))))
                .collect();
            Scheme::parse_with(text, &values).err().map(|error| error.to_string())
        };
        let reasons: Option<Vec<String>> = stand_ins.into_iter().map(attempt).collect();
        match reasons {
            Some(reasons) if reasons.iter().all(|reason| *reason == reasons[0]) => {
                Err(with_nearest_constant(&reasons[0], constants.iter().map(|(name, _)| *name)))
            }
            _ => Ok(()),
        }
    }

    /// The scheme of a tensor, and the layout by which its fans are read.
    ///
    /// `fans` are those of another tensor, whose weight this one is the bias of.
    pub(super) fn resolve(
        &self,
        constants: &[(&str, f64)],
        layout: Layout,
        is_bias: bool,
        fans: Option<Fans>,
    ) -> Result<(Scheme, Layout), String> {
        let (scheme, layout) = match *self {
            Self::Form(text) => {
                (Scheme::parse_with(text, constants).map_err(|error| error.to_string())?, layout)
            }
            Self::Preset(preset, part) => {
                if part == PresetPart::Weight || (part == PresetPart::ByName && !is_bias) {
                    (preset.weight, preset.layout)
                } else {
                    let bias = preset.bias.ok_or_else(|| format!("`{preset}` has no bias"))?;
                    let fans = fans.ok_or("the fans of its weight are missing")?;
                    (bias.scheme(fans), preset.layout)
                }
            }
        };
        Ok((fans.map_or(scheme, |fans| scheme.with_fans(fans)), layout))
    }

    /// The preset's own layout.
    pub(super) fn layout(&self) -> Option<Layout> {
        match self {
            Self::Preset(preset, _) => Some(preset.layout),
            Self::Form(_) => None,
        }
    }

    /// True if the scheme is that of a bias, which takes the fans of its weight.
    pub(super) fn is_bias(&self, name_is_bias: bool) -> bool {
        match self {
            Self::Preset(_, part) => {
                *part == PresetPart::Bias || (*part == PresetPart::ByName && name_is_bias)
            }
            Self::Form(_) => false,
        }
    }
}

/// The reason, with the constant that a misspelt one is nearest to.
pub(super) fn with_nearest_constant<'a>(reason: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let unknown = reason.split_once("unknown constant `").and_then(|(_, rest)| rest.split('`').next());
    format!("{reason}{}", unknown.map_or(String::new(), |unknown| suggestion(unknown, names)))
}
