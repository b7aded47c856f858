//! The structure of a recorded network: who reads whom, what is a branch, and where a signal goes.

use crate::sites::{InputRole, Recording, SiteInput, SiteKind};

/// Derived lists of neighbours.
pub(super) struct SiteGraph {
    /// For each site, the sites that read it, with the role of that input.
    readers: Vec<Vec<(usize, Option<InputRole>)>>,
    /// For each site, true if all that is computed from it is added to a stream that goes around it.
    branch: Vec<bool>,
    /// The path from the input to the logits that follows streams.
    trunk: Vec<usize>,
    /// For each site, true if a normalisation stands between it and the end on every path.
    forgotten: Vec<bool>,
}

/// The next site that a signal meets after functions, pooling and sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextSite {
    /// Another product with a weight.
    Product(usize),
    /// A normalisation.
    Norm(usize),
    /// A softmax or its scores.
    Softmax(usize),
    /// A sum with a stream, as its branch.
    Branch(usize),
    /// A sum with a branch, as its stream.
    Stream(usize),
    /// A site that mixes or repeats signals in a way of its own.
    Other(usize),
    /// The loss or nothing.
    End(usize),
}

impl SiteGraph {
    pub(super) fn of(recording: &Recording) -> Self {
        let sites = &recording.sites;
        let mut readers = vec![vec![]; sites.len()];
        for (at, site) in sites.iter().enumerate() {
            for input in &site.inputs {
                readers[input.site].push((at, input.role));
            }
        }
        let mut graph = Self { readers, branch: vec![false; sites.len()], trunk: vec![], forgotten: vec![] };
        graph.branch = graph.branches(recording);
        graph.trunk = trunk(recording);
        graph.forgotten = graph.backwards(|at, forgotten| {
            let mut readers = graph.readers(at).peekable();
            readers.peek().is_some()
                && readers.all(|reader| sites[reader].kind == SiteKind::Norm || forgotten[reader])
        });
        graph
    }

    /// The sites that read a site.
    pub(super) fn readers(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        self.readers[at].iter().map(|&(reader, _)| reader)
    }

    /// The sites that read a site, each with the role that it has there.
    pub(super) fn readers_with_roles(&self, at: usize) -> &[(usize, Option<InputRole>)] {
        &self.readers[at]
    }

    /// True if all that is computed from a site is added to a stream that goes around it.
    pub(super) fn in_branch(&self, at: usize) -> bool {
        self.branch[at]
    }

    /// The path from the input to the logits, along streams.
    pub(super) fn trunk(&self) -> &[usize] {
        &self.trunk
    }

    /// Decides a question for each site by the answers for its readers, in one pass from the end: ways through a network are too
    /// many to walk.
    pub(super) fn backwards(&self, holds: impl Fn(usize, &[bool]) -> bool) -> Vec<bool> {
        let mut known = vec![false; self.readers.len()];
        for at in (0..known.len()).rev() {
            known[at] = holds(at, &known);
        }
        known
    }

    fn branches(&self, recording: &Recording) -> Vec<bool> {
        self.backwards(|at, branch| {
            let bypassed = |&(reader, role): &(usize, Option<InputRole>)| match recording.sites[reader].kind {
                SiteKind::ResidualSum => {
                    role == Some(InputRole::Branch) || (role.is_none() && branch[reader])
                }
                _ => branch[reader],
            };
            !self.readers[at].is_empty() && self.readers[at].iter().all(bypassed)
        })
    }

