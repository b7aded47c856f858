//! The merged table as a Parquet file.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::table_file::staged;
use crate::{CellRecord, PlanValue, SweepColumns, SweepError, SweepPlan, ValueKind};

/// A Parquet file that grows by groups of rows and appears under its name when it is finished. Whole numbers are `INT64`,
/// numbers `DOUBLE` and texts strings; no value is null, and it is not compressed. Its metadata have the plan's hash as
/// `step_zero.plan` and the fixed settings, one `NAME=VALUE` per line, as `step_zero.fixed`.
pub struct ParquetFile<'a> {
    columns: &'a SweepColumns<'a>,
    path: PathBuf,
    staged: PathBuf,
    writer: SerializedFileWriter<File>,
    /// The values of the rows that were not written yet, column by column.
    group: Vec<GroupColumn>,
    rows: usize,
    finished: bool,
}

/// The values of a column in a group of rows.
enum GroupColumn {
    Whole(Vec<i64>),
    Number(Vec<f64>),
    Text(Vec<ByteArray>),
}

/// Rows of a group: 8 bytes per value make a megabyte of two columns.
const GROUP: usize = 1 << 16;

fn column(name: &str, kind: ValueKind) -> Result<Type, ParquetError> {
    let (physical, logical) = match kind {
        ValueKind::Whole => (Physical::INT64, None),
        ValueKind::Number => (Physical::DOUBLE, None),
        ValueKind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    };
    let column = Type::primitive_type_builder(name, physical).with_repetition(Repetition::REQUIRED);
    column.with_logical_type(logical).build()
}

fn empty(columns: &SweepColumns<'_>) -> Vec<GroupColumn> {
    let empty = |(_, kind)| match kind {
        ValueKind::Whole => GroupColumn::Whole(vec![]),
        ValueKind::Number => GroupColumn::Number(vec![]),
        ValueKind::Text => GroupColumn::Text(vec![]),
    };
    columns.named().into_iter().map(empty).collect()
}

impl<'a> ParquetFile<'a> {
    /// Begins a file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn create(path: &Path, plan: &SweepPlan, columns: &'a SweepColumns<'a>) -> Result<Self, SweepError> {
        let (staged, file) = staged(path, "parquet")?;
        let fixed: Vec<String> =
            plan.fixed.iter().map(|(setting, value)| format!("{}={value}", setting.name)).collect();
        let begin = || -> Result<_, ParquetError> {
            let fields = columns.named().into_iter().map(|(name, kind)| column(&name, kind).map(Arc::new));
            let fields = fields.collect::<Result<Vec<_>, _>>()?;
            let schema = Type::group_type_builder("cells").with_fields(fields).build()?;
            let notes = [("step_zero.plan", plan.hash()), ("step_zero.fixed", fixed.join("\n"))];
            let notes = notes.map(|(key, text)| KeyValue::new(key.to_owned(), text));
            let properties = WriterProperties::builder().set_key_value_metadata(Some(notes.to_vec())).build();
            SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))
        };
        let writer = begin().map_err(|error| failed(&staged, &error))?;
        Ok(Self {
            columns,
            path: path.to_path_buf(),
            staged,
            writer,
            group: empty(columns),
            rows: 0,
            finished: false,
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn row(&mut self, record: &CellRecord) -> Result<(), SweepError> {
        for (column, value) in self.group.iter_mut().zip(self.columns.row(record)) {
            match (column, value) {
                (GroupColumn::Whole(values), PlanValue::Whole(value)) => values.push(value as i64),
                (GroupColumn::Number(values), PlanValue::Number(value)) => values.push(value),
                (GroupColumn::Text(values), PlanValue::Text(value)) => values.push(value.as_str().into()),
                _ => unreachable!("a column has values of its kind"),
            }
        }
        self.rows += 1;
        if self.rows == GROUP { self.end_group() } else { Ok(()) }
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self) -> Result<(), SweepError> {
        self.end_group()?;
        self.writer.finish().map_err(|error| failed(&self.staged, &error))?;
        let named = self.writer.inner().sync_all().and_then(|()| fs::rename(&self.staged, &self.path));
        named.map_err(|error| super::folder::cannot("write", &self.path, &error))?;
        self.finished = true;
        Ok(())
    }

    fn end_group(&mut self) -> Result<(), SweepError> {
        if self.rows == 0 {
            return Ok(());
        }
        self.rows = 0;
        let group = std::mem::replace(&mut self.group, empty(self.columns));
        write_group(&mut self.writer, &group).map_err(|error| failed(&self.staged, &error))
    }
}

/// A table that was not finished leaves nothing.
impl Drop for ParquetFile<'_> {
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_file(&self.staged);
        }
    }
}

fn write_group(writer: &mut SerializedFileWriter<File>, group: &[GroupColumn]) -> Result<(), ParquetError> {
    let mut rows = writer.next_row_group()?;
    for values in group {
        let mut column = rows.next_column()?.expect("a column of the schema for each of the group");
        match values {
            GroupColumn::Whole(values) => column.typed::<Int64Type>().write_batch(values, None, None)?,
            GroupColumn::Number(values) => column.typed::<DoubleType>().write_batch(values, None, None)?,
            GroupColumn::Text(values) => column.typed::<ByteArrayType>().write_batch(values, None, None)?,
        };
        column.close()?;
    }
    rows.close().map(|_| ())
}

fn failed(path: &Path, error: &ParquetError) -> SweepError {
    SweepError::new(format!("cannot write {}: {error}", path.display()))
}
