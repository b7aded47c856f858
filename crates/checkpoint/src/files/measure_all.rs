//! Every tensor measured, on all cores, in memory that does not grow with the files.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::checkpoint::Checkpoint;
use super::error::CheckpointError;
use super::stored_tensor::Storage;
use crate::measure::{ChunkSummary, Measurement, Scratch, TensorGrid, TensorSummary};
use crate::{Dtype, TensorInfo};

impl Checkpoint {
    /// Measures every tensor whose type is judged, reading each byte once, on all cores. There is one entry for each of
    /// [`tensors`](Self::tensors), `None` for those of other types.
    ///
    /// After each part that was read, `progress` gets the number of bytes measured so far and that of all. The result does
    /// not depend on the number of cores. Beyond the summaries, a few megabytes per core are in use, whatever the size of
    /// the files.
    ///
    /// ```no_run
    /// let checkpoint = checkpoint::Checkpoint::open(&["model.safetensors"])?;
    /// let summaries = checkpoint.measure(|done, all| println!("{done} of {all} bytes"))?;
    /// for (tensor, summary) in checkpoint.tensors().iter().zip(&summaries) {
    ///     if let Some(summary) = summary {
    ///         println!("{}: std {}", tensor.name, summary.moments.std());
    ///     }
    /// }
    /// # Ok::<(), checkpoint::CheckpointError>(())
    /// ```
    ///
    /// # Errors
    /// If a file cannot be read, has changed since it was opened, or has damaged compressed data.
    pub fn measure(
        &self,
        progress: impl FnMut(u64, u64) + Send,
    ) -> Result<Vec<Option<TensorSummary>>, CheckpointError> {
        self.measure_with(&MeasureOptions::default(), progress)
    }

    /// [`measure`](Self::measure) with a number of threads, and with products with pseudo-random vectors for the tensors
    /// that need them.
    ///
    /// ```no_run
    /// use checkpoint::{Checkpoint, MeasureOptions};
    ///
    /// let checkpoint = Checkpoint::open(&["model.safetensors"])?;
    /// let projections = |tensor: &checkpoint::TensorInfo| if tensor.name.ends_with("weight_hh_l0") { 2 } else { 0 };
    /// let options = MeasureOptions { projections: &projections, ..MeasureOptions::default() };
    /// let summaries = checkpoint.measure_with(&options, |_, _| ())?;
    /// # Ok::<(), checkpoint::CheckpointError>(())
    /// ```
    ///
    /// # Errors
    /// As [`measure`](Self::measure).
    pub fn measure_with(
        &self,
        options: &MeasureOptions<'_>,
        progress: impl FnMut(u64, u64) + Send,
    ) -> Result<Vec<Option<TensorSummary>>, CheckpointError> {
        let tasks = self.tasks();
        let judged = self.tensors().iter().filter(|tensor| tensor.dtype.is_judged());
        let all = judged.map(|tensor| (tensor.len() * tensor.dtype.size()) as u64).sum();
        let threads = options.threads.map_or_else(cores, NonZero::get).min(tasks.len());
        let gathered = Gathered::new(self, options, &tasks, threads, all, progress);
        if threads <= 1 {
            gathered.work();
        } else {
            thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(|| gathered.work()))));
        }
        let summaries = gathered.finish()?;
        self.sources().iter().try_for_each(super::source_file::SourceFile::check_unchanged)?;
        Ok(summaries)
    }

    /// The tasks in the order of the tensors: each of their chunks, or a whole tensor that is a stream.
    fn tasks(&self) -> Vec<MeasureTask> {
        let judged = self.tensors().iter().enumerate().filter(|(_, tensor)| tensor.dtype.is_judged());
        let tasks = judged.flat_map(|(tensor, info)| match self.storage_of(tensor) {
            Storage::Plain { .. } => {
                let chunks = TensorGrid::of(&info.shape).chunks();
                let only =
                    |chunk| MeasureTask { tensor, part: Part::Chunk(chunk), is_last: chunk + 1 == chunks };
                let empty = (chunks == 0).then_some(MeasureTask { tensor, part: Part::Whole, is_last: true });
                (0..chunks).map(only).chain(empty).collect::<Vec<_>>()
            }
            Storage::Deflated(_) => vec![MeasureTask { tensor, part: Part::Whole, is_last: true }],
        });
        tasks.collect()
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Options of measuring tensors.
#[derive(Clone, Copy)]
pub struct MeasureOptions<'a> {
    /// The number of threads; as many as cores if there is none.
    pub threads: Option<NonZero<usize>>,
    /// The number of [projections](TensorSummary::projections) of a tensor.
    pub projections: &'a (dyn Fn(&TensorInfo) -> usize + Sync),
}

