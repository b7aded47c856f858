//! `step-zero sweep` and `step-zero merge`: the contract, from the outside.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{refusal, stdout, step_zero};

const PLAN: &str = "version = 1
measure = ['loss@40', 'gradient_growth', 'xi_c']
[axes]
gain = { log = [0.5, 4], points = 50 }
seed = { count = 4 }
[fixed]
width = 12
depth = 2
[train]
sgd = 0.1
steps = 40
";

/// A folder with a plan, and the paths in it.
struct Place(TempDir);

impl Place {
    fn new(plan: &str) -> Self {
        let place = Self(TempDir::new().unwrap());
        fs::write(place.path("plan.toml"), plan).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// The arguments of a sweep into a folder.
    fn sweep(&self, out: &str, more: &[&str]) -> Vec<String> {
        let own = ["sweep".to_owned(), self.text("plan.toml"), "--out".to_owned(), self.text(out)];
        own.into_iter().chain(more.iter().map(|&word| word.to_owned())).collect()
    }

    /// Runs a sweep into a folder, and returns what it prints.
    #[track_caller]
    fn swept(&self, out: &str, more: &[&str]) -> String {
        let output = run(&self.sweep(out, more));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        stdout(&output)
    }

    fn table(&self, out: &str) -> Vec<u8> {
        fs::read(self.path(out).join("table.csv")).unwrap()
    }

    /// A text without this folder's path, the hash of the plan, and times.
    fn shown(&self, text: &str) -> String {
        let text = text.replace(self.0.path().to_str().unwrap(), "DIR");
        let hash =
            text.split(['/', ' ', '(', ')']).find(|word| word.len() > 13 && word.as_bytes()[12] == b'-');
        hash.map_or(text.clone(), |hash| text.replace(&hash[..12], "HASH"))
    }
}

fn run(arguments: &[String]) -> std::process::Output {
    step_zero(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn refused(arguments: &[String]) -> String {
    refusal(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn start(arguments: &[String]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_step-zero"))
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until a folder has a shard with more than so many bytes.
fn wait_for(folder: &Path, ending: &str, bytes: u64) {
    let began = Instant::now();
    let there = || {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut shards = entries.filter(|entry| entry.file_name().to_string_lossy().ends_with(ending));
        shards.any(|entry| entry.metadata().is_ok_and(|metadata| metadata.len() > bytes))
    };
    while !there() {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "no {ending} of {bytes} bytes in {}",
            folder.display()
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn shards_in_any_order_killed_or_not_give_one_table() {
    let place = Place::new(PLAN);
    place.swept("one", &["--threads", "1"]);
    let expected = place.table("one");
    assert_eq!(expected.iter().filter(|&&byte| byte == b'\n').count(), 201);

    // Killed twice in the middle, on other numbers of threads.
    for (bytes, threads) in [(1000, "2"), (4000, "1")] {
        let mut child = start(&place.sweep("killed", &["--threads", threads]));
        wait_for(&place.path("killed"), ".part", bytes);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let text = place.swept("killed", &["--threads", "3"]);
    assert!(text.contains(" were there already\n"), "{text}");
    assert_eq!(place.table("killed"), expected);

    for shard in ["2/3", "0/3", "0/3", "1/3"] {
        place.swept("three", &["--shard", shard]);
    }
    let merged = step_zero(&["merge", &place.text("three")]);
    assert_eq!((merged.status.code(), place.table("three")), (Some(0), expected.clone()));
    insta::assert_snapshot!(place.shown(&stdout(&merged)), @r"
    DIR/three/table.csv: 200 of 200 cells
    figures in DIR/three/figures, as SVG and PNG: loss-40, gradient_growth, xi_c
    ");
    insta::assert_snapshot!(place.swept("three", &["--shard", "1/3"]).replace(place.0.path().to_str().unwrap(), "DIR"), @r"
    shard 1/3: all 67 cells are there already
    when all shards are done: step-zero merge DIR/three
    ");
}

#[test]
fn a_merge_draws_every_measure_unless_it_is_told_not_to() {
    let place = Place::new(PLAN);
    place.swept("out", &[]);
    let figures = place.path("out").join("figures");
    for name in ["loss-40", "gradient_growth", "xi_c"] {
        let svg = fs::read_to_string(figures.join(format!("{name}.svg"))).unwrap();
        assert!(svg.contains("gain") && svg.contains("median over seeds"), "{name}");
        assert!(fs::read(figures.join(format!("{name}.png"))).unwrap().starts_with(b"\x89PNG"));
    }
    fs::remove_dir_all(&figures).unwrap();
    let merged = step_zero(&["merge", &place.text("out"), "--no-figures"]);
    assert_eq!(place.shown(&stdout(&merged)), "DIR/out/table.csv: 200 of 200 cells\n");
    assert!(!figures.exists());

    let texts = Place::new("version = 1\nmeasure = ['chi_1']\n[axes]\nactivation = ['tanh', 'relu']\n");
    insta::assert_snapshot!(texts.swept("out", &[]).lines().last().unwrap(), @"no figures: the plan has no axis of two or more numbers besides seeds");
}

#[test]
fn a_merge_says_what_is_missing() {
    let place = Place::new(PLAN);
    for shard in ["0/5", "1/5", "4/5"] {
        place.swept("out", &["--shard", shard]);
    }
    let mut child = start(&place.sweep("out", &["--shard", "3/5", "--threads", "1"]));
    wait_for(&place.path("out"), ".part", 300);
    child.kill().unwrap();
    child.wait().unwrap();
    let merged = step_zero(&["merge", &place.text("out")]);
    assert_eq!(merged.status.code(), Some(1));
    insta::assert_snapshot!(place.shown(&stdout(&merged)), @r"
    missing: 2 of 5 shards, 1 of them begun
    to compute them: step-zero sweep DIR/out/plan.toml --out DIR/out --shard K/5 for K of --array=2,3
    no table was written; --partial writes one of the cells that are there
    ");
    assert!(!place.path("out").join("table.csv").exists());
    let partial = step_zero(&["merge", &place.text("out"), "--partial"]);
    assert_eq!(partial.status.code(), Some(1));
    let rows = place.table("out").iter().filter(|&&byte| byte == b'\n').count() - 1;
    assert!(rows > 120 && rows < 160, "{rows} rows");
}

#[test]
fn refusals_are_one_line() {
    let place = Place::new(PLAN);
    place.swept("out", &["--shard", "1/3"]);
    let shown = |arguments: &[String]| place.shown(&refused(arguments));
    insta::assert_snapshot!(shown(&place.sweep("out", &[])), @"error: DIR/out has shards of 3, and this would be one of 1; give --shard K/3, or choose another folder with --out");
    insta::assert_snapshot!(shown(&place.sweep("out", &["--shard", "3/3"])), @"error: invalid value '3/3' for '--shard <K/N>': it is K/N with K from 0 to N - 1, such as 3/100, or auto/100; see --help");
    insta::assert_snapshot!(shown(&place.sweep("out", &["--shard", "auto/3"])), @"error: --shard auto: SLURM_ARRAY_TASK_ID is not set; this is no task of a Slurm array, so give K/N");
    insta::assert_snapshot!(shown(&["merge".to_owned(), place.text("none")]), @"error: cannot read DIR/none/plan.toml: No such file or directory (os error 2); name a plan, a file of TOML");
    fs::create_dir(place.path("empty")).unwrap();
    fs::copy(place.path("plan.toml"), place.path("empty/plan.toml")).unwrap();
    insta::assert_snapshot!(shown(&["merge".to_owned(), place.text("empty")]), @"error: DIR/empty has no shards; compute them with step-zero sweep");
    fs::write(place.path("plan.toml"), PLAN.replace("width = 12", "width = 13")).unwrap();
    insta::assert_snapshot!(shown(&place.sweep("out", &["--shard", "0/3"])), @"error: DIR/out has the shards of another plan than DIR/plan.toml; choose another folder with --out");
    fs::write(place.path("plan.toml"), PLAN.replace("width", "widht")).unwrap();
    insta::assert_snapshot!(shown(&place.sweep("out", &[])), @"error: DIR/plan.toml:7:1: there is no setting `widht`");
    insta::assert_snapshot!(shown(&["sweep".to_owned(), place.text("nothing.toml")]), @"error: cannot read DIR/nothing.toml: No such file or directory (os error 2); name a plan, a file of TOML");
    insta::assert_snapshot!(shown(&place.sweep("out", &["--slurm"])), @"error: the following required arguments were not provided: --array <N>; see --help");
}

/// The number of a shard comes from Slurm's environment.
#[test]
fn a_task_of_an_array_takes_its_shard() {
    let place = Place::new(PLAN);
    let task = |index: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_step-zero"));
        let output = command
            .args(place.sweep("out", &["--shard", "auto/100"]))
            .env("SLURM_ARRAY_TASK_ID", index)
            .env("SLURM_CPUS_PER_TASK", "1")
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, text) = task("17");
    assert!(
        code == Some(0) && text.starts_with("shard 17/100: 2 cells in ") && text.contains(" on 1 thread\n"),
        "{text}"
    );
    let (code, text) = task("100");
    assert_eq!(code, Some(2));
    insta::assert_snapshot!(text, @"error: --shard auto: task 100 of the array is none of 100 shards; submit with --array=0-99");
}

#[test]
fn an_estimate_writes_nothing() {
    let place = Place::new(PLAN);
    let text = place.swept("out", &["--dry-run"]);
    assert!(!place.path("out").exists());
    let digits = |line: &str| -> String {
        let mut text = String::new();
        for c in line.chars() {
            match c {
                '0'..='9' if text.ends_with('#') => {}
                '0'..='9' => text.push('#'),
                c => text.push(c),
            }
        }
        text.replace("#.#", "#")
    };
    let names: Vec<&str> = text.lines().map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(names, ["plan", "cells", "sample", "core-hours", "memory", "files", "this machine", "Slurm"]);
    let line = |name: &str| digits(text.lines().find(|line| line.starts_with(name)).unwrap());
    assert!(text.contains("\ncells         200\n"), "{text}");
    assert!(line("files").ends_with("# MB") && line("memory").ends_with(" per process"), "{text}");
    assert!(line("Slurm").contains(" --slurm --array # -- --time=#:#:#"), "{text}");
}

#[test]
fn the_scripts_of_slurm_are_printed() {
    let place = Place::new(PLAN);
    let text = place.swept(
        "out dir",
        &["--slurm", "--array", "100", "--dry-run", "--", "--time=1:00:00", "--account=a b"],
    );
    assert!(!place.path("out dir").exists());
    let program = Path::new(env!("CARGO_BIN_EXE_step-zero")).to_str().unwrap();
    insta::assert_snapshot!(place.shown(&text.replace(program, "PROGRAM")), @r#"
    # sweep.sbatch
    #!/bin/bash
    #SBATCH --job-name=plan
    #SBATCH --ntasks=1
    #SBATCH --cpus-per-task=1
    #SBATCH --open-mode=append
    #SBATCH --output="DIR/out dir/slurm-%A_%a.log"
    #SBATCH --array=0-99
    #SBATCH --requeue
    export RAYON_NUM_THREADS="${SLURM_CPUS_PER_TASK:-1}"
    exec PROGRAM sweep 'DIR/out dir/plan.toml' --out 'DIR/out dir' --shard "$SLURM_ARRAY_TASK_ID/100"

    # merge.sbatch
    #!/bin/bash
    #SBATCH --job-name=plan
    #SBATCH --ntasks=1
    #SBATCH --cpus-per-task=1
    #SBATCH --open-mode=append
    #SBATCH --output="DIR/out dir/slurm-merge-%j.log"
    exec PROGRAM merge 'DIR/out dir'

    # would be submitted by
    sbatch --time=1:00:00 '--account=a b' 'DIR/out dir/sweep.sbatch'
    sbatch --dependency=afterany:JOB --time=1:00:00 '--account=a b' 'DIR/out dir/merge.sbatch'
    "#);
}

/// Unmounts a file system when it goes away.
struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// A file system of a few pages fills up in the middle of a record; with more room, the same command goes on.
#[test]
#[cfg(target_os = "linux")]
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn a_full_disk_loses_nothing() {
    let place = Place::new(PLAN);
    place.swept("one", &[]);
    let full = place.path("full");
    fs::create_dir(&full).unwrap();
    let mount = |options: &str| {
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&full).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    // The plan and one page for records, of which 200 take 7,400 bytes.
    if !mount("size=8k") {
        println!("skipped: a file system cannot be mounted here, which takes root");
        return;
    }
    let mounted = Mounted(full.clone());
    let text = place.shown(&refused(&place.sweep("full", &["--threads", "2"])));
    insta::assert_snapshot!(text, @"error: cannot write DIR/full/HASH-0of1.part: No space left on device (os error 28); make room and run the same command again, it goes on from what is there");
    assert!(mount("remount,size=64k"), "the file system cannot grow");
    let text = place.swept("full", &["--threads", "2"]);
    assert!(text.contains(" were there already\n"), "{text}");
    assert!(
        text.contains("no figures: cannot write"),
        "the table is there, and figures take more room: {text}"
    );
    assert_eq!(place.table("full"), place.table("one"));
    drop(mounted);
}

/// Ctrl-C ends a sweep with the way to go on.
#[test]
#[cfg(unix)]
fn an_interrupted_sweep_says_how_to_go_on() {
    let place = Place::new(PLAN);
    let child = start(&place.sweep("out", &["--threads", "1"]));
    wait_for(&place.path("out"), ".part", 300);
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.starts_with("error: interrupted: ")
            && text.ends_with(" of 200 cells of shard 0/1 are done; the same command goes on from there\n"),
        "{text}"
    );
    place.swept("out", &[]);
}
