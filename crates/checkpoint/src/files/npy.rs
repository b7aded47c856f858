//! The header of a NumPy array: a Python dictionary with a type, a shape and an order.

use super::stored_tensor::bytes_of;
use crate::Dtype;

/// The bytes that every array begins with.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// The longest header that is read; NumPy's own are below a thousand bytes.
const LONGEST_HEADER: usize = 1 << 20;

/// The type and shape of an array, and the number of bytes before its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ArrayHeader {
    pub(super) dtype: Dtype,
    pub(super) shape: Vec<usize>,
    pub(super) length: u64,
    /// The number of bytes of all values, if the type says.
    pub(super) bytes: Option<u64>,
}

/// The number of bytes at the beginning that say how long the header is.
pub(super) const PREFIX: usize = 12;

/// The length of the header, from the first [`PREFIX`] bytes.
pub(super) fn header_length(prefix: &[u8]) -> Result<usize, String> {
    let version = prefix.strip_prefix(MAGIC).and_then(|rest| rest.first()).copied();
    let length = match (version, prefix) {
        (Some(1), &[.., a, b, _, _]) => 10 + usize::from(u16::from_le_bytes([a, b])),
        (Some(2 | 3), &[.., a, b, c, d]) => 12 + u32::from_le_bytes([a, b, c, d]) as usize,
        (Some(version), _) => return Err(format!("arrays of version {version} are not known")),
        (None, _) => return Err("not a NumPy array".into()),
    };
    if length > LONGEST_HEADER {
        return Err(format!("a header of {length} bytes is not that of an array"));
    }
    Ok(length)
}

/// The header, from all of its bytes.
pub(super) fn header(bytes: &[u8]) -> Result<ArrayHeader, String> {
    let start = if bytes.get(6) == Some(&1) { 10 } else { 12 };
    let text = bytes.get(start..).and_then(|text| std::str::from_utf8(text).ok());
    let text = text.ok_or("its header is not text")?;
    let Dictionary { descr, fortran_order, shape } = HeaderParser(text.trim_end()).dictionary()?;
    let [Some(descr), Some(order), Some(shape)] = [descr, fortran_order, shape] else {
        return Err("its header lacks descr, fortran_order or shape".into());
    };
    let shape = shape_of(shape)?;
    let long_axes = shape.iter().filter(|&&n| n > 1).count();
    match order {
        "False" => {}
        "True" if long_axes < 2 => {}
        "True" => return Err("it is in Fortran order: save numpy.ascontiguousarray(array)".into()),
        _ => return Err("its fortran_order is neither True nor False".into()),
    }
    let (dtype, bits) = numpy_type(descr)?;
    let too_large = || "no file holds an array of its shape".to_owned();
    let size = bytes_of(&shape, bits.unwrap_or(8)).ok_or_else(too_large)?;
    Ok(ArrayHeader { dtype, shape, length: bytes.len() as u64, bytes: bits.map(|_| size) })
}

/// A type by NumPy's name of it: byte order, kind and bytes per value.
fn numpy_type(descr: &str) -> Result<(Dtype, Option<usize>), String> {
    let Some(name) = unquoted(descr) else {
        return Ok((Dtype::Other("structured".into()), None));
    };
    if !name.is_ascii() || name.len() > 20 {
        return Err("its descr names no type".into());
    }
    let known = match name {
        "<f8" | "=f8" => Some((Dtype::F64, 64)),
        "<f4" | "=f4" => Some((Dtype::F32, 32)),
        "<f2" | "=f2" => Some((Dtype::F16, 16)),
        ">f8" | ">f4" | ">f2" => {
            return Err(format!(
                "its values of type {name} are big-endian: save array.astype('<{}')",
                &name[1..]
            ));
        }
        _ => None,
    };
    let bits = || match name.as_bytes() {
        [_, b'b' | b'i' | b'u' | b'c' | b'f' | b'V' | b'S', digits @ ..] => {
            std::str::from_utf8(digits).ok()?.parse::<usize>().ok()?.checked_mul(8)
        }
        _ => None,
    };
    Ok(match known {
        Some((dtype, bits)) => (dtype, Some(bits)),
        None => (Dtype::Other(name.to_owned()), bits()),
    })
}

/// The text between quotes.
fn unquoted(text: &str) -> Option<&str> {
    let inner = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('\'').or_else(|| inner('"'))
}

/// `(3, 4)`, `(3,)` or `()`; old versions of Python wrote `3L`.
fn shape_of(text: &str) -> Result<Vec<usize>, String> {
    let wrong = || "its shape is not a tuple of lengths".to_owned();
    let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).ok_or_else(wrong)?.trim();
    let inner = inner.strip_suffix(',').unwrap_or(inner).trim();
    if inner.is_empty() {
        return Ok(vec![]);
    }
    let length = |text: &str| {
        let text = text.trim();
        text.strip_suffix('L').unwrap_or(text).parse::<usize>().map_err(|_| wrong())
    };
    inner.split(',').map(length).collect()
}

