//! Cells: a network is drawn, trained and measured.

mod data;
mod moment;
mod theory;

use std::cell::OnceCell;

use nn_init::Generator;
use specimen::{Adam, Batch, DirectPass, Mode, Model, Parameters, Pass, Tape, Tensor};

pub(crate) use moment::{CellMoment, StatisticsWanted, correlation, gradient_ratio};
pub(crate) use theory::CellField;

use crate::measures::{MeasureKind, MeasureSource};
use crate::settings::{CellData, CellOptimizer, CellSettings};
use crate::{Measure, SweepError, SweepPlan};
use theory::CellTheory;

/// The losses of a cell up to a step.
pub(crate) struct CellLosses<'a> {
    /// Over all examples, now.
    pub(crate) now: f64,
    /// Over all examples, before the first step.
    pub(crate) first: f64,
    /// Of each training batch, before its step.
    pub(crate) batches: &'a [f64],
}

/// Computes the cells of a plan one after the other, on one thread. What it keeps from cell to cell are buffers, examples
/// and theory; no result depends on it.
///
/// ```
/// use sweep::{CellRunner, SweepPlan};
///
/// let plan = SweepPlan::parse(
///     "version = 1\nmeasure = ['loss', 'loss@50', 'chi_1']\n[axes]\ngain = [1, 2]\n[fixed]\nwidth = 20\n\
///      [train]\nsgd = 0.1\nsteps = 50",
/// )?;
/// let mut runner = CellRunner::new(&plan);
/// let values = runner.run(1)?;
/// assert!(values[1] < values[0] - 0.3, "it learns: {values:?}");
/// assert_eq!(runner.run(1)?, values);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct CellRunner<'a> {
    plan: &'a SweepPlan,
    statistics: StatisticsWanted,
    tape: Tape,
    theory: CellTheory,
    /// The last examples, with the settings that they depend on.
    data: Option<(DataKey, Batch)>,
}

type DataKey = (CellData, [usize; 4], u64);

fn data_key(settings: &CellSettings) -> DataKey {
    let sizes = [settings.context, settings.classes, settings.embedding, settings.examples];
    (settings.data, sizes, settings.data_seed)
}

impl<'a> CellRunner<'a> {
    /// A runner for the cells of a plan.
    pub fn new(plan: &'a SweepPlan) -> Self {
        Self {
            plan,
            statistics: StatisticsWanted::by(&plan.measures),
            tape: Tape::new(),
            theory: CellTheory::default(),
            data: None,
        }
    }

    /// The values of the plan's measures in a cell, in order.
    ///
    /// # Errors
    /// If the network cannot be drawn: its scheme does not fit a weight's shape.
    ///
    /// # Panics
    /// If there are not so many cells.
    #[track_caller]
    pub fn run(&mut self, cell: u64) -> Result<Vec<f64>, SweepError> {
        let settings = self.plan.settings(cell);
        settings.check().map_err(|why| SweepError::new(format!("{}: {why}", self.plan.describe(cell))))?;
        let mut values = vec![f64::NAN; self.plan.measures.len()];
        for (value, measure) in values.iter_mut().zip(&self.plan.measures) {
            if let MeasureKind::Named(named) = &measure.what
                && let MeasureSource::Theory(of) = named.of
            {
                *value = self.theory.get(&settings, named.name, of);
            }
        }
        if self.plan.measures.iter().any(|measure| !is_theory(measure)) {
            self.train(&settings, &mut values);
        }
        // One NaN, whatever produced it.
        Ok(values.into_iter().map(|value| if value.is_nan() { f64::NAN } else { value }).collect())
    }

