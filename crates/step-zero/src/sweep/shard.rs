//! Which shard a process computes.

use std::env;
use std::str::FromStr;

use ::sweep::SweepShard;
use cli::Failure;

/// A shard as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShardChoice {
    /// `3/100`.
    Given(SweepShard),
    /// `auto/100`: the index is that of a task of a Slurm array.
    OfTask(u64),
}

/// The environment variable that Slurm sets for each task of an array.
const TASK: &str = "SLURM_ARRAY_TASK_ID";

impl FromStr for ShardChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "it is K/N with K from 0 to N - 1, such as 3/100, or auto/100".to_owned();
        let (index, count) = text.split_once('/').ok_or_else(wrong)?;
        let count = count.parse().ok().filter(|count| *count > 0).ok_or_else(wrong)?;
        if count > SweepShard::MOST {
            return Err(format!("a sweep has at most {} shards", SweepShard::MOST));
        }
        if index == "auto" {
            return Ok(Self::OfTask(count));
        }
        let index = index.parse().ok().filter(|index| *index < count).ok_or_else(wrong)?;
        Ok(Self::Given(SweepShard { index, count }))
    }
}

impl ShardChoice {
    /// The shard itself.
    ///
    /// The number of shards is always given: Slurm's `SLURM_ARRAY_TASK_COUNT` is that of the tasks submitted now, which are few
    /// when missing shards are computed again.
    pub(super) fn resolve(self) -> Result<SweepShard, Failure> {
        match self {
            Self::Given(shard) => Ok(shard),
            Self::OfTask(count) => {
                let text = env::var(TASK).map_err(|_| {
                    Failure::new(format!(
                        "--shard auto: {TASK} is not set; this is no task of a Slurm array, so give K/N"
                    ))
                })?;
                let index = text.parse().map_err(|_| {
                    Failure::new(format!(
                        "--shard auto: {TASK} is '{text}', which is no number of a task; give K/N"
                    ))
                })?;
                if index < count {
                    return Ok(SweepShard { index, count });
                }
                Err(Failure::new(format!(
                    "--shard auto: task {index} of the array is none of {count} shards; submit with --array=0-{}",
                    count - 1
                )))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ShardChoice;
    use ::sweep::SweepShard;

    #[test]
    fn shards_are_read() {
        let read = |text: &str| text.parse::<ShardChoice>().ok();
        assert_eq!(read("3/100"), Some(ShardChoice::Given(SweepShard { index: 3, count: 100 })));
        assert_eq!(read("auto/100"), Some(ShardChoice::OfTask(100)));
        for wrong in [
            "0/1000001",
            "auto/18446744073709551615",
            "",
            "3",
            "100/100",
            "-1/4",
            "0/0",
            "auto/0",
            "auto",
            "1/2/3",
            "a/4",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
