//! Embeddings whose size reaches a product.

use crate::format::significant;
use crate::judge::graph::NextSite;
use crate::judge::{Context, Fix, Level, Rule, Verdict};
use crate::sites::SiteKind;

pub(super) const RULE: Rule = Rule {
    name: "embedding-scale",
    level: Level::Warning,
    checks: "Embeddings whose values reach a product with a weight without a normalisation in between, and whose root mean \
             square is far from 1: a factor of 3 is a note, of 27 above 1 or 1,000 below it a warning. Trained embeddings 30 \
             times as large as what they are added to.",
    matters: "A lookup has no fan-in: each output is one row, not a sum of them. Rows that were divided by the root of their number make all \
              following signals small.",
    example: "An embedding of 50,000 rows drawn by Kaiming's scheme.",
    instead: "N(0, 1), or any scale if a normalisation follows: GPT-2's 0.02 is fine.",
    find,
};

fn find(context: &Context<'_>, _: &[Verdict]) -> Vec<Verdict> {
    let embeddings = (0..context.sites().len()).filter(|&at| context.sites()[at].kind == SiteKind::Embedding);
    let all = 0..context.sites().len();
    let sums = all.clone().filter(|&at| context.sites()[at].kind == SiteKind::Sum);
    embeddings
        .filter_map(|at| verdict(context, at))
        .chain(sums.filter_map(|at| drowned(context, at)))
        .chain(all.filter_map(|at| drowned_by_parameter(context, at)))
        .collect()
}

/// A table of positions that is added as a parameter, and drowns what it is added to.
fn drowned_by_parameter(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let site = &context.sites()[at];
    let table = site.bias.filter(|_| site.kind == SiteKind::Scale && site.weight.is_none())?;
    let parameter = &context.parameters()[table];
    let is_table = parameter.shape.iter().filter(|&&length| length > 1).count() > 1;
    let small = site.inputs.first()?.site;
    let ratio = context.parameter(table, |p| p.rms) / context.site_value(small, |s| s.rms);
    (is_table && parameter.trainable && ratio > DROWNED && ratio.is_finite()).then(|| {
        let finding = format!(
            "its rows are {}× as large as those of {}, to which they are added (limit {DROWNED}×).",
            significant(ratio, 3),
            context.sites()[small].name
        );
        let fix = Fix::Scale { parameters: vec![(parameter.name.clone(), 1.0 / ratio)], predicted: vec![] };
        // The axial positions of a Reformer have std 1 beside tokens of 0.02, by its authors' choice.
        Verdict::new((RULE.name, Level::Note), &parameter.name, ratio, DROWNED, finding).fix(Some(fix))
    })
}

/// The factor between an embedding and what it is added to from which the smaller one is lost.
const DROWNED: f64 = 30.0;

/// An embedding that drowns what it is added to, as positions may drown tokens.
fn drowned(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let weight = |site: usize| {
        context.sites()[site].weight.filter(|_| context.sites()[site].kind == SiteKind::Embedding)
    };
    let inputs = &context.sites()[at].inputs;
    let rms = |site: usize| context.site_value(site, |s| s.rms);
    let sites = || inputs.iter().map(|input| input.site).filter(|&site| rms(site) > 0.0);
    let large = sites().max_by(|&a, &b| rms(a).total_cmp(&rms(b)))?;
    let small = sites().min_by(|&a, &b| rms(a).total_cmp(&rms(b)))?;
    let parameter = weight(large)?;
    let ratio = rms(large) / rms(small);
    // A fixed table, such as sinusoids, is a choice; what is added to it grows in training.
    let level = if context.parameters()[parameter].trainable { RULE.level } else { Level::Note };
    (ratio > DROWNED).then(|| {
        let finding = format!(
            "its rows are {}× as large as those of {}, to which they are added (limit {DROWNED}×).",
            significant(ratio, 3),
            context.sites()[small].name
        );
        let name = context.parameters()[parameter].name.clone();
        let fix = Fix::Scale { parameters: vec![(name.clone(), 1.0 / ratio)], predicted: vec![] };
        Verdict::new((RULE.name, level), name, ratio, DROWNED, finding).fix(Some(fix))
    })
}

