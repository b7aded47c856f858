//! A sweep as a job array of Slurm, and its merge as a job after it.

use std::env;
use std::path::{Path, PathBuf, absolute};
use std::process::Command;

use cli::files::quoted;
use cli::{Failure, Outcome, files, shown};

use super::{PLAN, Sweep};

/// The scripts in the folder of a sweep.
pub(crate) const ARRAY_SCRIPT: &str = "sweep.sbatch";
const MERGE_SCRIPT: &str = "merge.sbatch";

/// Writes both scripts and submits them, after `keep` has put the plan into the folder; or prints them.
pub(super) fn command(
    options: &Sweep,
    out: &Path,
    tasks: u64,
    keep: impl FnOnce() -> Result<(), Failure>,
) -> Result<Outcome, Failure> {
    let folder = absolute(out).map_err(|error| Failure::new(format!("--out {}: {error}", out.display())))?;
    let program =
        env::current_exe().map_err(|error| Failure::new(format!("cannot find this program: {error}")))?;
    let scripts = Scripts { name: job_name(&options.plan), program, folder, tasks };
    let (array, merge) = (scripts.array(), scripts.merge());
    if options.dry_run {
        let submit = |more: &str, script: &str| {
            let words = [more].into_iter().filter(|more| !more.is_empty()).map(str::to_owned);
            let words = words.chain(options.sbatch.iter().map(|word| quoted(word)));
            let path = quoted(&scripts.folder.join(script).to_string_lossy());
            format!("sbatch {} {path}", words.collect::<Vec<_>>().join(" ")).replace("  ", " ")
        };
        return Ok(Outcome::clean(format!(
            "# {ARRAY_SCRIPT}\n{array}\n# {MERGE_SCRIPT}\n{merge}\n# would be submitted by\n{}\n{}\n",
            submit("", ARRAY_SCRIPT),
            submit("--dependency=afterany:JOB", MERGE_SCRIPT)
        )));
    }
    keep()?;
    let contents = [(ARRAY_SCRIPT, array), (MERGE_SCRIPT, merge)];
    files::write_all(out, &contents.map(|(name, text)| (name.to_owned(), text.into_bytes())))?;
    let job = submit(&options.sbatch, &[], &scripts.folder.join(ARRAY_SCRIPT))?;
    // After any end: the merge then says which shards are missing.
    let after = format!("--dependency=afterany:{job}");
    let merge = submit(&options.sbatch, &[after], &scripts.folder.join(MERGE_SCRIPT)).map_err(|failure| {
        Failure::new(format!(
            "{failure}; the array was submitted as job {job}: merge when it has ended, or take it back by scancel {job}"
        ))
    })?;
    Ok(Outcome::clean(format!(
        "job {job}: an array of {tasks} tasks\njob {merge}: the merge after it\nshards, logs and the table: {}\n",
        shown(out)
    )))
}

struct Scripts {
    name: String,
    program: PathBuf,
    folder: PathBuf,
    tasks: u64,
}

impl Scripts {
    /// A task is one process on the cores that it was given, which takes the signals itself. It may be requeued: it goes on
    /// from its file. The products of very wide networks take the threads of rayon.
    fn array(&self) -> String {
        let Self { tasks, .. } = self;
        let head = self.head("%A_%a", &[format!("--array=0-{}", tasks - 1), "--requeue".to_owned()]);
        let plan = quoted(&self.folder.join(PLAN).to_string_lossy());
        format!(
            "{head}export RAYON_NUM_THREADS=\"${{SLURM_CPUS_PER_TASK:-1}}\"\nexec {} sweep {plan} --out {} --shard \"$SLURM_ARRAY_TASK_ID/{tasks}\"\n",
            quoted(&self.program.to_string_lossy()),
            quoted(&self.folder.to_string_lossy())
        )
    }

    fn merge(&self) -> String {
        let [program, folder] = [&self.program, &self.folder].map(|path| quoted(&path.to_string_lossy()));
        format!("{}exec {program} merge {folder}\n", self.head("merge-%j", &[]))
    }

    fn head(&self, log: &str, more: &[String]) -> String {
        // A % in a path would be a placeholder.
        let folder = self.folder.to_string_lossy().replace('%', "%%");
        let common = [
            format!("--job-name={}", self.name),
            "--ntasks=1".to_owned(),
            "--cpus-per-task=1".to_owned(),
            "--open-mode=append".to_owned(),
            format!("--output=\"{folder}/slurm-{log}.log\""),
        ];
        let lines = common.iter().chain(more).map(|option| format!("#SBATCH {option}\n"));
        format!("#!/bin/bash\n{}", lines.collect::<String>())
    }
}

/// The plan's name without what a job's name should not have.
fn job_name(plan: &Path) -> String {
    let stem = plan.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    stem.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect()
}

/// Submits a script and returns the number of its job.
fn submit(given: &[String], more: &[String], script: &Path) -> Result<String, Failure> {
    let output = Command::new("sbatch").arg("--parsable").args(given).args(more).arg(script).output();
    let output = output.map_err(|error| {
        Failure::new(format!(
            "cannot run sbatch: {error}; run this where Slurm is installed, or see --dry-run"
        ))
    })?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().replace('\n', ", ");
    if !output.status.success() {
        return Err(Failure::new(format!("sbatch refused {}: {}", shown(script), text(&output.stderr))));
    }
    // A cluster's name may follow.
    let job = text(&output.stdout).split(';').next().unwrap_or_default().to_owned();
    if job.is_empty() || !job.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failure::new(format!("sbatch printed '{job}' in place of the number of a job")));
    }
    Ok(job)
}
