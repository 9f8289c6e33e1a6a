//! English.

use super::table::Background;
use crate::report::text::term::term;

pub(super) const BACKGROUND: Background = Background {
    reach_title: "What a deletion does not reach",
    reach_intro: "The vendor’s interface deletes the record that it shows. Other copies may remain, and no vendor proves \
                  that its disks no longer hold the data.",
    reach_source: "From the vendor’s public documentation and clients, as known to this version of the program.",
    reach_corti: [
        "Recordings, transcripts, documents, facts and codes of an interaction: no source states whether they are \
         deleted with it. Delete them first to show it; facts and codes have no delete call.",
        "Guided documents are kept outside the interaction and have a delete call of their own.",
        "Template snapshots of guided generation are kept for 30 days.",
        "Agent contexts are another product with a delete call of its own.",
        "Backups are not documented. Corti states that personal data is deleted within 30 days after a contract ends.",
        "What a running transcription writes after the deletion is not defined.",
    ],
    reach_fini: [
        "Fini describes a deletion as an update of the conversation’s row: probably it is marked and the data stays.",
        "The copy in the helpdesk (Zendesk, Intercom and others) stays. New messages there may bring the conversation back.",
        "Conversations in the older store of requests have other ids and are not reached.",
        "Restoring, purging and backups are not documented.",
    ],
    reach_elevenlabs: [
        "Backups: ElevenLabs keeps database items in them for up to 30 days after a deletion.",
        "Copies at receivers of post-call webhooks. One may arrive up to about 40 minutes after the call, even after \
         the deletion.",
        "Recordings at the telephony provider, and recipient records of batch calls.",
        "Not known to be reached: embeddings of conversations (30 days by default), triage tickets, tests made from a \
         conversation, outbound campaigns, tool executions and traces.",
        "Whether audio, analysis, search entries and SIP logs are deleted at once, and what happens to conversations of \
         subagents, is not documented.",
    ],
    reach_tavus: [
        "A hard deletion covers the conversation and its associated assets; Tavus does not define them for \
         conversations. What a soft deletion keeps, and for how long, is not documented.",
        "Recordings are in the customer’s own storage (S3, GCS, Azure): delete every version there. If copying failed, \
         Tavus keeps the recording for about 30 days.",
        "Data in rooms of the customer’s own Daily account.",
        "Callbacks already delivered (transcript, description of the person), and actions already run elsewhere.",
        "Memories, which span conversations, and documents and deployments have delete calls of their own.",
        "Whatever the video provider and other infrastructure keep.",
    ],

    verify_title: "How to verify this bundle",
    verify_intro: "This page belongs to a bundle: five files in a ZIP archive. If you have this page alone, ask for the bundle. With it, check that nobody has changed the files:",
    verify_program: "With the program, offline:",
    verify_readme: "Without the program: README.txt in the archive shows how, with unzip, sha256sum and a short script.",
    verify_signature: "Get the public key of {name} from that party directly, not from the archive. It alone shows who \
                       made the bundle.",
    verify_no_signature: "The bundle is not signed. The checks show that its files fit together, not who made them.",
    verify_print: "A printed copy of this page is bound to the records by the values below: compare them with \
                   manifest.json.",
    verify_caption: "What binds this page to the records",
    signer: "Signer",
    not_signed: "not signed",
    record_lines: "Lines of records.jsonl",
    tree_root: "Merkle tree root (RFC 6962, SHA-256, base64)",
    records_hash: "SHA-256 of records.jsonl",
    proves_title: "What this does not prove",
    proves_not: [
        "That the vendor erased its backups, logs and copies.",
        "That the vendor’s responses were true.",
        "That the operator’s clock was right. Times are those of the operator’s computer.",
        "That the list of ids was complete: records that nobody listed are not in it.",
        "That no other deletion or access happened outside this job.",
    ],

    glossary_title: "Glossary",
    glossary: [
        term("Record", "What is deleted: an interaction at Corti, a conversation at Fini, ElevenLabs and Tavus."),
        term("Vendor", "The company at whose service the records are stored."),
        term("Job", "A list of ids fixed before the deletion, with the outcome of each."),
        term(
            "Credential",
            "The key or token that gives access to the vendor. This report shows a fingerprint of it, \
                            from which it cannot be recovered.",
        ),
        term(
            "Lookup",
            "A request for one record, to see whether the vendor still shows it. Fini has no such request: there the whole history is read.",
        ),
        term("List", "The vendor’s list of all records, read to its end."),
        term("Hold", "An instruction not to delete a record."),
        term("Hash", "A short value computed from data. If the data changes, so does the value."),
        term(
            "Merkle tree root",
            "One hash over all lines of records.jsonl. It allows one record to be proved without \
                                  showing the others.",
        ),
        term("Pseudonym", "A value computed from an id with a secret key, shown in place of the id."),
    ],
};
