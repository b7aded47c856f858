//! The invariants of ARCHITECTURE.md. Every checker is shown a case that it must reject.

mod dependencies;
mod names;
mod programs;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use tokens::{outside_tests, std_modules, tokens};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The output of a program, run in the root of the repository.
fn output(program: &str, default: &str, arguments: &[&str]) -> String {
    let program = std::env::var_os(program).unwrap_or_else(|| default.into());
    let output = Command::new(&program).args(arguments).current_dir(root()).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} {}: {errors}", program.display(), arguments.join(" "));
    String::from_utf8(output.stdout).unwrap()
}

/// The packages that `cargo metadata` lists. Nothing is downloaded or written.
fn packages(arguments: &[&str]) -> Vec<Value> {
    let common = ["metadata", "--format-version", "1", "--locked", "--offline"];
    let text = output("CARGO", "cargo", &[&common, arguments].concat());
    let mut metadata: Value = serde_json::from_str(&text).unwrap();
    let Value::Array(packages) = metadata["packages"].take() else { panic!("no packages in {text}") };
    packages
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

// ---- Dependencies between crates ----

/// The dependencies that each member names; those of its tests do not count.
type Graph = BTreeMap<String, BTreeSet<String>>;

fn graph() -> Graph {
    let names = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        all.filter(|d| text(&d["kind"]) != "dev").map(|d| text(&d["name"]).to_owned()).collect()
    };
    packages(&["--no-deps"]).iter().map(|p| (text(&p["name"]).to_owned(), names(p))).collect()
}

/// Everything that a member reaches: its dependencies, and those of the members among them.
fn reach<'a>(graph: &'a Graph, from: &str) -> BTreeSet<&'a str> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(next) = open.pop() {
        for name in graph.get(next).into_iter().flatten() {
            if found.insert(name.as_str()) {
                open.push(name);
            }
        }
    }
    found
}

/// The crates that a crate must not reach.
const OUT_OF_REACH: [(&str, &[&str]); 12] = [
    ("sweep", &["cli", "checkpoint", "lessons", "step-zero", "xtask"]),
    ("checkpoint", &["autograd", "specimen", "cli", "lessons", "step-zero", "xtask"]),
    ("cli", &["autograd", "rand", "torch-rng", "nn-init", "specimen", "lessons", "step-zero", "xtask"]),
    ("lessons", &["step-zero", "xtask"]),
    (
        "plot",
        &["tensor", "gaussian", "mean-field", "rand", "torch-rng", "autograd", "nn-init", "diagnostics"],
    ),
    ("gaussian", &["tensor", "rand", "torch-rng", "autograd", "nn-init", "diagnostics", "specimen"]),
    ("tensor", &["rand", "rand_chacha", "rand_distr", "torch-rng", "autograd", "nn-init", "diagnostics"]),
    ("autograd", &["rand", "rand_chacha", "rand_distr", "torch-rng", "nn-init", "diagnostics", "specimen"]),
    ("torch-rng", &["tensor", "autograd", "mean-field", "nn-init", "diagnostics", "specimen"]),
    ("mean-field", &["rand", "torch-rng", "autograd", "nn-init", "diagnostics", "specimen"]),
    ("nn-init", &["autograd", "diagnostics", "specimen"]),
    ("diagnostics", &["autograd", "rand", "torch-rng", "nn-init", "specimen"]),
];

/// The crates that may name what programs are made of: the command line, tables, files, progress, Ctrl-C, configuration.
const ONLY: [(&str, &[&str]); 8] = [
    ("clap", &["cli", "lessons", "step-zero", "xtask"]),
    ("csv", &["cli", "lessons"]),
    ("comfy-table", &["cli"]),
    ("indicatif", &["cli"]),
    ("ctrlc", &["lessons"]),
    // The rules of a model, the plan of a sweep, and the configuration of the program.
    ("toml", &["checkpoint", "step-zero", "sweep"]),
    // Baselines of tests are written by diagnostics.
    ("atomic-write-file", &["cli", "diagnostics"]),
    ("xtask", &[]),
];