    /// Draws and trains the network as far as a measure needs it. It ends at a loss that is NaN: losses after that step are
    /// NaN too, and so is everything else that is measured.
    fn train(&mut self, settings: &CellSettings, values: &mut [f64]) {
        let key = data_key(settings);
        if self.data.as_ref().is_none_or(|(known, _)| *known != key) {
            self.data = Some((key, data::examples(settings)));
        }
        let (_, examples) = self.data.as_ref().expect("it was just set");
        let measures = &self.plan.measures;
        // The measures with their steps, the next one last.
        let trained = measures.iter().enumerate().filter(|(_, measure)| !is_theory(measure));
        let mut due: Vec<_> = trained.map(|taken| (taken.1.step.of(settings.steps), taken)).collect();
        due.sort_by_key(|&(step, _)| std::cmp::Reverse(step));
        let last = due.first().map_or(0, |&(step, _)| step);

        let mut run = CellTraining::new(settings, examples, measures);
        for step in 0..=last {
            let mut here = Vec::new();
            while let Some((_, taken)) = due.pop_if(|(at, _)| *at == step) {
                here.push(taken);
            }
            let starts_changes = step == 0 && measures.iter().any(is_change);
            let needs_pass = starts_changes || here.iter().any(|&(_, measure)| needs_pass(measure));
            let trains = step < last;
            let whole = settings.batch == 0;
            let on_tape = needs_pass || trains && whole && run.direct.is_none();
            let pass = on_tape.then(|| run.model.pass(&mut self.tape, examples));
            if step == 0 || !here.is_empty() {
                run.now = match (&pass, &mut run.direct) {
                    (Some(pass), _) => pass.loss,
                    (None, Some(direct)) => direct.loss(&run.model.parameters, examples),
                    (None, None) => loss(&run.model, &mut self.tape, examples),
                };
                if step == 0 {
                    run.first = run.now;
                }
            }
            run.measure(&here, pass.as_ref(), self.statistics, values);
            if starts_changes {
                run.start.clone_from(&pass);
            }
            if trains && !run.step(&mut self.tape, pass.filter(|_| whole)) {
                run.now = f64::NAN;
                let losses =
                    due.into_iter().map(|(_, taken)| taken).filter(|(_, measure)| is_of_losses(measure));
                run.measure(&losses.collect::<Vec<_>>(), None, self.statistics, values);
                return;
            }
        }
    }
}

/// The loss over all examples, without gradients.
fn loss(model: &Model, tape: &mut Tape, examples: &Batch) -> f64 {
    tape.clear();
    let trace = model.network.forward(tape, &model.parameters, examples, Mode::Training);
    let loss = f64::from(trace.loss.value().item());
    tape.clear();
    loss
}

fn is_theory(measure: &Measure) -> bool {
    matches!(&measure.what, MeasureKind::Named(named) if matches!(named.of, MeasureSource::Theory(_)))
}

fn is_change(measure: &Measure) -> bool {
    matches!(&measure.what, MeasureKind::Named(named) if matches!(named.of, MeasureSource::Change(_)))
}

fn is_of_losses(measure: &Measure) -> bool {
    matches!(&measure.what, MeasureKind::Named(named) if matches!(named.of, MeasureSource::Losses(_)))
}

/// True if a measure takes a pass with gradients.
fn needs_pass(measure: &Measure) -> bool {
    match &measure.what {
        MeasureKind::Named(named) => matches!(named.of, MeasureSource::Moment(_) | MeasureSource::Change(_)),
        MeasureKind::Statistic { .. } => true,
    }
}

/// A network in training.
struct CellTraining<'a> {
    settings: &'a CellSettings,
    examples: &'a Batch,
    /// After the parameters, it draws the batches.
    source: Generator,
    model: Model,
    adam: Adam,
    /// Passes without a tape, if the network is small.
    direct: Option<DirectPass>,
    /// The learning rate of each parameter.
    rates: Vec<f64>,
    /// The pass before the first step, if a measure compares with it.
    start: Option<Pass>,
    /// The copy whose first weight was moved, if it is measured, with its own averages and its distance at first.
    copy: Option<(Model, Adam, f64)>,
    first: f64,
    now: f64,
    batches: Vec<f64>,
}

impl<'a> CellTraining<'a> {
    fn new(settings: &'a CellSettings, examples: &'a Batch, measures: &[Measure]) -> Self {
        let network = settings.network();
        let mut source = Generator::manual_seed(settings.seed);
        let parameters: Parameters = settings.init().draw(&network, &mut source);
        let direct = DirectPass::new(&network);
        let model = Model::new(network, parameters);
        let is_copy = |measure: &Measure| matches!(&measure.what, MeasureKind::Named(named) if matches!(named.of, MeasureSource::Copy));
        let copy = measures.iter().any(is_copy).then(|| {
            let copy = moved(&model);
            let first = distance(&model.parameters, &copy.parameters);
            (copy, Adam::default(), first)
        });
        Self {
            settings,
            examples,
            source,
            model,
            adam: Adam::default(),
            direct,
            rates: settings.rates(),
            start: None,
            copy,
            first: f64::NAN,
            now: f64::NAN,
            batches: Vec::new(),
        }
    }

