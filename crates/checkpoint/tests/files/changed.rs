//! Files that change while they are read.

use std::fs::File;
use std::time::{Duration, SystemTime};

use checkpoint::Checkpoint;

use super::make::{Folder, of_tensors};
use super::one_line;

fn good() -> Vec<u8> {
    of_tensors(&[("a", &[100, 100], vec![1.0; 10_000])])
}

fn error_after(change: impl FnOnce(&Folder)) -> String {
    let folder = Folder::new();
    let path = folder.write("a.safetensors", good());
    let checkpoint = Checkpoint::open(&[&path]).unwrap();
    checkpoint.measure(|_, _| ()).unwrap();
    change(&folder);
    one_line(checkpoint.measure(|_, _| ()).unwrap_err().to_string())
}

#[test]
fn a_shortened_file() {
    let error = error_after(|folder| {
        File::options().write(true).open(folder.path("a.safetensors")).unwrap().set_len(100).unwrap();
    });
    assert!(error.contains("became shorter while it was read"), "{error}");
}

#[test]
fn a_file_that_was_written_to() {
    let error = error_after(|folder| {
        let file = File::options().write(true).open(folder.path("a.safetensors")).unwrap();
        file.set_modified(SystemTime::now() + Duration::from_secs(10)).unwrap();
    });
    assert!(error.contains("it was written to while it was read"), "{error}");
}

#[test]
fn a_replaced_file() {
    let error = error_after(|folder| {
        let new = folder.write("b.safetensors", good());
        std::fs::rename(new, folder.path("a.safetensors")).unwrap();
    });
    assert!(error.contains("it was replaced while it was read"), "{error}");
    let error = error_after(|folder| std::fs::remove_file(folder.path("a.safetensors")).unwrap());
    assert!(error.contains("it was replaced"), "{error}");
}

/// Another thread shortens the file while it is measured; the callback waits for that.
#[test]
fn a_file_that_is_shortened_in_the_middle() {
    let folder = Folder::new();
    let values = vec![0.5; 3 << 20];
    let path = folder.write("a.safetensors", of_tensors(&[("a", &[3 << 10, 1 << 10], values)]));
    let checkpoint = Checkpoint::open(&[&path]).unwrap();
    let result = checkpoint.measure(|_, _| {
        File::options().write(true).open(&path).unwrap().set_len(1000).unwrap();
    });
    let error = one_line(result.unwrap_err().to_string());
    assert!(error.contains("became shorter while it was read"), "{error}");
}