impl Default for MeasureOptions<'_> {
    /// All cores, no projections.
    fn default() -> Self {
        Self { threads: None, projections: &|_| 0 }
    }
}

impl std::fmt::Debug for MeasureOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MeasureOptions").field("threads", &self.threads).finish_non_exhaustive()
    }
}

/// A part of a tensor that one thread measures.
#[derive(Clone, Copy)]
struct MeasureTask {
    tensor: usize,
    part: Part,
    /// True if the tensor is complete with it.
    is_last: bool,
}

#[derive(Clone, Copy)]
enum Part {
    Chunk(usize),
    Whole,
}

/// The result of one task.
enum Found {
    Chunk(Box<ChunkSummary>),
    Whole(Box<TensorSummary>),
}

/// The tasks, and what has been found so far. Threads take tasks in order; what they find is added in order, whoever is
/// first, so the result does not depend on them.
struct Gathered<'a, P> {
    checkpoint: &'a Checkpoint,
    options: &'a MeasureOptions<'a>,
    tasks: &'a [MeasureTask],
    /// The number of tasks that may be measured before they are added.
    window: usize,
    next: AtomicUsize,
    stopped: AtomicBool,
    state: Mutex<State<P>>,
    added: Condvar,
}

struct State<P> {
    /// The number of tasks that are added.
    added: usize,
    /// Results that are waiting for their turn.
    waiting: BTreeMap<usize, Found>,
    /// The tensor whose chunks are being added.
    measurement: Option<Measurement>,
    summaries: Vec<Option<TensorSummary>>,
    /// The error of the first task that has one.
    error: Option<(usize, CheckpointError)>,
    done: u64,
    all: u64,
    progress: P,
}

impl<'a, P: FnMut(u64, u64) + Send> Gathered<'a, P> {
    fn new(
        checkpoint: &'a Checkpoint,
        options: &'a MeasureOptions<'a>,
        tasks: &'a [MeasureTask],
        threads: usize,
        all: u64,
        progress: P,
    ) -> Self {
        let state = State {
            added: 0,
            waiting: BTreeMap::new(),
            measurement: None,
            summaries: vec![None; checkpoint.tensors().len()],
            error: None,
            done: 0,
            all,
            progress,
        };
        Self {
            checkpoint,
            options,
            tasks,
            window: 4 * threads,
            next: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            state: Mutex::new(state),
            added: Condvar::new(),
        }
    }

    /// Measures one task after another until there is none, or until one fails.
    fn work(&self) {
        let _released = ReleasedOnPanic(self);
        let mut scratch = Scratch::default();
        while !self.stopped.load(Ordering::Relaxed) {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(task) = self.tasks.get(at) else { return };
            match self.measured(*task, &mut scratch) {
                Ok(found) => self.hand_in(at, found),
                Err(error) => return self.stop(at, error),
            }
        }
    }

