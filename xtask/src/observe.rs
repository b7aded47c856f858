//! `cargo xtask observe`.

use diagnostics::{LayerReport, Summary, WeightReport};
use serde_json::{Value, json};

use crate::Outcome;
use crate::cli::{self, Format, Observe};
use crate::fault::Fault;
use crate::lesson::Lesson;
use crate::progress::Progress;

pub(crate) fn command(options: &Observe) -> Result<Outcome, Fault> {
    let lesson = options.network.lesson()?;
    let start = cli::start(&options.scheme, &lesson.mlp)?;
    let Lesson { stream, seed, mlp, bigrams, .. } = &lesson;
    let _progress = Progress::spinner("running the network");
    let parameters = stream.draw(*seed, mlp, &start);
    let seen = mlp.observe(&parameters, &bigrams.batch, Default::default());
    let guess = (mlp.classes as f64).ln();
    let text = match options.format {
        Format::Text => format!("loss {:.4}, ln {} = {guess:.4}\n\n{}", seen.loss, mlp.classes, seen.report),
        Format::Markdown => {
            format!("loss {:.4}, ln {} = {guess:.4}\n\n```text\n{}```\n", seen.loss, mlp.classes, seen.report)
        }
        Format::Json => {
            let layers: Vec<Value> = seen.report.layers.iter().map(layer).collect();
            let parameters: Vec<Value> = seen.report.weights.iter().map(parameter).collect();
            format!(
                "{:#}\n",
                json!({ "loss": number(seen.loss), "layers": layers, "parameters": parameters })
            )
        }
    };
    Ok(Outcome { text, moved: false })
}

fn layer(layer: &LayerReport) -> Value {
    json!({
        "name": layer.name,
        "pre": summary(&layer.pre),
        "post": summary(&layer.post),
        "saturated": number(layer.saturated),
        "stuck_units": layer.stuck_units,
        "gradient": layer.post_grad.as_ref().map(summary),
        "histogram": { "edges": layer.histogram.edges, "counts": layer.histogram.counts },
    })
}

fn parameter(weight: &WeightReport) -> Value {
    json!({
        "name": weight.name,
        "value": summary(&weight.weight),
        "gradient": weight.grad.as_ref().map(summary),
        "grad_data_ratio": number(weight.grad_data_ratio()),
    })
}

fn summary(of: &Summary) -> Value {
    json!({
        "count": of.count,
        "non_finite": of.non_finite,
        "zeros": of.zeros,
        "min": number(of.min),
        "max": number(of.max),
        "mean": number(of.mean()),
        "std": number(of.std()),
        "mean_abs": number(of.mean_abs()),
    })
}

/// JSON has no NaN and no infinity: those are strings.
fn number(x: f64) -> Value {
    if x.is_finite() { json!(x) } else { json!(x.to_string()) }
}
