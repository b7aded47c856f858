//! The directory of a zip archive, as far as `.npz` and PyTorch's files need it.

use super::error::{CheckpointError, quoted};
use super::source_file::SourceFile;

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ZipMember {
    pub(super) name: String,
    /// The offset of its bytes.
    pub(super) offset: u64,
    /// The number of its bytes in the archive.
    pub(super) compressed: u64,
    /// The number of its bytes.
    pub(super) size: u64,
    /// The checksum of its bytes.
    pub(super) crc: u32,
    /// True if it is deflated, false if it is stored as it is.
    pub(super) deflated: bool,
}

const END: &[u8] = b"PK\x05\x06";
const END_64_LOCATOR: &[u8] = b"PK\x06\x07";
const END_64: &[u8] = b"PK\x06\x06";
const ENTRY: &[u8] = b"PK\x01\x02";
pub(super) const LOCAL: &[u8] = b"PK\x03\x04";

/// The longest directory that is read.
const LONGEST_DIRECTORY: u64 = 100_000_000;

/// Deflate makes nothing shorter than by this factor.
const MOST_DEFLATED: u64 = 1032;

/// Bytes of an archive that are read from front to back.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// An unsigned number of up to eight bytes.
    fn number(&mut self, length: usize) -> Option<u64> {
        Some(self.take(length)?.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    fn signature(&mut self, wanted: &[u8]) -> Option<()> {
        (self.take(4)? == wanted).then_some(())
    }
}

/// The members of an archive, in the directory's order.
pub(super) fn members(file: &SourceFile) -> Result<Vec<ZipMember>, CheckpointError> {
    let damaged = || file.error("its zip directory is damaged; save or download it again");
    let (start, size, count) = directory(file)?.ok_or_else(damaged)?;
    let inside = start.checked_add(size).is_some_and(|end| end <= file.len());
    // An entry takes 46 bytes at least.
    if !inside || size > LONGEST_DIRECTORY || count > size / 46 {
        return Err(damaged());
    }
    let bytes = file.bytes_at(start, size)?;
    let mut fields = Fields(&bytes);
    let mut members = Vec::new();
    for _ in 0..count {
        let entry = entry(&mut fields).ok_or_else(damaged)?;
        if !entry.member.name.ends_with('/') {
            members.push(placed(file, entry)?);
        }
    }
    check_overlap(file, &members)?;
    Ok(members)
}

/// Where the directory begins, its size, and the number of its entries.
fn directory(file: &SourceFile) -> Result<Option<(u64, u64, u64)>, CheckpointError> {
    // The end is followed by a comment of at most 65,535 bytes.
    let length = file.len().min(22 + 0xffff);
    let tail_start = file.len() - length;
    let tail = file.bytes_at(tail_start, length)?;
    let is_end = |at: &usize| tail[*at..].starts_with(END);
    let Some(at) = (0..(tail.len() + 1).saturating_sub(22)).rev().find(is_end) else { return Ok(None) };
    let mut fields = Fields(&tail[at + 10..]);
    let short = (|| Some((fields.number(2)?, fields.number(4)?, fields.number(4)?)))();
    let Some((count, size, start)) = short else { return Ok(None) };
    if count != 0xffff && size != 0xffff_ffff && start != 0xffff_ffff {
        return Ok(Some((start, size, count)));
    }
    let Some(locator) = at.checked_sub(20) else { return Ok(None) };
    let mut fields = Fields(&tail[locator..at]);
    let offset = (|| {
        fields.signature(END_64_LOCATOR)?;
        fields.take(4)?;
        fields.number(8)
    })();
    let Some(offset) = offset.filter(|offset| file.len() >= 56 && *offset <= file.len() - 56) else {
        return Ok(None);
    };
    let record = file.bytes_at(offset, 56)?;
    let mut fields = Fields(&record);
    Ok((|| {
        fields.signature(END_64)?;
        fields.take(28)?;
        let (count, size, start) = (fields.number(8)?, fields.number(8)?, fields.number(8)?);
        Some((start, size, count))
    })())
}

/// An entry of the directory; the offset of the member is still that of its local header.
struct DirectoryEntry {
    member: ZipMember,
    method: u64,
    encrypted: bool,
}

fn entry(fields: &mut Fields<'_>) -> Option<DirectoryEntry> {
    fields.signature(ENTRY)?;
    fields.take(4)?;
    let (flags, method) = (fields.number(2)?, fields.number(2)?);
    fields.take(4)?;
    let crc = fields.number(4)? as u32;
    let (mut compressed, mut size) = (fields.number(4)?, fields.number(4)?);
    let lengths = [fields.number(2)?, fields.number(2)?, fields.number(2)?];
    fields.take(8)?;
    let mut offset = fields.number(4)?;
    let [name, extra, comment] = lengths.map(|length| length as usize);
    let name = String::from_utf8_lossy(fields.take(name)?).into_owned();
    let extra = Fields(fields.take(extra)?);
    fields.take(comment)?;
    widen(extra, [&mut size, &mut compressed, &mut offset])?;
    let member = ZipMember { name, offset, compressed, size, crc, deflated: method == 8 };
    Some(DirectoryEntry { member, method, encrypted: flags & 1 == 1 })
}

/// Replaces the numbers that did not fit into four bytes by those of the extra field of large archives.
fn widen(mut extra: Fields<'_>, numbers: [&mut u64; 3]) -> Option<()> {
    let mut large = Fields(&[]);
    while extra.0.len() >= 4 {
        let (id, length) = (extra.number(2)?, extra.number(2)?);
        let content = extra.take(length as usize)?;
        if id == 1 {
            large = Fields(content);
        }
    }
    for number in numbers {
        if *number == 0xffff_ffff {
            *number = large.number(8)?;
        }
    }
    Some(())
}

/// The member of an entry with the offset of its bytes.
fn placed(file: &SourceFile, entry: DirectoryEntry) -> Result<ZipMember, CheckpointError> {
    let DirectoryEntry { mut member, method, encrypted } = entry;
    let wrong = |why: &str| file.error(format!("its member {} {why}", quoted(&member.name)));
    if encrypted {
        return Err(wrong("is encrypted; save the file without a password"));
    }
    if method != 0 && method != 8 {
        return Err(wrong("is neither stored nor deflated; save it with numpy.savez or savez_compressed"));
    }
    let damaged = || wrong("is damaged; save or download the file again");
    let inside = |start: u64, length: u64| start.checked_add(length).is_some_and(|end| end <= file.len());
    if !inside(member.offset, 30) {
        return Err(damaged());
    }
    let local = file.bytes_at(member.offset, 30)?;
    let mut fields = Fields(&local);
    let lengths = (|| {
        fields.signature(LOCAL)?;
        fields.take(22)?;
        Some(fields.number(2)? + fields.number(2)?)
    })();
    let offset = member.offset + 30 + lengths.ok_or_else(damaged)?;
    let lies = match member.deflated {
        true => member.size / MOST_DEFLATED > member.compressed,
        false => member.size != member.compressed,
    };
    if lies || !inside(offset, member.compressed) {
        return Err(damaged());
    }
    member.offset = offset;
    Ok(member)
}

/// Fails if two members share bytes, as they do in archives made to be large when unpacked, or a name.
fn check_overlap(file: &SourceFile, members: &[ZipMember]) -> Result<(), CheckpointError> {
    if let Some(name) = super::json::repeated(members.iter().map(|member| member.name.as_str())) {
        return Err(file.error(format!("its member {} is there twice; save the file again", quoted(name))));
    }
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_unstable_by_key(|member| (member.offset, member.compressed));
    match sorted.windows(2).find(|pair| pair[0].offset + pair[0].compressed > pair[1].offset) {
        Some(pair) => Err(file.error(format!(
            "its members {} and {} overlap; save or download the file again",
            quoted(&pair[0].name),
            quoted(&pair[1].name)
        ))),
        None => Ok(()),
    }
}
