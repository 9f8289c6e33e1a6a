//! Work in named steps, so that a log shows what was done and what failed.

use std::time::Instant;

use crate::Result;

/// Does the work between two lines that name it. A step that cannot run fails.
pub(crate) fn run(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("==> {name}");
    let start = Instant::now();
    work().map_err(|error| format!("the step `{name}` failed: {error}"))?;
    println!("==> {name}: passed in {} s", start.elapsed().as_secs());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_its_step() {
        run("one", || Ok(())).unwrap();
        let error = run("two", || Err("broken".into())).unwrap_err();
        assert_eq!(error.to_string(), "the step `two` failed: broken");
    }
}
