//! Graphs of tapes: their text, their nodes and edges, and labels with special characters.

use autograd::{Activation, Tape, Tensor, Var};
use insta::assert_snapshot;

fn matrix(shape: [usize; 2], data: &[f64]) -> Tensor<f64> {
    Tensor::from_vec(data.to_vec(), shape).unwrap()
}

/// A skip connection: W is used once and x twice; the result does not depend on the `scale` node.
fn network(tape: &Tape<f64>) -> Var<'_, f64> {
    let x = tape.leaf(matrix([1, 2], &[0.5, -1.0])).named("x");
    let w = tape.leaf(matrix([2, 2], &[1.0, 0.0, -0.5, 2.0])).named("W");
    let hidden = x.matmul(w).activation(Activation::Identity).named("h");
    _ = hidden.scale(2.0);
    (hidden + x).sum()
}

#[test]
fn the_whole_tape_in_graphviz() {
    let tape = Tape::new();
    _ = network(&tape);
    assert_snapshot!(tape.graph().to_dot(), @r##"
    digraph tape {
      ordering=in
      node [shape=box, style=rounded, fontname="sans-serif", fontsize=11]
      n0 [label="x [1, 2]", style=filled, fillcolor="#e8eef7"]
      n1 [label="W [2, 2]", style=filled, fillcolor="#e8eef7"]
      n2 [label="matmul [1, 2]"]
      n3 [label="h = identity [1, 2]"]
      n4 [label="scale [1, 2]"]
      n5 [label="add [1, 2]"]
      n6 [label="sum []"]
      n0 -> n2
      n1 -> n2
      n2 -> n3
      n3 -> n4
      n3 -> n5
      n0 -> n5
      n5 -> n6
    }
    "##);
}

#[test]
fn the_graph_of_the_loss_with_statistics_in_mermaid() {
    let tape = Tape::new();
    let loss = network(&tape);
    let graph = loss.graph().with_values(&tape).with_gradients(&loss.backward());
    assert_snapshot!(graph.to_mermaid(), @r#"
    flowchart TD
      n0["x [1, 2]<br/>value -0.250 ± 1.06, -1.00 to 0.500<br/>gradient 2.25 ± 0.354, 2.00 to 2.50"]
      n1["W [2, 2]<br/>value 0.625 ± 1.11, -0.500 to 2.00<br/>gradient -0.250 ± 0.866, -1.00 to 0.500"]
      n2("matmul [1, 2]<br/>value -0.500 ± 2.12, -2.00 to 1.00<br/>gradient 1.00 ± 0.00, 1.00 to 1.00")
      n3("h = identity [1, 2]<br/>value -0.500 ± 2.12, -2.00 to 1.00<br/>gradient 1.00 ± 0.00, 1.00 to 1.00")
      n5("add [1, 2]<br/>value -0.750 ± 3.18, -3.00 to 1.50<br/>gradient 1.00 ± 0.00, 1.00 to 1.00")
      n6("sum []<br/>value -1.50<br/>gradient 1.00")
      n0 --> n2
      n1 --> n2
      n2 --> n3
      n3 --> n5
      n0 --> n5
      n5 --> n6
    "#);
}

#[test]
fn nodes_without_a_gradient_are_dashed() {
    let tape = Tape::new();
    let grads = network(&tape).backward();
    let graph = tape.graph().with_gradients(&grads);
    let unreached: Vec<_> = graph.nodes.iter().filter(|node| node.gradient.is_none()).map(|n| n.op).collect();
    assert_eq!(unreached, ["scale"]);
    assert_snapshot!(graph.to_mermaid(), @r#"
    flowchart TD
      n0["x [1, 2]<br/>gradient 2.25 ± 0.354, 2.00 to 2.50"]
      n1["W [2, 2]<br/>gradient -0.250 ± 0.866, -1.00 to 0.500"]
      n2("matmul [1, 2]<br/>gradient 1.00 ± 0.00, 1.00 to 1.00")
      n3("h = identity [1, 2]<br/>gradient 1.00 ± 0.00, 1.00 to 1.00")
      n4("scale [1, 2]"):::unreached
      n5("add [1, 2]<br/>gradient 1.00 ± 0.00, 1.00 to 1.00")
      n6("sum []<br/>gradient 1.00")
      n0 --> n2
      n1 --> n2
      n2 --> n3
      n3 --> n4
      n3 --> n5
      n0 --> n5
      n5 --> n6
      classDef unreached stroke-dasharray: 4
    "#);
    assert_eq!(graph.to_dot().matches("dashed").count(), 1);
}

#[test]
fn a_node_lists_its_parents() {
    let tape = Tape::<f64>::new();
    let x = tape.leaf(Tensor::scalar(3.0));
    let y = x * x;
    let apart = tape.leaf(Tensor::zeros([2, 3]));
    let parents: Vec<_> = tape.graph().nodes.into_iter().map(|node| node.parents).collect();
    assert_eq!(parents, [vec![], vec![x.id(), x.id()], vec![]]);
    let ids = |var: Var<'_, f64>| var.graph().nodes.iter().map(|node| node.id).collect::<Vec<_>>();
    assert_eq!((ids(y), ids(apart)), (vec![0, 1], vec![2]));
    assert_eq!(tape.graph().nodes[2].shape.dims(), [2, 3]);
}

/// Mean and standard deviation are those of Python's `statistics`.
#[test]
fn statistics_count_non_finite_values_and_leave_them_out() {
    let tape = Tape::new();
    let data = vec![2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0, f64::NAN, f64::INFINITY];
    tape.leaf(Tensor::from_vec(data, [10]).unwrap());
    tape.leaf(Tensor::scalar(f64::NAN));
    tape.leaf(Tensor::zeros([0]));
    tape.leaf(Tensor::scalar(-1.25e-7));
    let graph = tape.graph().with_values(&tape);
    let value = |at: usize| graph.nodes[at].value.unwrap();
    let s = value(0);
    assert_eq!((s.mean, s.min, s.max, s.finite, s.non_finite), (5.0, 2.0, 9.0, 8, 2));
    assert!((s.std - 2.138_089_935_299_395).abs() < 1e-15);
    assert_eq!(s.to_string(), "5.00 ± 2.14, 2.00 to 9.00, 2 not finite");
    assert_eq!([1, 2, 3].map(|at| value(at).to_string()), ["1 not finite", "no values", "-1.25e-7"]);
}

#[test]
fn labels_are_escaped() {
    let tape = Tape::<f32>::new();
    tape.leaf(Tensor::scalar(0.0)).named("a \"b\" \\n #quot; <i>`c`</i>\nend] --> n0");
    assert_snapshot!(tape.graph().to_dot(), @r##"
    digraph tape {
      ordering=in
      node [shape=box, style=rounded, fontname="sans-serif", fontsize=11]
      n0 [label="a \"b\" \\n #quot; <i>`c`</i> end] --> n0 []", style=filled, fillcolor="#e8eef7"]
    }
    "##);
    assert_snapshot!(tape.graph().to_mermaid(), @r##"
    flowchart TD
      n0["a #34;b#34; #92;n #35;quot; #60;i#62;#96;c#96;#60;/i#62; end] --#62; n0 []"]
    "##);
    assert_snapshot!(Tape::<f32>::new().graph().to_dot(), @r##"
    digraph tape {
      ordering=in
      node [shape=box, style=rounded, fontname="sans-serif", fontsize=11]
    }
    "##);
}

#[test]
fn values_of_another_tape_are_rejected() {
    let (tape, other) = (Tape::<f64>::new(), Tape::<f64>::new());
    let (x, y) = (tape.leaf(Tensor::zeros([2])), other.leaf(Tensor::zeros([1])));
    let rejected = |f: &dyn Fn()| std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).is_err();
    assert!(rejected(&|| _ = x.graph().with_values(&other)));
    assert!(rejected(&|| _ = x.graph().with_gradients(&y.backward())));
    assert!(!rejected(&|| _ = x.graph().with_values(&tape)));
    // The same shapes in another order.
    let (sum, product) = (x + x, y * y);
    let (a, b) = (tape.leaf(Tensor::zeros([1])), other.leaf(Tensor::zeros([2])));
    assert_eq!((sum.id(), product.id(), a.id(), b.id()), (1, 1, 2, 2));
    let (a, b) = (a.scale(2.0), other.leaf(Tensor::zeros([1])));
    assert!(rejected(&|| _ = a.graph().with_values(&other)));
    assert!(rejected(&|| _ = a.graph().with_gradients(&b.backward())));
    assert!(!rejected(&|| _ = a.graph().with_gradients(&a.backward())));
}