    fn measured(&self, task: MeasureTask, scratch: &mut Scratch) -> Result<Found, CheckpointError> {
        let info = &self.checkpoint.tensors()[task.tensor];
        let measurement = || Measurement::new(&info.shape, &info.dtype, (self.options.projections)(info));
        match task.part {
            Part::Chunk(at) => {
                let grid = TensorGrid::of(&info.shape);
                let chunk = grid.chunk(at);
                let wanted = Measurement::wanted_of(grid, (self.options.projections)(info));
                let summary = scratch.measure(&info.dtype, &chunk, wanted, |bytes| {
                    self.checkpoint.read_plain(task.tensor, chunk.start, bytes)
                })?;
                Ok(Found::Chunk(Box::new(summary)))
            }
            Part::Whole if info.is_empty() => Ok(Found::Whole(Box::new(measurement().finish()))),
            Part::Whole => {
                let mut measurement = measurement();
                let mut stream = self.checkpoint.inflater(task.tensor)?;
                for at in 0..measurement.grid.chunks() {
                    let chunk = measurement.grid.chunk(at);
                    let summary = scratch
                        .measure(&info.dtype, &chunk, measurement.wanted(), |bytes| stream.fill(bytes))?;
                    measurement.add(at, &summary);
                }
                stream.finish()?;
                Ok(Found::Whole(Box::new(measurement.finish())))
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, State<P>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what was found, and what waited for it. A thread that is far ahead of the slowest waits, so that what was found
    /// stays little.
    fn hand_in(&self, at: usize, found: Found) {
        let mut state = self.locked();
        state.waiting.insert(at, found);
        while let Some(found) = {
            let at = state.added;
            state.waiting.remove(&at)
        } {
            let task = self.tasks[state.added];
            state.add(task, &self.checkpoint.tensors()[task.tensor], found, self.options);
        }
        self.added.notify_all();
        while at >= state.added + self.window && !self.stopped.load(Ordering::Relaxed) {
            state = self.added.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Tasks are taken in order, so every task before a failed one ends too, and the first error is found by every number of
    /// threads.
    fn stop(&self, at: usize, error: CheckpointError) {
        let mut state = self.locked();
        if state.error.as_ref().is_none_or(|(first, _)| at < *first) {
            state.error = Some((at, error));
        }
        self.stopped.store(true, Ordering::Relaxed);
        self.added.notify_all();
    }

    fn finish(self) -> Result<Vec<Option<TensorSummary>>, CheckpointError> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.error.map_or(Ok(state.summaries), |(_, error)| Err(error))
    }
}

/// Lets the other threads go if this one panics, in the caller's `progress` for example. They would wait for its part.
struct ReleasedOnPanic<'a, 'b, P: FnMut(u64, u64) + Send>(&'a Gathered<'b, P>);

impl<P: FnMut(u64, u64) + Send> Drop for ReleasedOnPanic<'_, '_, P> {
    fn drop(&mut self) {
        if thread::panicking() {
            let _state = self.0.locked();
            self.0.stopped.store(true, Ordering::Relaxed);
            self.0.added.notify_all();
        }
    }
}

impl<P: FnMut(u64, u64)> State<P> {
    fn add(&mut self, task: MeasureTask, info: &TensorInfo, found: Found, options: &MeasureOptions<'_>) {
        let TensorInfo { shape, dtype, .. } = info;
        match (found, task.part) {
            (Found::Chunk(summary), Part::Chunk(at)) => {
                let new = || Measurement::new(shape, dtype, (options.projections)(info));
                let measurement = self.measurement.get_or_insert_with(new);
                measurement.add(at, &summary);
                self.done += (measurement.grid.chunk(at).len() * Dtype::size(dtype)) as u64;
                if task.is_last {
                    self.summaries[task.tensor] = self.measurement.take().map(Measurement::finish);
                }
            }
            (Found::Whole(summary), _) => {
                self.done += (info.len() * dtype.size()) as u64;
                self.summaries[task.tensor] = Some(*summary);
            }
            (Found::Chunk(_), Part::Whole) => unreachable!("a whole tensor is found whole"),
        }
        self.added += 1;
        (self.progress)(self.done, self.all);
    }
}
