//! x
mod exit; mod ids;
fn main(){}
