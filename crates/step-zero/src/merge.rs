//! `step-zero merge`: the shards of a sweep as one table and figures, or what is missing.

mod figures;

use std::path::{Path, PathBuf};

use ::sweep::{
    CellRecord, CpuLevel, ShardState, SweepColumns, SweepError, SweepFolder, SweepShard, TableFile,
    array_list,
};
use clap::Args;
use cli::files::typed;
use cli::{Failure, Outcome, files, shown};
use figures::SweepFigures;

use crate::sweep::{ARRAY_SCRIPT, PLAN, has_script, read};

/// Merge the shards of a sweep into one table, with figures beside it; exits with 1 if shards are missing.
#[derive(Args)]
pub struct Merge {
    /// The folder of the sweep.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,

    /// What to merge.
    #[command(flatten)]
    pub settings: MergeSettings,
}

/// What is merged.
#[derive(Args, Clone, Default)]
pub struct MergeSettings {
    /// Write a table of the cells that are there, although shards are missing.
    #[arg(long)]
    pub partial: bool,

    /// Merge cells of processors with different vector instructions, whose last digits may differ. The table then has a
    /// column `cpu`.
    #[arg(long)]
    pub allow_mixed_cpu: bool,

    /// Write the table only.
    #[arg(long)]
    pub no_figures: bool,
}

/// Bytes of records that are held at once.
const MEMORY: usize = 64 << 20;

/// Runs the command: a missing shard is a finding.
pub fn command(options: &Merge) -> Result<Outcome, Failure> {
    let plan = read(&options.folder.join(PLAN))?;
    let folder = SweepFolder::new(&options.folder, &plan);
    let count = folder.count().map_err(Failure::new)?;
    let count = count.ok_or_else(|| {
        Failure::new(format!("{} has no shards; compute them with step-zero sweep", shown(&options.folder)))
    })?;
    merged(&folder, count, &options.settings)
}

/// Merges `count` shards.
pub(crate) fn merged(folder: &SweepFolder, count: u64, settings: &MergeSettings) -> Result<Outcome, Failure> {
    let missing = folder.missing(count);
    let mut text = if missing.is_empty() { String::new() } else { missing_shards(folder, count, &missing) };
    if !missing.is_empty() && !settings.partial {
        return Ok(Outcome::new(
            text + "no table was written; --partial writes one of the cells that are there\n",
            true,
        ));
    }
    let mixed = settings.allow_mixed_cpu && levels(folder, count)?.len() > 1;
    let columns = SweepColumns::new(folder.plan(), mixed);
    let path = folder.path().join("table.csv");
    let mut figures = (!settings.no_figures).then(|| SweepFigures::new(folder.plan()));
    let drawn = figures.as_mut().and_then(|figures| figures.as_mut().ok());
    let rows = write(folder, count, &columns, (&path, drawn), mixed).map_err(Failure::new)?;
    let cells = folder.plan().cells();
    text += &format!("{}: {rows} of {cells} cells\n", shown(&path));
    if cfg!(feature = "parquet") {
        text += &format!("{}\n", shown(&path.with_extension("parquet")));
    }
    match &figures {
        // The table is what was asked for, and it is there: a full disk takes the figures only.
        Some(Ok(figures)) => {
            let written = write_figures(figures, &folder.path().join("figures"));
            text += &written.unwrap_or_else(|error| format!("no figures: {error}\n"));
        }
        Some(Err(why)) => text += &format!("no figures: {why}\n"),
        None => {}
    }
    Ok(Outcome::new(text, !missing.is_empty()))
}

/// Writes a figure of each measure as SVG and PNG, and returns the line that says so.
fn write_figures(figures: &SweepFigures, directory: &Path) -> Result<String, Failure> {
    let drawn = figures.drawn();
    let both = |(name, figure): &(String, plot::Figure)| {
        [(format!("{name}.svg"), figure.svg().into_bytes()), (format!("{name}.png"), figure.png())]
    };
    files::write_all(directory, &drawn.iter().flat_map(both).collect::<Vec<_>>())?;
    let names = drawn.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    Ok(format!("figures in {}, as SVG and PNG: {names}\n", shown(directory)))
}

/// Writes the table in every format, adds its rows to figures, and returns their number.
fn write(
    folder: &SweepFolder,
    count: u64,
    columns: &SweepColumns<'_>,
    (path, mut figures): (&Path, Option<&mut SweepFigures>),
    mixed: bool,
) -> Result<u64, SweepError> {
    let mut table = TableFile::create(path, columns)?;
    #[cfg(feature = "parquet")]
    let mut parquet = ::sweep::ParquetFile::create(&path.with_extension("parquet"), folder.plan(), columns)?;
    let mut first = None;
    let merged = ::sweep::merge(folder.plan(), &mut folder.sources(count, MEMORY)?, |record| {
        one_level(*first.get_or_insert(record.level), record, mixed)?;
        if let Some(figures) = &mut figures {
            figures.add(record);
        }
        #[cfg(feature = "parquet")]
        parquet.row(record)?;
        table.row(record)
    })?;
    #[cfg(feature = "parquet")]
    parquet.finish()?;
    table.finish()?;
    Ok(merged.rows)
}

/// Refuses a record of another level than the first, unless a mixture is wanted.
fn one_level(first: CpuLevel, record: &CellRecord, mixed: bool) -> Result<(), SweepError> {
    if mixed || record.level == first {
        return Ok(());
    }
    Err(SweepError::mixed_levels(first, record.level))
}

/// The levels of all cells that are there.
fn levels(folder: &SweepFolder, count: u64) -> Result<Vec<CpuLevel>, Failure> {
    let mut sources = folder.sources(count, MEMORY).map_err(Failure::new)?;
    let merged = ::sweep::merge(folder.plan(), &mut sources, |_| Ok(())).map_err(Failure::new)?;
    Ok(merged.levels)
}

/// Which shards are missing, and how they are computed.
fn missing_shards(folder: &SweepFolder, count: u64, missing: &[u64]) -> String {
    let begun = |index: &&u64| folder.state(SweepShard { index: **index, count }) == ShardState::Begun;
    let begun = missing.iter().filter(begun).count();
    let list = array_list(missing);
    let [script, plan] = [ARRAY_SCRIPT, PLAN].map(|name| typed(&folder.path().join(name)));
    let out = typed(folder.path());
    let again = if has_script(folder.path()) {
        format!("sbatch --array={list} {script}")
    } else {
        format!("step-zero sweep {plan} --out {out} --shard K/{count} for K of --array={list}")
    };
    format!("missing: {} of {count} shards, {begun} of them begun\nto compute them: {again}\n", missing.len())
}
