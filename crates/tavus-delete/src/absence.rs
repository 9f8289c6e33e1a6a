//! The texts that report that a conversation does not exist.

/// Each may also name the id, and end in a full stop.
const ABSENCES: &[&str] = &[
    "conversation not found",
    "conversation does not exist",
    "conversation with id not found",
    "conversation with id does not exist",
    "no such conversation",
    "unknown conversation",
    "conversation could not be found",
    "the conversation could not be found",
    INVALID_ID,
];

/// The vendor's own text.
pub(crate) const INVALID_ID: &str = "invalid conversation_id";

/// Whether the whole text is one of them. Gateways use the same words in sentences about a missing route or service.
pub(crate) fn denies_conversation(text: &str) -> bool {
    ABSENCES.contains(&without_id(text).as_str())
}

/// The whole text in lower case, without a final full stop and without the first word that may be an id.
pub(crate) fn without_id(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let text = text.strip_suffix('.').unwrap_or(&text);
    let mut words: Vec<&str> = text.split_whitespace().collect();
    if let Some(position) = words.iter().position(|word| is_id_like(word)) {
        words.remove(position);
    }
    words.join(" ").trim_end_matches(':').to_owned()
}

/// Tavus' ids are `c` and hexadecimal digits, or UUIDs. They may be quoted.
fn is_id_like(word: &str) -> bool {
    let word = word.trim_matches(['"', '\'', '`']);
    let is_hexadecimal = word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    word.len() >= 6 && is_hexadecimal && word.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::denies_conversation;

    #[test]
    fn only_a_text_about_nothing_but_the_conversation_denies_it() {
        for text in [
            "Conversation not found",
            " CONVERSATION NOT FOUND. ",
            "Conversation c123456 not found",
            "conversation 'c123456' not found.",
            "Conversation f47ac10b-58cc-4372-a567-0e02b2c3d479 does not exist",
            "Conversation with id \"c123456\" not found",
            "Conversation with id c123456 does not exist.",
            "No such conversation",
            "No such conversation: c123456",
            "Invalid conversation_id",
            "Unknown conversation",
            "The conversation could not be found.",
            "Conversation could not be found",
        ] {
            assert!(denies_conversation(text), "{text}");
        }
        for text in [
            "",
            ".",
            "c123456 not found",
            "Cluster 'conversation' not found",
            "'conversation' not found",
            "Unknown host: conversation",
            "Application 'conversation' not found",
            "function conversation not found",
            "no healthy upstream for conversation: invalid backend",
            "invalid token for conversation api",
            "conversation endpoint not found",
            "conversation service-v2 not found",
            "conversation v2 not found",
            "conversation c123456 c123457 not found",
            "no conversation not found",
            "Route GET:/v2/conversations/c123456 not found",
        ] {
            assert!(!denies_conversation(text), "{text}");
        }
    }
}