    /// True if a value of 0 at a site cuts nothing: on every way to the end, another signal joins that does not come from it.
    pub(super) fn is_bypassed(&self, recording: &Recording, at: usize) -> bool {
        let sites = &recording.sites;
        let (mut lost, mut reached) = (vec![false; sites.len()], vec![false; sites.len()]);
        (lost[at], reached[at]) = (true, true);
        for (reader, site) in sites.iter().enumerate().skip(at + 1) {
            let is_lost = |input: &SiteInput| lost[input.site];
            let is_zero = |input: &SiteInput| is_lost(input) && sites[input.site].statistics.rms == 0.0;
            let is_stream = |input: &SiteInput| is_lost(input) && input.role == Some(InputRole::Stream);
            let survives = |input: &SiteInput| !is_lost(input) && reached[input.site];
            lost[reader] = match site.kind {
                // A branch is no way around its stream, unless the stream is a part of it, as in x·(1 + a) + a.
                SiteKind::ResidualSum if site.inputs.iter().any(is_stream) => {
                    !site.inputs.iter().any(survives)
                }
                // What is multiplied by 0 is lost too; what is multiplied by another constant is not.
                SiteKind::Gate | SiteKind::Scores | SiteKind::Mix if site.inputs.iter().any(is_zero) => true,
                _ => !site.inputs.is_empty() && site.inputs.iter().all(is_lost),
            };
            reached[reader] = site.inputs.iter().any(|input| reached[input.site]);
        }
        (at..sites.len()).all(|end| !lost[end] || !self.readers[end].is_empty())
    }

    /// Where the signal of a site goes.
    pub(super) fn destinations(&self, recording: &Recording, at: usize) -> Vec<NextSite> {
        let (mut found, mut open, mut seen) = (vec![], vec![at], vec![false; recording.sites.len()]);
        while let Some(from) = open.pop() {
            if self.readers[from].is_empty() {
                found.push(NextSite::End(from));
            }
            for &(reader, role) in &self.readers[from] {
                if std::mem::replace(&mut seen[reader], true) {
                    continue;
                }
                match (recording.sites[reader].kind, role) {
                    (kind, _) if kind.is_product() => found.push(NextSite::Product(reader)),
                    (SiteKind::Norm, _) => found.push(NextSite::Norm(reader)),
                    (SiteKind::Softmax | SiteKind::Scores, _) => found.push(NextSite::Softmax(reader)),
                    (SiteKind::ResidualSum, Some(InputRole::Branch)) => found.push(NextSite::Branch(reader)),
                    (SiteKind::ResidualSum, _) => found.push(NextSite::Stream(reader)),
                    (SiteKind::Mix | SiteKind::Recurrent | SiteKind::Other, _) => {
                        found.push(NextSite::Other(reader));
                    }
                    _ => open.push(reader),
                }
            }
        }
        found
    }

    /// True if a normalisation stands between a site and the end on every path, so that the scale of its values is forgotten.
    pub(super) fn scale_is_forgotten(&self, at: usize) -> bool {
        self.forgotten[at]
    }

    /// All sites that a site is computed from, and itself.
    pub(super) fn upstream(&self, recording: &Recording, at: usize) -> Vec<bool> {
        let mut upstream = vec![false; recording.sites.len()];
        upstream[at] = true;
        for site in (0..=at).rev().filter(|&site| site <= at) {
            if upstream[site] {
                recording.sites[site].inputs.iter().for_each(|input| upstream[input.site] = true);
            }
        }
        upstream
    }
}

/// A signal that joins a larger one and is smaller by this factor carries nothing yet: that of a branch behind a layer scale of
/// 1e-6, for instance.
const NEGLIGIBLE: f64 = 1e-3;

