//! The lecture's command line as its users meet it, on the lesson's twenty names.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use specimen::lesson::NAMES;
use tempfile::TempDir;

fn makemore(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["reproduce", "makemore"]).args(arguments).stdin(Stdio::null());
    command
}

fn path(directory: &TempDir, name: &str) -> String {
    directory.path().join(name).to_str().unwrap().to_owned()
}

/// A directory with the lesson's names in it.
fn names() -> (TempDir, String) {
    let directory = TempDir::new().unwrap();
    let path = path(&directory, "names.txt");
    fs::write(&path, NAMES.map(|name| format!("{name}\n")).concat()).unwrap();
    (directory, path)
}

/// The one line of a refusal: exit code 2, nothing on stdout; the directory's name replaced.
#[track_caller]
fn refused(directory: &TempDir, output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim_end().replace(directory.path().to_str().unwrap(), "DIR")
}

#[track_caller]
fn refusal(directory: &TempDir, arguments: &[&str]) -> String {
    refused(directory, &makemore(arguments).output().unwrap())
}

#[test]
fn names_that_are_not_the_lectures_are_refused() {
    let (directory, names) = names();
    let mut said = vec![
        refusal(&directory, &[]),
        refusal(&directory, &["--names", &path(&directory, "none.txt")]),
        refusal(&directory, &["--names", &names]),
    ];
    for (bytes, name) in [
        (&b""[..], "empty.txt"),
        (b"emma\r\nava\r\n", "crlf.txt"),
        (b"emma\nav\xff\n", "bytes.txt"),
        (b"emma\nava1\n", "digit.txt"),
    ] {
        let path = path(&directory, name);
        fs::write(&path, bytes).unwrap();
        said.push(refusal(&directory, &["--names", &path, "--any-names"]));
    }
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn bad_options_get_one_line() {
    let (directory, names) = names();
    let refusal = |arguments: &[&str]| {
        refusal(&directory, &[&["--names", names.as_str(), "--any-names"], arguments].concat())
    };
    let run = path(&directory, "run.txt");
    fs::write(&run, "gain = 5/3\n# fine\nheight = 3\n").unwrap();
    let said = [
        refusal(&["nonsense"]),
        refusal(&["--run", "nonsense"]),
        refusal(&["--gain", "x"]),
        refusal(&["--hidden", "0"]),
        refusal(&["--hidden", "many"]),
        refusal(&["--batch", "0"]),
        refusal(&["--hidden", "100000x2"]),
        refusal(&["--scale", "W9=2"]),
        refusal(&["--rates", "0.1,0.2"]),
        refusal(&["--run", "deep", "gains"]),
        refusal(&["--run", &run]),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

/// Every CSV of a directory, by name.
fn tables(directory: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let tables = entries.filter(|path| path.extension().is_some_and(|extension| extension == "csv"));
    let mut tables: Vec<_> = tables
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap())
        })
        .collect();
    tables.sort();
    tables
}

const SMALL: [&str; 8] =
    ["--any-names", "--run", "deep-norm", "--hidden", "8,6", "--batch", "4", "--every=1000"];

#[test]
fn a_run_file_is_the_same_as_options() {
    let (directory, names) = names();
    let run = path(&directory, "deep-norm.txt");
    fs::write(&run, "run = deep-norm\nhidden = 8,6\nbatch = 4\nevery = 1000\nsteps = 30\n").unwrap();
    let (file, options) = (path(&directory, "file"), path(&directory, "options"));
    let by_file = ["--names", &names, "--any-names", "--run", &run, "--out", &file];
    let output = makemore(&by_file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let by_options = [&SMALL[..], &["--names", &names, "--steps", "30", "--out", &options]].concat();
    assert!(makemore(&by_options).output().unwrap().status.success());
    let (by_file, by_options) = (tables(Path::new(&file)), tables(Path::new(&options)));
    assert_eq!(by_file.len(), 10);
    assert_eq!(by_file, by_options);
}

#[test]
fn any_scheme_starts_any_run() {
    let (directory, names) = names();
    let out = path(&directory, "out");
    let some = ["--any-names", "--names", &names, "--layers", "8x2", "--steps", "20", "--out", &out];
    let shown = |more: &[&str]| {
        let output = makemore(&[&some, more].concat()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    for scheme in ["orthogonal", "kaiming", "torch.linear", "kaiming_normal(fan_in, forward(tanh))"] {
        for run in ["deep-norm", "shallow-tanh"] {
            let text = shown(&["--scheme", scheme, "--run", run, "--norm", "hidden", "--norm-bias"]);
            assert!(text.contains(scheme) && text.contains("norm-bias"), "{text}");
        }
    }
    assert_ne!(shown(&["--scheme", "orthogonal"]), shown(&[]));
    insta::assert_snapshot!(refusal(&directory, &[&some[..], &["--norm-bias"]].concat()), @"error: norm-bias is about a normalised product, and there is none; add --norm hidden or --norm all");
    insta::assert_snapshot!(refusal(&directory, &[&some[..], &["--scheme", "normal(0, -1)"]].concat()), @"error: invalid value 'normal(0, -1)' for '--scheme <SCHEME>': invalid scheme `normal(0, -1)`: the standard deviation must not be negative; see --help");
    insta::assert_snapshot!(refusal(&directory, &[&some[..], &["--hidden", "4"]].concat()), @"error: the argument '--layers <UNITS>' cannot be used with '--hidden <UNITS>'; see --help");
}

#[test]
#[cfg(unix)]
fn a_run_that_ctrl_c_ended_goes_on_to_the_same_digits() {
    let (directory, names) = names();
    let (checkpoint, resumed, whole) =
        (path(&directory, "run.safetensors"), path(&directory, "resumed"), path(&directory, "whole"));
    let endless =
        [&SMALL[..], &["--names", &names, "--steps", "1000000000", "--checkpoint", &checkpoint]].concat();
    let child = makemore(&endless).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(700));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let said = refused(&directory, &child.wait_with_output().unwrap());
    let steps: u64 = said.split_whitespace().nth(3).unwrap().parse().unwrap();
    assert_eq!(
        said,
        format!(
            "error: interrupted after {steps} of 1000000000 steps; go on with --resume DIR/run.safetensors"
        )
    );

    let more = (steps + 50).to_string();
    let to = ["--any-names", "--names", &names, "--steps", &more, "--out"];
    let output = makemore(&[&to[..], &[&resumed, "--resume", &checkpoint]].concat()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(makemore(&[&to[..], &[&whole], &SMALL[1..]].concat()).output().unwrap().status.success());
    assert_eq!(tables(Path::new(&resumed)), tables(Path::new(&whole)));

    let gain =
        makemore(&[&to[..], &[&whole, "--resume", &checkpoint, "--gain", "2"]].concat()).output().unwrap();
    assert_eq!(
        refused(&directory, &gain),
        "error: DIR/run.safetensors goes on as it began: only --steps and --every can be given with --resume"
    );
}
