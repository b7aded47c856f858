//! torch-rng by itself: PyTorch's first numbers of a seed, without PyTorch and without the rand ecosystem.

use torch_rng::{Generator, Source};

fn main() {
    let mut generator = Generator::manual_seed(42);
    let mut normals = [0_f32; 3];
    generator.normal(0.0, 1.0, &mut normals);
    assert_eq!(normals, [0.33669037, 0.1288094, 0.23446237]);
    println!("tensor([{:.4}, {:.4}, {:.4}])", normals[0], normals[1], normals[2]);
}
