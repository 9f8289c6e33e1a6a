//! Work in named steps, so that a log tells what was done, what failed and what was left out.

use std::time::Instant;

use crate::Result;

/// Does the work between two lines that name it.
pub(crate) fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("==> {name}");
    let start = Instant::now();
    work().map_err(|error| format!("the step `{name}` failed: {error}"))?;
    println!("==> {name}: passed in {} s", start.elapsed().as_secs());
    Ok(())
}