/// The three values of the header as they are written.
#[derive(Default)]
struct Dictionary<'a> {
    descr: Option<&'a str>,
    fortran_order: Option<&'a str>,
    shape: Option<&'a str>,
}

/// The part that is left to read.
struct HeaderParser<'a>(&'a str);

impl<'a> HeaderParser<'a> {
    fn dictionary(mut self) -> Result<Dictionary<'a>, String> {
        let wrong = || "its header is not a dictionary".to_owned();
        let mut found = Dictionary::default();
        self.token('{').ok_or_else(wrong)?;
        while self.token('}').is_none() {
            let key = self.value(':').and_then(unquoted).ok_or_else(wrong)?;
            self.token(':').ok_or_else(wrong)?;
            let value = self.value(',').ok_or_else(wrong)?;
            let entry = match key {
                "descr" => &mut found.descr,
                "fortran_order" => &mut found.fortran_order,
                "shape" => &mut found.shape,
                _ => return Err("its header has an unknown key".into()),
            };
            if entry.replace(value).is_some() {
                return Err("its header has a key twice".into());
            }
            if self.token(',').is_none() && !self.0.trim_start().starts_with('}') {
                return Err(wrong());
            }
        }
        if self.0.trim().is_empty() { Ok(found) } else { Err(wrong()) }
    }

    fn token(&mut self, token: char) -> Option<()> {
        self.0 = self.0.trim_start().strip_prefix(token)?;
        Some(())
    }

    /// The text up to `end` or the closing brace, outside of quotes and brackets.
    fn value(&mut self, end: char) -> Option<&'a str> {
        let (mut depth, mut quote) = (0_usize, None);
        for (at, c) in self.0.char_indices() {
            match (quote, c) {
                (Some(open), _) if open == c => quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(c),
                (None, '(' | '[') => depth += 1,
                (None, ')' | ']') => depth = depth.checked_sub(1)?,
                (None, _) if depth == 0 && (c == end || c == '}') => {
                    let (value, rest) = self.0.split_at(at);
                    self.0 = rest;
                    return Some(value.trim());
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<ArrayHeader, String> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((text.len() as u16).to_le_bytes());
        bytes.extend(text.as_bytes());
        if bytes.len() >= PREFIX {
            assert_eq!(header_length(&bytes[..PREFIX]), Ok(bytes.len()));
        }
        header(&bytes)
    }

    #[test]
    fn headers_are_read_as_numpy_writes_them() {
        let header = parsed("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }     \n").unwrap();
        assert_eq!((header.dtype, header.shape, header.bytes), (Dtype::F32, vec![3, 4], Some(48)));
        let shape = |text: &str| {
            let text = format!("{{'descr': '<f2', 'fortran_order': False, 'shape': {text}, }}");
            parsed(&text).map(|header| header.shape)
        };
        assert_eq!(shape("()"), Ok(vec![]));
        assert_eq!(shape("(7,)"), Ok(vec![7]));
        assert_eq!(shape("(7L, 2L)"), Ok(vec![7, 2]));
        assert!(
            shape("(-1,)").is_err()
                && shape("7").is_err()
                && shape("(7.0,)").is_err()
                && shape("(1,,2)").is_err()
        );
        let structured = "{'descr': [('a', '<f4'), ('b', '<i8')], 'fortran_order': False, 'shape': (2,), }";
        let header = parsed(structured).unwrap();
        assert_eq!((header.dtype, header.bytes), (Dtype::Other("structured".into()), None));
        for (name, bytes) in
            [("|b1", Some(6)), ("<i8", Some(48)), ("<c16", Some(96)), ("|O", None), ("<U3", None)]
        {
            let text = format!("{{'descr': '{name}', 'fortran_order': False, 'shape': (2, 3), }}");
            let header = parsed(&text).unwrap();
            assert_eq!((header.dtype, header.bytes), (Dtype::Other(name.into()), bytes), "{name}");
        }
    }

    #[test]
    fn other_headers_are_refused() {
        for (text, why) in [
            ("{'descr': '<f4', 'fortran_order': True, 'shape': (3, 4), }", "Fortran order"),
            ("{'descr': '>f4', 'fortran_order': False, 'shape': (3, 4), }", "big-endian"),
            ("{'descr': '<f4', 'fortran_order': False, }", "lacks"),
            ("{'descr': '<f4', 'fortran_order': 0, 'shape': (3, 4), }", "neither"),
            ("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }", "twice"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", "no file"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } + 1", "dictionary"),
            ("{'a': 1}", "unknown key"),
            ("{'descr': '<f4'", "dictionary"),
            ("", "dictionary"),
        ] {
            let error = parsed(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        assert!(parsed("{'descr': '<f4', 'fortran_order': True, 'shape': (4, 1), }").is_ok(), "a column");
        assert!(header_length(b"\x93NUMPY\x09\x00aaaa").is_err());
        assert!(header_length(b"\x93NUMPY\x02\x00\xff\xff\xff\x7f").is_err());
        assert!(header_length(b"\x93NUM").is_err());
    }
}
