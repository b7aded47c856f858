//! Records: the values of one cell as bytes, with a checksum, behind a header that says what they belong to.

use crate::{CpuLevel, SweepError, SweepPlan, SweepShard};

/// The values of one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct CellRecord {
    /// Which cell.
    pub cell: u64,
    /// The instruction set by which it was computed.
    pub level: CpuLevel,
    /// The values of the plan's measures, in order.
    pub values: Vec<f64>,
}

/// Bytes beside the values: the cell, the level and the checksum.
const AROUND: usize = 8 + 1 + 4;

impl CellRecord {
    /// The bytes of a record of so many values: all records of a file are equally long.
    pub fn length(values: usize) -> usize {
        AROUND + 8 * values
    }

    /// The cell, the level, the values, and the CRC-32 of all these; numbers are little-endian.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::length(self.values.len()));
        bytes.extend(self.cell.to_le_bytes());
        bytes.push(self.level.byte());
        bytes.extend(self.values.iter().flat_map(|value| value.to_le_bytes()));
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// The record of some bytes; `None` if they are not whole or not what was written.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (body, checksum) = bytes.split_last_chunk::<4>()?;
        if crc32fast::hash(body) != u32::from_le_bytes(*checksum) {
            return None;
        }
        let (cell, rest) = body.split_first_chunk::<8>()?;
        let (&level, values) = rest.split_first()?;
        let (values, rest) = values.as_chunks::<8>();
        rest.is_empty().then_some(())?;
        Some(Self {
            cell: u64::from_le_bytes(*cell),
            level: CpuLevel::of_byte(level)?,
            values: values.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect(),
        })
    }
}

/// The version of the format of records.
const VERSION: u32 = 1;

/// What the records of a file belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardHeader {
    /// The hash of the plan.
    pub plan: String,
    /// The shard.
    pub shard: SweepShard,
    /// The number of values of a record.
    pub values: usize,
    /// The version of the program.
    pub program: String,
}

/// Lines of a header, its checksum included.
const LINES: usize = 6;

impl ShardHeader {
    /// The header of a plan's shard, by this program.
    pub fn new(plan: &SweepPlan, shard: SweepShard) -> Self {
        let program = env!("CARGO_PKG_VERSION").to_owned();
        Self { plan: plan.hash(), shard, values: plan.measures.len(), program }
    }

    /// Six lines of text: the version of the format, the plan, the shard, the number of values, the program, and the CRC-32
    /// of the lines before.
    pub fn text(&self) -> String {
        let Self { plan, shard, values, program } = self;
        let body = format!(
            "step-zero shard {VERSION}\nplan {plan}\nshard {}/{}\nvalues {values}\nprogram {program}\n",
            shard.index, shard.count
        );
        format!("{body}crc {:08x}\n", crc32fast::hash(body.as_bytes()))
    }

    /// Compares the beginning of a file with this header. `Ok` has its length, or `None` if the file ends within it, as after
    /// a crash.
    ///
    /// # Errors
    /// If it is another header: which line differs, and what to do.
    pub fn check(&self, file: &[u8]) -> Result<Option<usize>, SweepError> {
        let own = self.text();
        if file.starts_with(own.as_bytes()) {
            return Ok(Some(own.len()));
        }
        if own.as_bytes().starts_with(file) {
            return Ok(None);
        }
        let mut lines = file.split(|&byte| byte == b'\n').take(LINES).map(String::from_utf8_lossy);
        let differs = own.lines().find_map(|line| {
            let there = lines.next().unwrap_or_default();
            (there != line).then(|| (line.to_owned(), there.chars().take(80).collect::<String>()))
        });
        let (line, there) = differs.unwrap_or_default();
        let word = line.split(' ').next().unwrap_or_default();
        Err(SweepError::new(match word {
            _ if !there.starts_with(word) => "it is no file of a sweep; move it away".to_owned(),
            "program" => format!(
                "it is by {there}, and this is {line}: other versions may compute other digits; delete it"
            ),
            "step-zero" => {
                format!("it is in another format ({there}); delete it, or take the program that wrote it")
            }
            _ => format!("it is of another sweep ({there}, not {line}); move it away"),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::{CellRecord, ShardHeader};
    use crate::{CpuLevel, SweepShard};

    fn record() -> CellRecord {
        let level = CpuLevel::named("avx2").unwrap();
        CellRecord { cell: 77, level, values: vec![1.5, f64::NEG_INFINITY, -0.0] }
    }

    #[test]
    fn every_changed_bit_is_found() {
        let bytes = record().bytes();
        assert_eq!((bytes.len(), CellRecord::read(&bytes)), (CellRecord::length(3), Some(record())));
        for bit in 0..8 * bytes.len() {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(CellRecord::read(&changed), None, "bit {bit}");
        }
        for length in 0..bytes.len() {
            assert_eq!(CellRecord::read(&bytes[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn zeros_are_no_record() {
        for values in 0..20 {
            assert_eq!(CellRecord::read(&vec![0; CellRecord::length(values)]), None);
        }
    }

    fn header() -> ShardHeader {
        let shard = SweepShard { index: 3, count: 100 };
        ShardHeader { plan: "ab12".to_owned(), shard, values: 3, program: "0.1.0".to_owned() }
    }

    #[test]
    fn a_header_is_its_own_and_may_be_torn() {
        let text = header().text();
        insta::assert_snapshot!(text, @r"
        step-zero shard 1
        plan ab12
        shard 3/100
        values 3
        program 0.1.0
        crc c90951f3
        ");
        let with_records = [text.as_bytes(), &record().bytes()].concat();
        assert_eq!(header().check(&with_records), Ok(Some(text.len())));
        for length in 0..text.len() {
            assert_eq!(header().check(&with_records[..length]), Ok(None), "{length}");
        }
    }

    #[test]
    fn another_header_is_refused() {
        let refused = |change: fn(&mut ShardHeader)| {
            let mut other = header();
            change(&mut other);
            header().check(other.text().as_bytes()).unwrap_err().to_string()
        };
        insta::assert_snapshot!(refused(|h| h.plan = "cd".to_owned()), @"it is of another sweep (plan cd, not plan ab12); move it away");
        insta::assert_snapshot!(refused(|h| h.shard.count = 7), @"it is of another sweep (shard 3/7, not shard 3/100); move it away");
        insta::assert_snapshot!(refused(|h| h.program = "0.2.0".to_owned()), @"it is by program 0.2.0, and this is program 0.1.0: other versions may compute other digits; delete it");
        let foreign = header().check(b"hello\n").unwrap_err().to_string();
        insta::assert_snapshot!(foreign, @"it is no file of a sweep; move it away");
        let newer = header().text().replace("shard 1\n", "shard 2\n");
        insta::assert_snapshot!(header().check(newer.as_bytes()).unwrap_err(), @"it is in another format (step-zero shard 2); delete it, or take the program that wrote it");
    }
}