    /// The values of measures that are taken now.
    fn measure(
        &self,
        measures: &[(usize, &Measure)],
        pass: Option<&Pass>,
        wanted: StatisticsWanted,
        values: &mut [f64],
    ) {
        let losses = CellLosses { now: self.now, first: self.first, batches: &self.batches };
        let moment = pass.map(|pass| CellMoment {
            settings: self.settings,
            model: &self.model,
            pass,
            data: self.examples,
            statistics: OnceCell::new(),
            hessian: OnceCell::new(),
            wanted,
        });
        let moment = || moment.as_ref().expect("a measure of a pass has one");
        for &(at, measure) in measures {
            values[at] = match &measure.what {
                MeasureKind::Statistic { location, name } => moment().statistic(location, name),
                MeasureKind::Named(named) => match named.of {
                    MeasureSource::Moment(of) => of(moment()),
                    MeasureSource::Losses(of) => of(&losses),
                    MeasureSource::Change(of) => of(self.start.as_ref().expect("it was kept"), moment().pass),
                    MeasureSource::Copy => self.copy_growth(),
                    MeasureSource::Theory(_) => unreachable!("theory is no part of a training"),
                },
            };
        }
    }

    fn copy_growth(&self) -> f64 {
        let growth = |(copy, _, first): &(Model, Adam, f64)| {
            distance(&self.model.parameters, &copy.parameters) / first
        };
        self.copy.as_ref().map_or(f64::NAN, growth)
    }

    /// One step, by a pass over all examples or by a batch that is drawn; false if its loss is NaN.
    fn step(&mut self, tape: &mut Tape, pass: Option<Pass>) -> bool {
        let drawn = (self.settings.batch > 0).then(|| self.draw());
        let batch = drawn.as_ref().unwrap_or(self.examples);
        let (settings, rates) = (self.settings, &self.rates[..]);
        let (model, adam) = (&mut self.model, &mut self.adam);
        let loss = match (&pass, &mut self.direct) {
            (None, Some(direct)) => {
                let loss = direct.run(&model.parameters, batch);
                descend_by(settings, rates, &mut model.parameters, adam, direct.gradients());
                loss
            }
            _ => {
                let pass = pass.unwrap_or_else(|| model.pass(tape, batch));
                descend(settings, rates, model, adam, &pass);
                pass.loss
            }
        };
        self.batches.push(loss);
        if let Some((copy, adam, _)) = &mut self.copy {
            let pass = copy.pass(tape, batch);
            descend(settings, rates, copy, adam, &pass);
        }
        !loss.is_nan()
    }

    /// A batch: `torch.randint(0, n, (batch,))`.
    fn draw(&mut self) -> Batch {
        let mut places = vec![0_i64; self.settings.batch];
        self.source.randint(0, self.examples.targets.len() as i64, &mut places);
        let places: Vec<usize> = places.into_iter().map(|place| place as usize).collect();
        self.examples.pick(self.settings.context, &places)
    }
}

fn descend(settings: &CellSettings, rates: &[f64], model: &mut Model, adam: &mut Adam, pass: &Pass) {
    match settings.optimizer {
        CellOptimizer::Sgd => model.sgd_step_each(pass, |place| rates[place]),
        CellOptimizer::Adam => model.adam_step_each(adam, pass, |place| rates[place]),
    }
}

fn descend_by(
    settings: &CellSettings,
    rates: &[f64],
    parameters: &mut Parameters,
    adam: &mut Adam,
    gradients: &[Option<Tensor>],
) {
    match settings.optimizer {
        CellOptimizer::Sgd => parameters.sgd_step_each(gradients, |place| rates[place]),
        CellOptimizer::Adam => adam.step_each(parameters, gradients, |place| rates[place]),
    }
}

/// The same network with W1's first weight replaced by the next number above it.
fn moved(model: &Model) -> Model {
    let mut moved = model.clone();
    let weight = moved.parameters.0.iter_mut().find(|parameter| parameter.name == "W1");
    let weight: &mut Tensor = &mut weight.expect("every network has W1").value;
    weight.data_mut()[0] = weight.data()[0].next_up();
    moved
}

/// `‖θ′ − θ‖` over all parameters.
fn distance(a: &Parameters, b: &Parameters) -> f64 {
    let pairs = a.0.iter().zip(&b.0);
    let squares = pairs.flat_map(|(a, b)| {
        a.value.data().iter().zip(b.value.data()).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2))
    });
    squares.sum::<f64>().sqrt()
}