/// The factor by which rows may be smaller than 1 before it is more than a note.
const LOST: f64 = 1000.0;

fn verdict(context: &Context<'_>, at: usize) -> Option<Verdict> {
    let site = &context.sites()[at];
    let weight = site.weight?;
    let parameter = &context.parameters()[weight];
    let destinations = context.graph.destinations(context.first(), at);
    let reads_it_as_it_is = |destination: &NextSite| match destination {
        NextSite::Product(_) => true,
        NextSite::Other(site) => context.sites()[*site].kind == SiteKind::Recurrent,
        _ => false,
    };
    let reaches = !destinations.is_empty() && destinations.iter().all(reads_it_as_it_is);
    let alone = context.graph.readers(at).all(|reader| context.sites()[reader].kind != SiteKind::Sum);
    let rms = context.parameter(weight, |p| p.rms);
    if !reaches || !alone || rms == 0.0 {
        return None;
    }
    let near = context.limits.embedding;
    let factor = rms.max(1.0 / rms);
    (factor > near).then(|| {
        let limit = if rms < 1.0 { 1.0 / near } else { near };
        let finding = format!(
            "its rows have root mean square {}, and a linear layer reads them without normalisation (expected within a factor of {} of 1).",
            significant(rms, 3),
            significant(near, 2)
        );
        let rows = parameter.shape.first().copied().unwrap_or(1) as f64;
        let tolerance = (3.0 / (2.0 * context.parameter(weight, |p| p.count)).sqrt()).clamp(0.01, 0.05);
        let divided = [(1.0, "1/√"), (2f64.sqrt(), "√2/√")].into_iter().find(|(gain, _)| (rms * rows.sqrt() / gain - 1.0).abs() < tolerance);
        // Small rows grow in the first steps, and published recommenders and convolutions start from 0.01.
        let fault = if rms < 1.0 { factor > LOST } else { factor > near.powi(3) };
        let level = if fault { Level::Warning } else { Level::Note };
        let cause = divided.map(|(_, text)| format!("That is {text}{}: a lookup has no fan-in, as its rows are not added up.", significant(rows, 9)));
        let fix = Fix::Scale { parameters: vec![(parameter.name.clone(), 1.0 / rms)], predicted: vec![] };
        let tied = context.readers_of(weight).len() > 1;
        Verdict::new((RULE.name, level), &parameter.name, rms, limit, finding)
            .cause(cause)
            .fix((!tied).then_some(fix))
    })
}

#[cfg(test)]
mod tests {
    use tensor::Activation;

    use crate::judge::testing::Net;
    use crate::sites::NormKind;

    /// An embedding that a norm or a product reads.
    fn lookup(std: f64, norm: bool) -> Net {
        let mut net = Net::new(1, 64);
        let x = net.embedding("wte", (2000, 32), 1, std);
        let x = if norm { net.norm("ln", x, NormKind::Layer) } else { x };
        let x = net.linear("fc", x, 64, 1.0);
        let x = net.activation(x, Activation::Tanh);
        net.linear("head", x, 10, 1.0);
        net
    }

    #[test]
    fn rows_divided_by_their_number_are_too_small_for_a_product() {
        let cause = "1/√2000: a lookup has no fan-in";
        let verdict = &lookup(1.0 / 2000f64.sqrt(), false).verdicts()[0];
        // A note, because N(0, 0.02²) has the same size by chance at 2,500 and 5,000 rows.
        assert_eq!((verdict.rule, verdict.level), ("embedding-scale", crate::judge::Level::Note));
        assert!(verdict.to_string().contains(cause) && verdict.fix.is_some(), "{verdict}");
        lookup(40.0, false)
            .is_mended("warning[embedding-scale] wte.weight", "its rows have root mean square");
    }