fn wrong_arrows(graph: &Graph) -> Vec<String> {
    let mut wrong = Vec::new();
    for (from, forbidden) in OUT_OF_REACH {
        let reach = reach(graph, from);
        wrong.extend(forbidden.iter().filter(|to| reach.contains(*to)).map(|to| format!("{from} → {to}")));
    }
    for (from, named) in graph.iter().filter(|(from, _)| *from != "tests") {
        let only = ONLY.iter().filter(|(to, by)| named.contains(*to) && !by.contains(&from.as_str()));
        wrong.extend(only.map(|(to, _)| format!("{from} → {to}")));
        // specimen draws from the source that it is given.
        let random = named.iter().filter(|to| from == "specimen" && to.starts_with("rand"));
        // autograd stands on tensor alone; benchmarks bring their own library.
        let second =
            named.iter().filter(|to| from == "autograd" && !["tensor", "criterion"].contains(&to.as_str()));
        wrong.extend(random.chain(second).map(|to| format!("{from} → {to}")));
    }
    wrong
}

#[test]
fn arrows_between_crates_point_one_way() {
    let graph = graph();
    let libraries = [
        "gaussian",
        "tensor",
        "autograd",
        "torch-rng",
        "mean-field",
        "nn-init",
        "plot",
        "diagnostics",
        "checkpoint",
        "specimen",
        "sweep",
        "cli",
        "lessons",
    ];
    for name in libraries.into_iter().chain(["step-zero", "xtask"]) {
        assert!(graph.contains_key(name), "no member is called {name}");
    }
    assert_eq!(wrong_arrows(&graph), Vec::<String>::new());
}

#[test]
fn wrong_arrows_are_rejected() {
    let real = graph();
    let with = |from: &str, to: &str| {
        let mut graph = real.clone();
        graph.get_mut(from).unwrap().insert(to.to_owned());
        wrong_arrows(&graph)
    };
    for (from, to) in [
        ("gaussian", "tensor"),
        ("tensor", "rand"),
        ("tensor", "torch-rng"),
        ("autograd", "libm"),
        ("mean-field", "torch-rng"),
        ("mean-field", "nn-init"),
        ("nn-init", "autograd"),
        ("plot", "diagnostics"),
        ("diagnostics", "autograd"),
        ("diagnostics", "specimen"),
        ("specimen", "rand_chacha"),
        ("specimen", "clap"),
        ("sweep", "cli"),
        ("specimen", "atomic-write-file"),
        ("diagnostics", "csv"),
        ("torch-rng", "xtask"),
        ("checkpoint", "cli"),
        ("checkpoint", "specimen"),
        ("cli", "specimen"),
        ("lessons", "indicatif"),
        ("lessons", "step-zero"),
        ("step-zero", "csv"),
        ("xtask", "comfy-table"),
    ] {
        let wrong = with(from, to);
        assert!(wrong.contains(&format!("{from} → {to}")), "{from} → {to} gives {wrong:?}");
    }
    let around = with("nn-init", "specimen");
    assert!(around.contains(&"nn-init → autograd".to_owned()), "a way around gives {around:?}");
}

// ---- Names in sources ----

/// Every text file with its path from the root; builds and Python environments are skipped.
fn files() -> Vec<(String, String)> {
    let (root, mut found, mut open) = (root(), Vec::new(), vec![root()]);
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("target") || path.ends_with(".git") || path.join("pyvenv.cfg").exists() {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, text));
            }
        }
    }
    found.sort();
    found
}

