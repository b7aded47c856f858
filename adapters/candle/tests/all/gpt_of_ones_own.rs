//! A transformer whose forward pass names its layers: all of it is observed, it is silent, and faults inside are found.

use candle_core::{D, Device, Result, Tensor};
use candle_nn::{Embedding, Linear, RmsNorm, VarBuilder, embedding, linear, linear_no_bias, rms_norm};
use checkpoint::NameRules;
use diagnostics::{Activation, SiteKind};
use step_zero_candle::{Recipe, Watch, WatchReport};

const WIDTH: usize = 64;
const HEADS: usize = 4;
const TIME: usize = 8;
const BATCH: usize = 16;
const VOCABULARY: usize = 50;

struct Block {
    norms: [RmsNorm; 2],
    attention: [Linear; 4],
    grow: Linear,
    shrink: Linear,
}

struct Gpt {
    table: Embedding,
    positions: Embedding,
    blocks: Vec<Block>,
    norm: RmsNorm,
    head: Linear,
}

impl Gpt {
    fn new(vb: &VarBuilder<'_>) -> Result<Self> {
        let block = |at: usize| {
            let vb = vb.pp(format!("h.{at}"));
            let projection = |name: &str| linear_no_bias(WIDTH, WIDTH, vb.pp(name));
            Ok(Block {
                norms: [rms_norm(WIDTH, 1e-5, vb.pp("ln_1"))?, rms_norm(WIDTH, 1e-5, vb.pp("ln_2"))?],
                attention: [projection("q")?, projection("k")?, projection("v")?, projection("c_proj")?],
                grow: linear(WIDTH, 4 * WIDTH, vb.pp("mlp.c_fc"))?,
                shrink: linear(4 * WIDTH, WIDTH, vb.pp("mlp.c_proj"))?,
            })
        };
        Ok(Self {
            table: embedding(VOCABULARY, WIDTH, vb.pp("wte"))?,
            positions: embedding(TIME, WIDTH, vb.pp("wpe"))?,
            blocks: (0..3).map(block).collect::<Result<_>>()?,
            norm: rms_norm(WIDTH, 1e-5, vb.pp("ln_f"))?,
            head: linear_no_bias(WIDTH, VOCABULARY, vb.pp("lm_head"))?,
        })
    }

    fn forward(&self, tokens: &Tensor, watch: &Watch) -> Result<Tensor> {
        let places = Tensor::arange(0_u32, TIME as u32, &Device::Cpu)?.broadcast_as((BATCH, TIME))?;
        let [words, places] =
            [tokens.apply(&watch.layer(&self.table))?, places.apply(&watch.layer(&self.positions))?];
        let sum = (&words + &places)?;
        let mut x = watch.site("embeddings", SiteKind::Sum).reads(&words).reads(&places).values(&sum)?;
        for (at, block) in self.blocks.iter().enumerate() {
            x = block.forward(&x, at, watch)?;
        }
        watch.layer_by(&self.norm, &x, RmsNorm::forward_diff)?.apply(&watch.layer(&self.head))?.flatten_to(1)
    }
}

impl Block {
    fn forward(&self, x: &Tensor, at: usize, watch: &Watch) -> Result<Tensor> {
        let h = |name: &str| format!("h.{at}.{name}");
        let normed = watch.layer_by(&self.norms[0], x, RmsNorm::forward_diff)?;
        let heads = |projection: &Linear| {
            let y = normed.apply(&watch.layer(projection))?;
            y.reshape((BATCH, TIME, HEADS, WIDTH / HEADS))?.transpose(1, 2)?.contiguous()
        };
        let [query, key, value, output] = &self.attention;
        let (query, key, value) = (heads(query)?, heads(key)?, heads(value)?);
        let scores = (query.matmul(&key.t()?)? / ((WIDTH / HEADS) as f64).sqrt())?;
        let name = h("scores");
        let scores = watch.site(&name, SiteKind::Scores).unit_axis(3).values(&scores)?;
        let weights = candle_nn::ops::softmax(&scores, D::Minus1)?;
        let name = h("softmax");
        let weights = watch.site(&name, SiteKind::Softmax).reads(&scores).unit_axis(3).values(&weights)?;
        let mixed = weights.matmul(&value)?.transpose(1, 2)?.reshape((BATCH, TIME, WIDTH))?;
        let name = h("mix");
        let mixed = watch.site(&name, SiteKind::Mix).reads(&weights).unit_axis(2).values(&mixed)?;
        let x = watch.residual(&h("attention"), x, &mixed.apply(&watch.layer(output))?)?;
        let normed = watch.layer_by(&self.norms[1], &x, RmsNorm::forward_diff)?;
        let grown =
            watch.activation(Activation::GeluTanh, &normed.apply(&watch.layer(&self.grow))?, Tensor::gelu)?;
        watch.residual(&h("mlp"), &x, &grown.apply(&watch.layer(&self.shrink))?)
    }
}

const RULES: &str = r#"
version = 1
[constants]
layers = { count = "h.{i}.**" }
[[rule]]
match = ["**.c_proj.weight"]
scheme = "normal(0, 0.02/sqrt(2*layers))"
[[rule]]
match = ["**.ln_*.weight", "ln_f.weight"]
scheme = "ones"
[[rule]]
match = "**.bias"
scheme = "zeros"
[[rule]]
match = "**.weight"
scheme = "normal(0, 0.02)"
"#;

/// The report, with a rule before all others.
fn report(seed: u64, fault: &str) -> Result<WatchReport> {
    let rules = RULES.replacen("[[rule]]", &format!("{fault}\n[[rule]]"), 1);
    let recipe = Recipe::rules(NameRules::parse(&rules).unwrap());
    let tokens: Vec<u32> = (0..(BATCH * TIME) as u32).map(|at| at * 7919 % VOCABULARY as u32).collect();
    let labels = Tensor::from_vec(tokens.clone(), BATCH * TIME, &Device::Cpu)?;
    let tokens = Tensor::from_vec(tokens, (BATCH, TIME), &Device::Cpu)?;
    let mut init = recipe.init(seed, |vb| Gpt::new(&vb))?;
    init.watch(|model, watch| watch.cross_entropy(&model.forward(&tokens, watch)?, &labels))
}

#[test]
fn a_healthy_transformer_is_observed_inside_and_silent() -> Result<()> {
    for seed in 0..5 {
        let report = report(seed, "")?;
        assert!(report.verdicts().iter().all(|verdict| !verdict.is_finding()), "seed {seed}\n{report}");
        assert_eq!(report.without_gradient, [""; 0]);
        assert_eq!(report.recording().out_of_sight, [""; 0]);
        assert!(
            report.recording().sites.iter().all(|site| !site.statistics.gradient_rms.is_nan()),
            "{report}"
        );
    }
    Ok(())
}

#[test]
fn faults_inside_are_found_first_and_at_their_place() -> Result<()> {
    let planted = |name: &str, scheme: &str| format!("[[rule]]\nmatch = \"{name}\"\nscheme = \"{scheme}\"");
    let equal = report(1, &planted("h.1.mlp.c_fc.weight", "constant(0.02)"))?;
    let verdict = &equal.verdicts()[0];
    assert_eq!((verdict.rule, verdict.location()), ("symmetric-units", "h.1.mlp.c_fc.weight"), "{equal}");
    let scores = report(1, &planted("h.2.q.weight", "normal(0, 20)"))?;
    let verdict = &scores.verdicts()[0];
    assert_eq!((verdict.rule, verdict.location()), ("saturated-softmax", "h.2.softmax"), "{scores}");
    Ok(())
}
