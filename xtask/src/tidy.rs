//! House rules that no compiler knows. All are tried; each complaint is `path[:line]: what is wrong and how to mend it`.

mod cycles;
mod file;
mod packages;
mod phrases;
mod rust_versions;

use file::File;

use crate::Result;
use crate::workspace::{Dependencies, Workspace};

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let files = File::all(&workspace.shell()?)?;
    let metadata = workspace.metadata(Dependencies::Locked)?;
    let complaints = [
        packages::check(&metadata),
        rust_versions::check(&metadata, &files),
        cycles::check(&files),
        phrases::check(&files),
        files.iter().filter_map(too_long).collect(),
    ]
    .concat();
    if !complaints.is_empty() {
        let count = complaints.len();
        return Err(format!("house rules are broken, complaints: {count}\n{}", complaints.join("\n")).into());
    }
    println!("house rules: all hold");
    Ok(())
}

/// Most lines of a file of source, its closing tests left out. Tests in files of their own may go on.
const MAX_LINES: usize = 300;

fn too_long(File { path, text }: &File) -> Option<String> {
    let is_source = path.ends_with(".rs") && path.contains("src/") && !path.contains("/tests");
    let lines = text.split("#[cfg(test)]\nmod tests {").next()?.lines().count();
    (is_source && lines > MAX_LINES)
        .then(|| format!("{path}: {lines} lines, more than {MAX_LINES}: split it by what its parts are about"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_found_without_its_tests() {
        let file = |path: &str, lines, rest: &str| File { path: path.to_owned(), text: "//\n".repeat(lines) + rest };
        let long = too_long(&file("a/src/b.rs", MAX_LINES + 1, "")).unwrap();
        assert!(long.starts_with("a/src/b.rs: 301 lines"), "{long}");
        let tests = "#[cfg(test)]\nmod tests {\n}\n";
        assert_eq!(too_long(&file("a/src/b.rs", MAX_LINES, tests)), None);
        assert_eq!(too_long(&file("a/src/b/tests.rs", MAX_LINES + 1, "")), None);
    }
}