/// Files that may name faer: those of tensor, and the hand-written loops of the comparison.
const FAER: [&str; 4] = [
    "crates/tensor/src/matmul.rs",
    "crates/tensor/src/qr.rs",
    "crates/tensor/src/svd.rs",
    "compare/peers/src/loops.rs",
];
/// The folder that may name plotters.
const PLOTTERS: &str = "crates/plot/src/";
/// The file that may hold a static: the embedded fonts, parsed once.
const STATIC: &str = "crates/plot/src/font.rs";
/// The programs of `crates/`, which may do everything that a program does.
const PROGRAM: &str = "crates/step-zero/src/";
/// The files of libraries that may name modules of std for input and output, because that is their business.
const IO_FILES: [(&str, &[&str]); 13] = [
    // The baselines of tests.
    (BASELINES, &["fs", "env", "io"]),
    // Recordings, one tensor at a time.
    ("crates/diagnostics/src/sites/file/read.rs", &["fs", "io"]),
    // Files of weights, read at positions; the stream of a compressed one.
    ("crates/checkpoint/src/files/source_file.rs", &["fs", "io"]),
    ("crates/checkpoint/src/files/inflater.rs", &["io"]),
    // Files that appear whole; paths relative to the working directory.
    ("crates/cli/src/files.rs", &["fs", "env", "io"]),
    // Standard output and exit codes.
    ("crates/cli/src/outcome.rs", &["io", "process"]),
    // Whether standard output is a terminal, and NO_COLOR.
    ("crates/cli/src/terminal.rs", &["env", "io"]),
    // A second Ctrl-C ends the process.
    ("crates/lessons/src/makemore/interrupt.rs", &["process"]),
    // The shards and tables of a sweep.
    ("crates/sweep/src/files/folder.rs", &["fs", "io"]),
    ("crates/sweep/src/files/shard_log.rs", &["fs", "io"]),
    ("crates/sweep/src/files/shard_file.rs", &["fs", "io"]),
    ("crates/sweep/src/files/table_file.rs", &["fs", "io"]),
    ("crates/sweep/src/files/parquet_file.rs", &["fs"]),
];
const BASELINES: &str = "crates/diagnostics/src/baseline/file.rs";
const IO: [&str; 5] = ["fs", "net", "env", "process", "io"];
const PRINTING: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];
const CLOCKS: [&str; 2] = ["Instant", "SystemTime"];

/// The names in a source that do not belong there.
fn wrong_names(path: &str, source: &str) -> Vec<String> {
    let all = tokens(source);
    let has = |tokens: &[&str], name: &str| tokens.contains(&name);
    let mut wrong = Vec::new();
    let mut check = |is_wrong: bool, name: &str| {
        if is_wrong {
            wrong.push(format!("{path}: {name}"));
        }
    };
    check(has(&all, "unsafe"), "unsafe");
    check(has(&all, "faer") && !FAER.contains(&path), "faer");
    check(has(&all, "plotters") && !path.starts_with(PLOTTERS), "plotters");

    let library = path.starts_with("crates/") && path.contains("/src/") && !path.ends_with("/tests.rs");
    let library = library && !path.starts_with(PROGRAM);
    if library {
        let code = outside_tests(&all);
        check(has(&code, "static") && path != STATIC, "static");
        check(has(&code, "thread_local"), "thread_local!");
        CLOCKS.iter().for_each(|name| check(has(&code, name), name));
        let modules = std_modules(&code);
        let allowed = |name| IO_FILES.iter().any(|(file, names)| path == *file && names.contains(name));
        IO.iter().for_each(|name| check(modules.contains(name) && !allowed(name), &format!("std::{name}")));
        let called = |name: &str| code.windows(2).any(|pair| pair == [name, "!"]);
        PRINTING.iter().for_each(|name| check(called(name), &format!("{name}!")));
    }
    wrong
}

