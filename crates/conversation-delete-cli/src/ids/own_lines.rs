//! The output of this program as an input: its lines that name no record are not entries.

/// The first columns of a CSV export.
const EXPORT: [&[u8]; 4] = [b"vendor", b"id", b"outcome", b"mode"];

/// The outcome of an entry that is not an id.
const REFUSED: &str = "refused";

/// What of an object shows that it is a line of this program.
#[derive(Debug, Default)]
pub(super) struct OwnLine {
    r#type: Option<String>,
    outcome: Option<String>,
    members: Vec<&'static str>,
}

/// Members by which lines of this program are known, beside their type. A line of another program lacks them.
const MEMBERS: [&str; 14] = [
    "schema",
    "run",
    "vendor",
    "attempts",
    "parent",
    "kind",
    "not_attempted",
    "present",
    "ending",
    "job",
    "hash",
    "targets",
    "ok",
    "error",
];

impl OwnLine {
    /// Takes a member that is a string.
    pub(super) fn see_text(&mut self, key: &str, text: &str) {
        match key {
            "type" => self.r#type = Some(text.to_owned()),
            "outcome" => self.outcome = Some(text.to_owned()),
            _ => self.see(key),
        }
    }

    /// Takes the name of any other member.
    pub(super) fn see(&mut self, key: &str) {
        self.members.extend(MEMBERS.into_iter().find(|member| *member == key));
    }

    /// Whether it names no record: a summary, something that belonged to a record, or an entry that was refused.
    pub(super) fn is_skipped(&self, has_id: bool) -> bool {
        let has = |members: &[&str]| members.iter().all(|member| self.members.contains(member));
        match self.r#type.as_deref() {
            Some("summary" | "target" | "plan" | "job" | "check" | "error") if has(&["schema", "run"]) => true,
            Some("record") => self.outcome.as_deref() == Some(REFUSED) && has(&["vendor", "attempts", "error"]),
            Some("child") => has(&["vendor", "parent", "kind"]),
            _ if has_id => false,
            Some("summary") => has(&["not_attempted"]) || has(&["present"]) || has(&["ending"]),
            Some("target") => has(&["vendor", "not_attempted"]) || has(&["vendor", "present"]),
            Some("plan") => has(&["job", "hash", "targets"]),
            Some("status") => has(&["targets"]),
            Some("check") => has(&["vendor", "ok", "error"]),
            Some("error") => has(&["error"]),
            _ => false,
        }
    }
}

/// The column of the outcome, if these are the columns of an export.
pub(super) fn outcome_column(names: &[Vec<u8>]) -> Option<usize> {
    let is_export = names.len() > EXPORT.len() && names.iter().zip(EXPORT).all(|(name, own)| name == own);
    is_export.then_some(2)
}

/// Whether this outcome in an export says that its entry is not an id.
pub(super) fn is_refused(outcome: Option<&[u8]>) -> bool {
    outcome == Some(REFUSED.as_bytes())
}
