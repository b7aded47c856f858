//! The lesson's own data: twenty names.

use crate::Bigrams;

/// The names, in the lesson's order.
pub const NAMES: [&str; 20] = [
    "emma",
    "olivia",
    "ava",
    "isabella",
    "sophia",
    "mia",
    "charlotte",
    "amelia",
    "harper",
    "evelyn",
    "abigail",
    "emily",
    "ella",
    "elizabeth",
    "camila",
    "luna",
    "sofia",
    "avery",
    "mila",
    "aria",
];

/// Their 130 pairs of neighbours, over 21 symbols.
pub fn bigrams() -> Bigrams {
    match Bigrams::of(&NAMES) {
        Ok(bigrams) => bigrams,
        Err(error) => unreachable!("the names are fixed and hold only letters: {error}"),
    }
}