#[test]
fn sources_name_only_what_is_theirs() {
    let sources: Vec<_> = files().into_iter().filter(|(path, _)| path.ends_with(".rs")).collect();
    let library = sources.iter().filter(|(path, _)| path.starts_with("crates/")).count();
    assert!(library > 50, "only {library} sources were found");
    let wrong: Vec<_> = sources.iter().flat_map(|(path, source)| wrong_names(path, source)).collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn wrong_names_are_rejected() {
    let rejected = |path: &str, source: &str| {
        wrong_names(path, source).iter().map(|w| w[path.len() + 2..].to_owned()).collect::<Vec<_>>()
    };
    let library = "crates/tensor/src/rows.rs";
    for (source, name) in [
        ("use faer::Mat;", "faer"),
        ("use plotters::style;", "plotters"),
        ("fn f() { unsafe { g() } }", "unsafe"),
        ("use std::{fmt, fs};", "std::fs"),
        ("fn f() { std::env::var(x); }", "std::env"),
        ("use std::net::TcpStream;", "std::net"),
        ("fn f() { println!(x); }", "println!"),
        ("fn f() { eprintln!(x); }", "eprintln!"),
        ("fn f() { Instant::now(); }", "Instant"),
        ("use std::time::SystemTime;", "SystemTime"),
        ("static mut SEED: u64 = 0;", "static"),
        ("static SEED: AtomicU64 = AtomicU64::new(0);", "static"),
        ("thread_local! { }", "thread_local!"),
    ] {
        assert_eq!(rejected(library, source), [name], "{source}");
    }
    assert_eq!(rejected("xtask/src/main.rs", "use faer::Mat; use plotters::style;"), ["faer", "plotters"]);
    assert_eq!(rejected("crates/diagnostics/src/summary.rs", "use plotters::style;"), ["plotters"]);
    let beside = "crates/diagnostics/src/baseline/guard.rs";
    assert_eq!(rejected(beside, "use std::{env, fs, io};"), ["std::fs", "std::env", "std::io"]);
    let more = "use std::{net, process}; fn f() { println!(x); } static S: u8 = 0;";
    assert_eq!(rejected(BASELINES, more), ["static", "std::net", "std::process", "println!"]);
    assert_eq!(rejected("crates/cli/src/outcome.rs", "use std::{fs, io};"), ["std::fs"]);
    assert_eq!(rejected("crates/lessons/src/lesson.rs", "use std::fs;"), ["std::fs"]);
    assert_eq!(rejected("tests/main.rs", "fn f() { unsafe { g() } }"), ["unsafe"]);

    let allowed = "/// println!(faer)\nfn f() -> &'static str { x } #[cfg(test)] mod tests { use std::fs; }";
    for (path, source) in [
        (library, allowed),
        ("xtask/src/main.rs", "use std::fs; fn f() { println!(x); }"),
        ("crates/tensor/src/matmul.rs", "use faer::Mat;"),
        ("crates/plot/src/paint.rs", "use plotters::style;"),
        (BASELINES, "use std::{env, fs, io};"),
        (
            "crates/step-zero/src/observe/mod.rs",
            "use std::{env, fs, io}; fn f() { println!(x); Instant::now(); }",
        ),
        ("crates/cli/src/outcome.rs", "use std::io; use std::process::ExitCode;"),
        (STATIC, "static ONCE: Once = Once::new();"),
    ] {
        assert_eq!(rejected(path, source), Vec::<String>::new(), "{path}: {source}");
    }
}

// ---- Manifests ----

/// The lines of all dependency tables of a manifest, each with the line above it.
fn dependency_lines(manifest: &str) -> Vec<(&str, &str)> {
    let (mut lines, mut inside, mut above) = (Vec::new(), false, "");
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line.trim_end_matches(']').ends_with("dependencies");
            // A dependency with a table of its own has no line to check, so its heading is returned.
            if line.contains("dependencies.") {
                lines.push((above, line));
            }
        } else if inside && !line.is_empty() && !line.starts_with('#') {
            lines.push((above, line));
        }
        above = line;
    }
    lines
}

/// External dependencies of the workspace without a reason above them, or with default features.
fn unexplained(manifest: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (above, line) in dependency_lines(manifest).into_iter().filter(|(_, line)| !line.contains("path =")) {
        if !above.starts_with('#') {
            wrong.push(format!("no reason above: {line}"));
        }
        if !line.contains("default-features = false") {
            wrong.push(format!("default features: {line}"));
        }
    }
    wrong
}

/// Dependencies of a member that do not come from the workspace.
fn not_inherited(manifest: &str) -> Vec<&str> {
    let inherited = |line: &str| line.contains(".workspace = true") || line.contains("{ workspace = true");
    let lines = dependency_lines(manifest).into_iter().map(|(_, line)| line);
    lines.filter(|line| !inherited(line)).collect()
}

#[test]
fn dependencies_are_explained_once_and_inherited() {
    let workspace = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(dependency_lines(&workspace).len() > 20, "the workspace's dependencies were not found");
    assert_eq!(unexplained(&workspace), Vec::<String>::new());
    for package in packages(&["--no-deps"]) {
        let manifest = std::fs::read_to_string(text(&package["manifest_path"])).unwrap();
        assert_eq!(not_inherited(&manifest), Vec::<&str>::new(), "in {}", text(&package["name"]));
    }
}

