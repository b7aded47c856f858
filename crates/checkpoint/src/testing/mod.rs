//! What tests share.

pub(crate) mod half;
