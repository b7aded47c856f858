//! tensor by itself: a layer's forward pass.

use tensor::{Activation, Tensor};

fn main() -> Result<(), tensor::ShapeError> {
    let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [2, 2])?;
    let w = Tensor::from_vec(vec![1.0, 0.0, -1.0, 0.5, 1.0, -1.0], [2, 3])?;
    let b = Tensor::from_vec(vec![0.0, 0.0, 1.0], [3])?;
    let pre = x.matmul(&w).add_row(&b);
    assert_eq!(pre.data(), [2.0, 2.0, -2.0, 5.0, 4.0, -6.0]);

    let (post, slope) = Activation::Relu.apply(&pre);
    assert_eq!(slope.data(), [1.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
    println!("{post:?}");
    Ok(())
}