#[test]
fn unexplained_and_own_dependencies_are_rejected() {
    let line = r#"csv = { version = "1", default-features = false }"#;
    let workspace = |above: &str, line: &str| format!("[workspace.dependencies]\n{above}\n{line}\n");
    assert!(unexplained(&workspace("# Why.", line)).is_empty());
    assert!(unexplained(&workspace("", r#"tensor = { path = "crates/tensor" }"#)).is_empty());
    assert_eq!(unexplained(&workspace("", line)).len(), 1);
    assert_eq!(unexplained(&workspace("# Why.", r#"csv = "1""#)).len(), 1);
    assert_eq!(unexplained(&workspace(&format!("# Why.\n{line}"), line)).len(), 1);

    let member = |line: &str| format!("[package]\nname = \"x\"\n\n[dev-dependencies]\n{line}\n");
    assert!(not_inherited(&member("csv.workspace = true")).is_empty());
    assert!(not_inherited(&member("csv = { workspace = true, optional = true }")).is_empty());
    for own in
        ["csv = \"1\"", "csv = { path = \"csv\" }", "[dependencies.csv]", "[target.x.dependencies]\na = 1"]
    {
        assert_eq!(not_inherited(&member(own)).len(), 1, "{own}");
    }
}

// ---- The oldest compiler ----

/// `1.95`, `1.66.0`, `1.96.0-nightly` as three numbers.
fn version(text: &str) -> [u32; 3] {
    let release = text.split(['-', '+']).next().unwrap_or_default();
    let mut numbers = release.split('.').map(|number| number.parse().unwrap());
    std::array::from_fn(|_| numbers.next().unwrap_or(0))
}

/// The problems with the Rust version that the workspace promises.
fn wrong_rust_version(promised: &str, needed: &[(String, String)], compiler: &str) -> Vec<String> {
    let newer = needed.iter().filter(|(_, needs)| version(needs) > version(promised));
    let mut wrong: Vec<String> = newer.map(|(name, needs)| format!("{name} needs Rust {needs}")).collect();
    if version(promised) > version(compiler) {
        wrong.push(format!("this compiler is {compiler}"));
    }
    wrong
}

#[test]
fn the_promised_rust_version_builds_every_dependency() {
    let compiler = output("RUSTC", "rustc", &["-vV"]);
    let field = |name: &str| compiler.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    // For this platform only: crates for others may not have been downloaded.
    let packages = packages(&["--filter-platform", field("host: ")]);
    assert!(packages.len() > 60, "only {} packages", packages.len());
    let needed: Vec<(String, String)> = packages
        .iter()
        .filter(|package| package["rust_version"].is_string())
        .map(|package| (text(&package["name"]).to_owned(), text(&package["rust_version"]).to_owned()))
        .collect();
    let (_, promised) = needed.iter().find(|(name, _)| name == "tests").unwrap();
    assert_eq!(wrong_rust_version(promised, &needed, field("release: ")), Vec::<String>::new());
}

#[test]
fn a_rust_version_too_old_or_too_new_is_rejected() {
    let needed = [("font".to_owned(), "1.95".to_owned()), ("rand".to_owned(), "1.66.0".to_owned())];
    assert!(wrong_rust_version("1.95", &needed, "1.95.0").is_empty());
    assert!(wrong_rust_version("1.95", &needed, "1.100.0-nightly").is_empty());
    assert_eq!(wrong_rust_version("1.94.1", &needed, "1.95.0"), ["font needs Rust 1.95"]);
    assert_eq!(wrong_rust_version("1.96", &needed, "1.95.0"), ["this compiler is 1.95.0"]);
}

// ---- Paths of machines ----

/// Directories that start a path on some machine; without their slashes, so that this file passes.
const MACHINES: [&str; 7] = ["home", "root", "work", "tmp", "Users", "mnt", "var"];

fn machine_paths(text: &str) -> Vec<&str> {
    let starts_a_path = |at: usize| {
        let before = text[..at].chars().next_back().unwrap_or(' ');
        !(before.is_alphanumeric() || "._-/)}*~".contains(before))
    };
    let of = |name: &&str| format!("/{name}/");
    let found = MACHINES.iter().flat_map(|name| text.match_indices(&of(name)).collect::<Vec<_>>());
    let lines = found.filter(|(at, _)| starts_a_path(*at));
    lines.map(|(at, _)| text[at..].lines().next().unwrap_or_default()).collect()
}

#[test]
fn no_file_names_a_path_of_a_machine() {
    for (path, text) in files() {
        assert_eq!(machine_paths(&text), Vec::<&str>::new(), "in {path}");
    }
}

#[test]
fn paths_of_machines_are_rejected() {
    for name in MACHINES {
        assert_eq!(machine_paths(&format!("a \"/{name}/x\" b")).len(), 1, "{name}");
    }
    assert!(machine_paths("target/tmp/x, https://a.org/home/x, $ROOT/work/x, ./var/x").is_empty());
}
