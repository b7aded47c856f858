//! Files that lie: each is refused with one line that says what is wrong.

use checkpoint::{Checkpoint, Dtype};

use super::make::{Folder, Member, entry, npy, of_tensors, safetensors, zip};
use super::{one_line, refused, summary_of};

/// The error of a safetensors file with this header and so many bytes of data.
fn error_of(header: &str, data: usize) -> String {
    let folder = Folder::new();
    refused(&folder.write("a.safetensors", safetensors(header, &vec![0; data])))
}

fn check(error: &str, expected: &str) {
    assert!(error.contains(expected), "{error}\nlacks: {expected}");
}

/// Entries of `f32` tensors named a, b, …, with these offsets.
fn header(offsets: &[[usize; 2]]) -> String {
    let each = |(at, offsets): (usize, &[usize; 2])| {
        let name = char::from(b'a' + at as u8).to_string();
        entry(&name, "F32", &[offsets[1].saturating_sub(offsets[0]) / 4], *offsets)
    };
    format!("{{{}}}", offsets.iter().enumerate().map(each).collect::<Vec<_>>().join(","))
}

#[test]
fn a_sound_file_is_read() {
    let folder = Folder::new();
    let bytes = safetensors(&header(&[[8, 16], [0, 8]]), &[0; 16]);
    let path = folder.write("a.safetensors", bytes);
    let checkpoint = Checkpoint::open(&[&path]).unwrap();
    let names: Vec<_> = checkpoint.tensors().iter().map(|tensor| tensor.name.as_str()).collect();
    assert_eq!(names, ["b", "a"], "in the order of their bytes");
    let padded = format!("{}   ", header(&[[0, 4]]));
    folder.write("a.safetensors", safetensors(&padded, &[0; 4]));
    assert!(Checkpoint::open(&[&path]).is_ok(), "headers are padded with spaces");
    folder.write("a.safetensors", safetensors("{}", &[]));
    assert!(Checkpoint::open(&[&path]).unwrap().tensors().is_empty());
}

#[test]
fn offsets() {
    check(&error_of(&header(&[[0, 8]]), 4), "tensor `a`: its bytes 0..8 are not within the 4 bytes of data");
    check(&error_of(&header(&[[8, 4]]), 8), "not within");
    check(&error_of(&header(&[[0, 8], [4, 12]]), 12), "tensor `b`: its bytes 4..12 overlap");
    check(&error_of(&header(&[[0, 4], [8, 12]]), 12), "bytes 4..8 before tensor `b` belong to none");
    check(&error_of(&header(&[[4, 8]]), 8), "bytes 0..4 before tensor `a`");
    check(&error_of(&header(&[[0, 4]]), 8), "end after 4 bytes of data, the file after 8");
    let huge =
        r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,18446744073709551615]}}"#;
    check(&error_of(huge, 8), "not within");
}

