//! Shards as the list that a scheduler takes.

/// Numbers in rising order as `sbatch --array` takes them: `3,17,20-22`.
///
/// ```
/// assert_eq!(sweep::array_list(&[3, 17, 20, 21, 22]), "3,17,20-22");
/// ```
pub fn array_list(numbers: &[u64]) -> String {
    let runs = numbers.chunk_by(|a, b| a + 1 == *b);
    let text = |run: &[u64]| match run {
        [one] => one.to_string(),
        [one, two] => format!("{one},{two}"),
        run => format!("{}-{}", run[0], run[run.len() - 1]),
    };
    runs.map(text).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::array_list;

    #[test]
    fn runs_are_shortened() {
        assert_eq!(array_list(&[]), "");
        assert_eq!(array_list(&[5]), "5");
        assert_eq!(array_list(&[0, 1, 3, 4, 5, 9]), "0,1,3-5,9");
    }
}