/// Walks back from the logits: along the stream of a sum, along the values of a mix, and else along the longest way that is not
/// negligible.
fn trunk(recording: &Recording) -> Vec<usize> {
    let sites = &recording.sites;
    let mut depth = vec![0_usize; sites.len()];
    for (at, site) in sites.iter().enumerate() {
        depth[at] = site.inputs.iter().map(|input| depth[input.site] + 1).max().unwrap_or(0);
    }
    let logits = recording.loss.as_ref().and_then(|loss| loss.logits);
    let Some(mut at) = logits.or(sites.len().checked_sub(1)) else { return vec![] };
    let mut path = vec![at];
    loop {
        let stream = sites[at].inputs.iter().find(|input| input.role == Some(InputRole::Stream));
        let rms = |input: &&SiteInput| sites[input.site].statistics.rms;
        let largest = sites[at].inputs.iter().map(|input| rms(&input)).fold(0.0, f64::max);
        let usual = || {
            let values = sites[at].inputs.iter().filter(|input| sites[input.site].kind != SiteKind::Softmax);
            let counts = |input: &&SiteInput| rms(input).is_nan() || rms(input) >= NEGLIGIBLE * largest;
            values.filter(counts).max_by_key(|input| depth[input.site])
        };
        let Some(input) = stream.or_else(usual) else { break };
        at = input.site;
        path.push(at);
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::testing::{Net, sites};
    use crate::sites::NormKind;

    /// The names of the sites for which something holds.
    fn names(recording: &Recording, holds: impl Fn(usize) -> bool) -> Vec<&str> {
        let all = recording.sites.iter().enumerate().filter(|&(at, _)| holds(at));
        all.map(|(_, site)| site.name.as_str()).collect()
    }

    fn trunk_names(recording: &Recording) -> Vec<&str> {
        SiteGraph::of(recording).trunk().iter().map(|&at| recording.sites[at].name.as_str()).collect()
    }

    /// A residual network with a projection in one shortcut: `Stream` is the shortcut, and the branch ends with a norm.
    #[test]
    fn a_resnet_has_branches_of_convolutions() {
        let mut lines =
            vec![("input", SiteKind::Input, vec![]), ("stem", SiteKind::Convolution, vec!["input"])];
        lines.push(("1.conv", SiteKind::Convolution, vec!["stem"]));
        lines.push(("1.bn", SiteKind::Norm, vec!["1.conv"]));
        lines.push(("1", SiteKind::ResidualSum, vec!["stem", "1.bn"]));
        lines.push(("1.relu", SiteKind::Activation, vec!["1"]));
        lines.push(("2.conv", SiteKind::Convolution, vec!["1.relu"]));
        lines.push(("2.bn", SiteKind::Norm, vec!["2.conv"]));
        lines.push(("2.down", SiteKind::Convolution, vec!["1.relu"]));
        lines.push(("2", SiteKind::ResidualSum, vec!["2.down", "2.bn"]));
        lines.push(("pool", SiteKind::Pooling, vec!["2"]));
        lines.push(("fc", SiteKind::Linear, vec!["pool"]));
        let net = sites(&lines);
        let graph = SiteGraph::of(&net);
        assert_eq!(names(&net, |at| graph.in_branch(at)), ["1.conv", "1.bn", "2.conv", "2.bn"]);
        assert_eq!(names(&net, |at| graph.is_bypassed(&net, at)), ["1.conv", "1.bn", "2.conv", "2.bn"]);
        assert_eq!(names(&net, |at| graph.scale_is_forgotten(at)), ["1.conv", "2.conv"]);
        assert_eq!(trunk_names(&net), ["input", "stem", "1", "1.relu", "2.down", "2", "pool", "fc"]);
        let at = |name: &str| net.site(name).unwrap();
        let mut from_stem = graph.destinations(&net, at("stem"));
        from_stem.sort_by_key(|destination| format!("{destination:?}"));
        assert_eq!(from_stem, [NextSite::Product(at("1.conv")), NextSite::Stream(at("1"))]);
        assert_eq!(graph.destinations(&net, at("2.bn")), [NextSite::Branch(at("2"))]);
        assert_eq!(graph.destinations(&net, at("fc")), [NextSite::End(at("fc"))]);
        let upstream = graph.upstream(&net, at("2.bn"));
        assert!(upstream[at("stem")] && !upstream[at("2.down")]);
    }

    /// The deepest way leads through a branch that carries nothing yet.
    #[test]
    fn the_trunk_passes_by_a_negligible_part() {
        let mut net = sites(&[
            ("input", SiteKind::Input, vec![]),
            ("stem", SiteKind::Linear, vec!["input"]),
            ("branch", SiteKind::Linear, vec!["stem"]),
            ("cat", SiteKind::Concat, vec!["stem", "branch"]),
            ("head", SiteKind::Linear, vec!["cat"]),
        ]);
        let [stem, branch] = ["stem", "branch"].map(|name| net.site(name).unwrap());
        net.sites[stem].statistics.rms = 1.0;
        net.sites[branch].statistics.rms = 1e-2;
        assert_eq!(trunk_names(&net), ["input", "stem", "branch", "cat", "head"]);
        net.sites[branch].statistics.rms = 1e-6;
        assert_eq!(trunk_names(&net), ["input", "stem", "cat", "head"]);
    }

    /// Ways through 200 blocks with shortcuts are 2^200: each question is answered without walking them.
    #[test]
    fn a_deep_residual_network_is_judged_at_once() {
        let mut lines = vec![("0".to_owned(), SiteKind::Input, vec![])];
        for block in 1..=200 {
            let (from, branch) = ((block - 1).to_string(), format!("{block}.fc"));
            lines.push((branch.clone(), SiteKind::Linear, vec![from.clone()]));
            lines.push((block.to_string(), SiteKind::ResidualSum, vec![from, branch]));
        }
        lines.push(("norm".to_owned(), SiteKind::Norm, vec!["200".to_owned()]));
        let inputs: Vec<Vec<&str>> =
            lines.iter().map(|line| line.2.iter().map(String::as_str).collect()).collect();
        let lines: Vec<_> = lines
            .iter()
            .zip(inputs)
            .map(|((name, kind, _), inputs)| (name.as_str(), *kind, inputs))
            .collect();
        let net = sites(&lines);
        let graph = SiteGraph::of(&net);
        assert!((0..net.sites.len() - 1).all(|at| graph.scale_is_forgotten(at)));
        let verdicts = crate::judge::Limits::default().judge_recordings(&[net]);
        assert!(verdicts.iter().all(|verdict| verdict.level < crate::judge::Level::Error));
    }

    /// Everything in GPT-2's blocks is a branch, and every scale but the logits' is forgotten.
    #[test]
    fn a_transformer_has_its_blocks_beside_the_stream() {
        let net = Net::gpt2(1).recording();
        let graph = SiteGraph::of(&net);
        let on_stream = ["wte", "ln_f", "lm_head"];
        let sums = |at: usize| net.sites[at].kind == SiteKind::ResidualSum;
        let outside = names(&net, |at| !graph.in_branch(at) && !sums(at));
        assert_eq!(outside, on_stream);
        assert_eq!(names(&net, |at| !graph.scale_is_forgotten(at)), ["ln_f", "lm_head"]);
        let trunk = trunk_names(&net);
        assert_eq!((trunk[0], trunk.len()), ("wte", 3 + 8), "{trunk:?}");
        let query = net.site("h.1.attn.q").unwrap();
        assert_eq!(graph.destinations(&net, query), [NextSite::Softmax(query + 3)]);
    }

    /// The skip connections of a U-Net are concatenated: the way through the middle may be 0.
    #[test]
    fn the_middle_of_a_u_net_is_bypassed() {
        let net = sites(&[
            ("input", SiteKind::Input, vec![]),
            ("down", SiteKind::Convolution, vec!["input"]),
            ("pool", SiteKind::Pooling, vec!["down"]),
            ("middle", SiteKind::Convolution, vec!["pool"]),
            ("up", SiteKind::TransposedConvolution, vec!["middle"]),
            ("skip", SiteKind::Concat, vec!["down", "up"]),
            ("out", SiteKind::Convolution, vec!["skip"]),
        ]);
        let graph = SiteGraph::of(&net);
        assert!((2..5).all(|at| graph.is_bypassed(&net, at)) && !graph.is_bypassed(&net, 6));
        assert!(!(0..net.sites.len()).any(|at| graph.in_branch(at)));
        assert_eq!(trunk_names(&net), ["input", "down", "pool", "middle", "up", "skip", "out"]);
        assert_eq!(graph.destinations(&net, 4), [NextSite::Product(6)]);
    }

    #[test]
    fn a_norm_on_one_of_two_ways_forgets_nothing() {
        let mut net = Net::new(1, 2);
        let x = net.input(4, 1);
        let normed = net.norm("ln", x, NormKind::Layer);
        let sum = net.sum("sum", x, normed);
        let end = net.norm("end", sum, NormKind::Layer);
        net.linear("head", end, 2, 1.0);
        let graph = SiteGraph::of(&net.recording());
        let forgotten = |at| graph.scale_is_forgotten(at);
        assert_eq!([x, normed, sum, end].map(forgotten), [true, true, true, false]);
        let mut net = Net::new(1, 2);
        let x = net.input(4, 1);
        let normed = net.norm("ln", x, NormKind::Layer);
        net.sum("sum", x, normed);
        assert!(!SiteGraph::of(&net.recording()).scale_is_forgotten(x));
    }
}