#[test]
fn shapes() {
    let one = |shape: &str, dtype: &str, bytes: usize| {
        let header = format!(r#"{{"a":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[0,{bytes}]}}}}"#);
        error_of(&header, bytes)
    };
    check(&one("[3]", "F32", 8), "8 bytes do not hold the shape [3] of type `F32`, which takes 12");
    check(&one("[3]", "F4", 2), "no file holds the shape [3] of type `F4`");
    check(&one("[4294967296,4294967296,4294967296]", "F32", 8), "no file holds the shape");
    check(&one("[4294967296,4294967296,0]", "F32", 0), "no file holds the shape");
    check(&one("[-1]", "F32", 4), "its header is wrong: invalid value: integer `-1`");
    check(&one("[1.5]", "F32", 4), "its header is wrong");
    check(&one("[18446744073709551616]", "F32", 4), "its header is wrong");
    check(&one(&format!("{:?}", [1; 65]), "F32", 4), "more than 64 axes");
    check(&one(&format!("{}1{}", "[".repeat(200), "]".repeat(200)), "F32", 4), "its header is wrong");
    let folder = Folder::new();
    let new_type = r#"{"a":{"dtype":"F7_NEW","shape":[3],"data_offsets":[0,8]}}"#;
    let path = folder.write("a.safetensors", safetensors(new_type, &[0; 8]));
    let checkpoint = Checkpoint::open(&[path]).unwrap();
    assert_eq!(checkpoint.tensors()[0].dtype, Dtype::Other("F7_NEW".into()), "unknown types are listed");
    assert_eq!(checkpoint.measure(|_, _| ()).unwrap(), [None]);
}

#[test]
fn headers() {
    let folder = Folder::new();
    let wrong = |bytes: &[u8], expected: &str| {
        check(&refused(&folder.write("a.safetensors", bytes)), expected);
    };
    wrong(b"", "the file is empty");
    wrong(b"\x02\0\0", "neither safetensors nor");
    wrong(b"\x02\0\0\0\0\0\0\0", "neither safetensors nor");
    wrong(b"\x02\0\0\0\0\0\0\0{", "its header of 2 bytes does not fit into 9");
    wrong(&[&1_000_000_000_u64.to_le_bytes(), &b"{\"a\":"[..]].concat(), "would have 1000000000 bytes");
    wrong(&[&u64::MAX.to_le_bytes(), &b"{\"a\":"[..]].concat(), "would have 18446744073709551615 bytes");
    wrong(&safetensors("{\"a\":", &[]), "its header is wrong: EOF");
    wrong(&safetensors("{\"a\":3}", &[]), "its header is wrong: invalid type");
    wrong(&safetensors("{\"a\":{}}", &[]), "missing field `dtype`");
    let bad = [&b"{\"a\xff\":"[..], entry("b", "F32", &[], [0, 4]).as_bytes()].concat();
    wrong(&[&(bad.len() as u64).to_le_bytes(), &bad[..]].concat(), "its header is wrong: invalid unicode");
    let twice = format!("{{{},{}}}", entry("a", "F32", &[], [0, 4]), entry("a", "F32", &[], [4, 8]));
    wrong(&safetensors(&twice, &[0; 8]), "tensor `a` is in its header twice");
    let twice = r#"{"a":{"dtype":"F32","dtype":"F32","shape":[],"data_offsets":[0,4]}}"#;
    wrong(&safetensors(twice, &[0; 4]), "duplicate field `dtype`");
    let control = entry("a\\n\\u001b[31m", "F32", &[], [0, 8]);
    wrong(&safetensors(&format!("{{{control}}}"), &[0; 8]), "tensor `a\\u{a}\\u{1b}[31m`");
    wrong(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "git lfs pull");
    wrong(b"GGUF\x03\0\0\0\x01\0\0\0", "GGUF");
    wrong(b"\x89HDF\r\n\x1a\n\0\0\0\0", "HDF5");
    wrong(b"\x80\x04\x95\x10\0\0\0\0\0\0\0", "pickle");
    wrong(b"hello world, these are no weights", "neither safetensors nor");
}

/// A header of tens of megabytes, full of names: read within a multiple of its own size, or refused.
#[test]
fn names_by_the_million() {
    let folder = Folder::new();
    let names = |n: usize| {
        let entries: Vec<_> = (0..n).map(|i| entry(&format!("{i:x}"), "F32", &[0], [0, 0])).collect();
        safetensors(&format!("{{{}}}", entries.join(",")), &[])
    };
    let path = folder.write("a.safetensors", names(100_000));
    assert_eq!(Checkpoint::open(&[path]).unwrap().tensors().len(), 100_000);
    let path = folder.write("a.safetensors", names(1_000_001));
    check(&refused(&path), "more than 1000000 tensors");
}

#[test]
fn what_is_no_file() {
    let folder = Folder::new();
    check(&refused(&folder.path("absent.safetensors")), "cannot read it: No such file");
    check(&refused(std::path::Path::new("/dev/null")), "not a regular file");
    std::fs::create_dir(folder.path("empty")).unwrap();
    check(&refused(&folder.path("empty")), "a directory without an index");
    let one = of_tensors(&[("a", &[1], vec![1.0])]);
    folder.write("empty/x.safetensors", &one);
    assert!(Checkpoint::open(&[folder.path("empty")]).is_ok(), "one file in a directory");
    folder.write("empty/y.safetensors", &one);
    check(&refused(&folder.path("empty")), "0 indices and 2 safetensors files");
    assert!(Checkpoint::open::<&str>(&[]).unwrap().tensors().is_empty());
}

#[test]
fn indices_of_shards() {
    let folder = Folder::new();
    folder.write("one.safetensors", of_tensors(&[("a", &[1], vec![1.0])]));
    folder.write("two.safetensors", of_tensors(&[("b", &[1], vec![2.0])]));
    let error = |map: &str| {
        refused(
            &folder.write("m.safetensors.index.json", format!(r#"{{"metadata":{{}},"weight_map":{map}}}"#)),
        )
    };
    folder
        .write("m.safetensors.index.json", r#"{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}"#);
    let checkpoint = Checkpoint::open(&[folder.path("m.safetensors.index.json")]).unwrap();
    assert_eq!(checkpoint.tensors().len(), 2);
    check(&error(r#"{"a":"three.safetensors"}"#), "three.safetensors: cannot read it");
    check(
        &error(r#"{"a":"one.safetensors","c":"one.safetensors"}"#),
        "tensor `c` is not in shard `one.safetensors`",
    );
    for outside in
        ["../one.safetensors", "/etc/passwd", "x/../../one.safetensors", "", ".", "..\\\\one", "a\\u0000b"]
    {
        check(&error(&format!(r#"{{"a":"{outside}"}}"#)), "is not a file below its own folder");
    }
    check(&error(r#"{"a":"one.safetensors","a":"two.safetensors"}"#), "it names tensor `a` twice");
    check(&error(r#"["a"]"#), "not an index of shards");
    check(&error(r#"{"a":3}"#), "not an index of shards");
    check(&error("{"), "not an index of shards");
    folder.write("three.safetensors", of_tensors(&[("b", &[1], vec![1.0]), ("c", &[1], vec![1.0])]));
    check(&error(r#"{"b":"two.safetensors","c":"three.safetensors"}"#), "name files of one model");
}

#[test]
fn arrays() {
    let folder = Folder::new();
    let error = |bytes: Vec<u8>| refused(&folder.write("a.npy", bytes));
    let four = 1.5_f32.to_le_bytes();
    folder.write("a.npy", npy("'<f4'", "False", "(1,)", &four));
    assert_eq!(summary_of(&folder.path("a.npy"), "a").unwrap().max, 1.5);
    check(
        &error(npy("'<f4'", "False", "(2,)", &four)),
        "4 bytes of values do not hold its shape [2], which takes 8",
    );
    check(&error(npy("'<f4'", "False", "(0,)", &four)), "which takes 0");
    check(&error(npy("'<f4'", "True", "(2, 2)", &[0; 16])), "Fortran order");
    check(&error(npy("'>f4'", "False", "(1,)", &four)), "big-endian");
    check(&error(npy("'<f4'", "False", "(99999999999, 99999999999)", &four)), "no file holds an array");
    check(&error(b"\x93NUMPY\x01\x00\xff\xff{}".to_vec()), "its header does not fit");
    check(&error(b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}".to_vec()), "a header of 4294967307 bytes");
    check(&error(b"\x93NUMPY\x01".to_vec()), "too short");
    check(&error(b"\x93NUMPY\x07\x00aaaaaaaa".to_vec()), "version 7");
}

#[test]
fn archives() {
    let folder = Folder::new();
    let write = |members: &[Member]| folder.write("a.npz", zip(members));
    let array = npy("'<f4'", "False", "(1000,)", &[0; 4000]);
    let (stored, deflated) = (Member::stored("w.npy", array.clone()), Member::deflated("v.npy", &array));
    let path = write(&[stored.clone(), deflated.clone()]);
    assert_eq!(summary_of(&path, "w").unwrap().zeros, 1000);
    assert_eq!(summary_of(&path, "v").unwrap().zeros, 1000);

    check(&refused(&write(&[stored.clone(), stored.clone()])), "`w.npy` is there twice");
    check(&refused(&write(&[Member::stored("w.txt", array.clone())])), "no NumPy array");
    check(&refused(&write(&[Member { flags: 1, ..stored.clone() }])), "encrypted");
    check(&refused(&write(&[Member { method: 12, ..stored.clone() }])), "neither stored nor deflated");
    check(&refused(&write(&[Member { size: 5, ..stored.clone() }])), "is damaged");
    check(&refused(&write(&[Member { size: 10_000_000, ..deflated.clone() }])), "is damaged");
    check(&refused(&write(&[Member { size: 4000, ..deflated.clone() }])), "do not hold its shape");
    check(&refused(&write(&[Member { crc: 1, ..deflated.clone() }])), "compressed data are damaged");
    check(&refused(&write(&[Member { offset: Some(1), ..stored.clone() }])), "is damaged");
    check(&refused(&write(&[Member { offset: Some(u32::MAX - 1), ..stored.clone() }])), "is damaged");
    let mut broken = deflated.clone();
    broken.bytes.iter_mut().skip(4).for_each(|byte| *byte ^= 0x55);
    check(&refused(&write(&[broken])), "damaged");
    let mut short = deflated.clone();
    short.bytes.truncate(5);
    check(&refused(&write(&[short])), "damaged");
    // What makes archives of kilobytes petabytes: many members with the same bytes.
    let again = Member { name: "u.npy".into(), offset: Some(0), ..stored.clone() };
    check(&refused(&write(&[stored.clone(), again])), "overlap");
    // One that is honest about its size is unpacked in little memory.
    let bomb = npy("'<f4'", "False", "(5000000,)", &vec![0; 20_000_000]);
    let path = write(&[Member::deflated("w.npy", &bomb)]);
    assert!(std::fs::metadata(&path).unwrap().len() < 30_000);
    let info = allocation_counter::measure(|| assert_eq!(summary_of(&path, "w").unwrap().zeros, 5_000_000));
    assert!(info.bytes_max < 10_000_000, "{info:?}");

    let good = zip(&[stored, deflated]);
    for length in (4..good.len()).step_by(7) {
        if Checkpoint::open(&[folder.write("a.npz", &good[..length])]).is_ok() {
            panic!("cut after {length} bytes");
        }
    }
    check(&refused(&folder.write("a.npz", &good[..good.len() - 1])), "its zip directory is damaged");
    let pickle = Member::stored("archive/data.pkl", vec![0x80, 2]);
    check(&refused(&write(&[pickle])), "torch.load('a.npz'");
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let folder = Folder::new();
    let good = of_tensors(&[("a", &[3], vec![1.0; 3]), ("b", &[2, 2], vec![2.0; 4])]);
    for length in 0..good.len() {
        let path = folder.write("a.safetensors", &good[..length]);
        one_line(Checkpoint::open(&[path]).expect_err("a shorter file").to_string());
    }
}
