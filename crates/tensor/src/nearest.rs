//! The valid name that a misspelt one is nearest to.

/// A hint in brackets, such as *did you mean saturated?*, if one of the names is at most a third of its letters away, else nothing.
///
/// ```
/// assert_eq!(tensor::suggestion("layrs", ["layers", "width"]), " (did you mean `layers`?)");
/// ```
pub fn suggestion<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let nearest = names.into_iter().map(|name| (distance(wrong, name), name)).min();
    let near = nearest.filter(|(distance, name)| distance * 3 <= name.chars().count().max(3));
    near.map_or(String::new(), |(_, name)| format!(" (did you mean `{name}`?)"))
}

/// The number of letters to insert, remove or replace (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, suggestion};

    #[test]
    fn distances_are_levenshteins() {
        let known = [("kitten", "sitting", 3), ("", "abc", 3), ("flaw", "lawn", 2), ("same", "same", 0)];
        for (a, b, expected) in known {
            assert_eq!((distance(a, b), distance(b, a)), (expected, expected), "{a} {b}");
        }
    }

    #[test]
    fn only_near_names_are_suggested() {
        let names = ["saturated", "dead-units", "offset"];
        assert_eq!(suggestion("saturatd", names), " (did you mean `saturated`?)");
        assert_eq!(suggestion("dead_unit", names), " (did you mean `dead-units`?)");
        assert_eq!(suggestion("colour", names), "");
    }
}
