//! The long help of each command: what it does, its exit codes, what cannot be undone, and examples.

/// A constant for the text of each command.
macro_rules! texts {
    ($($name:ident = $file:literal;)*) => {
        $(pub(super) const $name: &str = include_str!(concat!("help/", $file, ".txt"));)*
    };
}

texts! {
    CHECK = "check";
    COMPLETIONS = "completions";
    DELETE = "delete";
    DEMO = "demo";
    END = "end";
    EVIDENCE_EXPORT = "evidence-export";
    EVIDENCE_KEYGEN = "evidence-keygen";
    EVIDENCE_PROVE = "evidence-prove";
    EVIDENCE_VERIFY = "evidence-verify";
    EXPORT = "export";
    FAKE = "fake";
    JOBS_LIST = "jobs-list";
    JOBS_PRUNE = "jobs-prune";
    LIST = "list";
    MAN = "man";
    PLAN = "plan";
    PROFILES = "profiles";
    PROFILES_CHECK = "profiles-check";
    PROGRAM = "program";
    RUN = "run";
    SCHEMA = "schema";
    STATUS = "status";
    SWEEP = "sweep";
    VERIFY = "verify";
}

/// The layout of the program's help: its commands without headings, so that they fit on one screen.
pub(super) const TEMPLATE: &str = "{about}\n{usage-heading} {usage}\n\n{subcommands}{after-help}";

/// The end of the program's short help.
pub(super) const MORE: &str = "`COMMAND -h` shows the options, `COMMAND --help` explains them. Begin with: demo";

#[cfg(test)]
mod tests;
