//! The rules of known libraries, as files in `rules/`.

use crate::NameRules;

/// The rules of one architecture in one library, as the file that is shipped.
///
/// ```
/// use checkpoint::ShippedRules;
///
/// let gpt2 = ShippedRules::named("hf/gpt2").unwrap();
/// assert!(gpt2.text().contains("normal(0, std/sqrt(2*layers))"));
/// let rules = gpt2.rules();
/// assert!(rules.to_string().starts_with("version = 1"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShippedRules {
    name: &'static str,
    text: &'static str,
}

/// The entries of [`ShippedRules::ALL`] from their names, each of which is that of a file in `rules/`.
macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        &[$(ShippedRules { name: $name, text: include_str!(concat!("../../rules/", $name, ".toml")) }),*]
    };
}

impl ShippedRules {
    /// All of them. The first lines of each text say from which release of the library it was read.
    pub const ALL: &[Self] = shipped![
        "hf/gpt2",
        "hf/bert",
        "hf/llama",
        "hf/t5",
        "hf/vit",
        "torchvision/resnet",
        "torchvision/vgg",
        "timm/vit",
        "timm/convnext",
        "nanogpt/gpt",
    ];

    /// The rules of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|shipped| shipped.name == name)
    }

    /// The library and the architecture: `hf/gpt2`.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// The text of the file, a start for rules of your own.
    pub fn text(self) -> &'static str {
        self.text
    }

    /// The rules that the text states.
    ///
    /// # Panics
    /// Never: a test reads every file that is shipped.
    pub fn rules(self) -> NameRules {
        NameRules::parse(self.text).expect("a test reads every file")
    }
}