    #[test]
    fn any_scale_is_fine_before_a_norm_and_one_always() {
        for (std, norm) in [(1.0, false), (0.02, true), (1.0 / 2000f64.sqrt(), true), (20.0, true)] {
            let net = lookup(std, norm);
            assert!(net.findings().is_empty(), "std {std}: {:?}", net.findings());
        }
        assert!(Net::gpt2(1).findings().is_empty());
    }

    /// std 0.01, as published recommenders and temporal convolutions have it.
    #[test]
    fn small_rows_are_a_note_and_lost_ones_a_warning() {
        let small = lookup(0.01, false).verdicts();
        assert_eq!(
            (small[0].rule, small[0].level),
            ("embedding-scale", crate::judge::Level::Note),
            "{}",
            small[0]
        );
        lookup(2e-4, false)
            .is_mended("warning[embedding-scale] wte.weight", "its rows have root mean square");
    }

    /// Vision transformers add a parameter to the embedded patches.
    #[test]
    fn positions_that_are_a_parameter_may_drown_patches() {
        let verdicts = |rms: f64, trainable: bool| {
            let mut net = Net::new(1, 64);
            let x = net.input(32, 4);
            let x = net.linear("patches", x, 32, 1.0);
            let x = net.scale("pos_embed", x, 1.0);
            let x = net.norm("ln", x, NormKind::Layer);
            net.linear("head", x, 10, 0.5);
            let mut recording = net.recording();
            let at = recording.site("pos_embed").unwrap();
            let table = recording.sites[at].weight.take().unwrap();
            recording.sites[at].bias = Some(table);
            let parameter = &mut recording.parameters[table];
            (parameter.shape, parameter.trainable) = (vec![1, 4, 32], trainable);
            parameter.statistics.rms = rms;
            recording.verdicts()
        };
        let loud = verdicts(50.0, true);
        assert_eq!(crate::judge::testing::head(&loud[0]), "note[embedding-scale] pos_embed.weight");
        assert!(loud[0].finding.contains("as large as those of patches"), "{}", loud[0]);
        for healthy in [verdicts(0.02, true), verdicts(2.0, true), verdicts(50.0, false)] {
            assert!(healthy.is_empty(), "{}", healthy[0]);
        }
    }

    /// The head reads the same rows. What they are added to tells the scale that was meant, and makes the logits quiet too.
    #[test]
    fn a_tied_embedding_is_scaled_to_what_it_is_added_to() {
        let mut net = Net::new(1, 64);
        let tokens = net.embedding("wte", (50, 64), 16, 1.0);
        let positions = net.embedding("wpe", (16, 64), 16, 0.02);
        let x = net.sum("sum", tokens, positions);
        let x = net.norm("ln_f", x, NormKind::Layer);
        net.tied("lm_head", x, tokens);
        net.is_mended("warning[embedding-scale] wte.weight", "× as large as those of wpe");
    }

    /// Positions of std 1 drown tokens of std 0.02, even before a norm.
    #[test]
    fn positions_may_drown_tokens() {
        let net = |std: f64| {
            let mut net = Net::new(1, 64);
            let tokens = net.embedding("wte", (200, 32), 1, 0.02);
            let positions = net.embedding("wpe", (50, 32), 1, std);
            let x = net.sum("sum", tokens, positions);
            let x = net.norm("ln", x, NormKind::Layer);
            net.linear("head", x, 10, 0.5);
            net
        };
        net(1.0).is_mended("warning[embedding-scale] wpe.weight", "as large as those of wte");
        assert!(net(0.02).findings().is_empty());
        assert!(net(0.2).findings().is_empty());
        // Sinusoids are a fixed table of root mean square 0.7, and tokens of std 0.02 are added to them as they are.
        let mut fixed = net(1.0).recording();
        fixed.parameters.iter_mut().find(|parameter| parameter.name == "wpe.weight").unwrap().trainable =
            false;
        assert!(!fixed.verdicts().iter().any(crate::Verdict::is_finding), "{}", fixed.verdicts()[0]);
    }
}
