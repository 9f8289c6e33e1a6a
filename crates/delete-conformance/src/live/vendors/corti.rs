//! Corti.

use delete_core::ErasureMode;
use serde_json::Value;

use crate::live::case::{Ask, Case, Fact, Variant, ask, get, variant};
use crate::live::vendor::{Vendor, rfc3339_ms, uuid};

pub(super) static CORTI: Vendor = Vendor {
    name: "corti",
    title: "Corti",
    reading: READING,
    deleting: |_: Option<ErasureMode>| DELETING,
    has_erasure_modes: false,
    list_path: "/interactions/",
    item_path: "/interactions/{id}",
    bulk_path: None,
    list_keys: &["interactions"],
    id_key: "id",
    takes_seconds: false,
    parse: uuid,
    time: |record| rfc3339_ms(&record["createdAt"]),
    code,
};

/// The code at the end of `type`.
fn code(body: &Value) -> Option<String> {
    let kind = body["type"].as_str()?;
    let code = kind.get(kind.len().checked_sub(5)?..)?;
    let is_code = code.starts_with('A') && code[1..].bytes().all(|byte| byte.is_ascii_digit());
    Some(if is_code { code.to_owned() } else { "another text".to_owned() })
}

const INTERACTION: &str = r#"{"id":"string","assignedUserId":"string","createdAt":"string","updatedAt":"string",
    "encounter":{"identifier":"string","status":"string","type":"string","period":"object"},
    "websocketUrl":"string","lastUpdated":"string"}"#;
const PAGE: &str = r#"{"interactions":[{"id":"string","createdAt":"string","updatedAt":"string",
    "encounter":{"identifier":"string","status":"string"}}]}"#;
/// A list whose records, if it has any, do not matter.
const ANY_PAGE: &str = r#"{"interactions":"array"}"#;
const ERROR: &str = r#"{"requestid":"string","status":"number","type":"string","detail":"string"}"#;
const OLD_ERROR: &str = r#"{"requestid":"string","status":"number","type":"string","details":"string"}"#;

const LIST: &str = "List: `GET /v2/interactions/`";
const PAGING: &str = "`pageSize` 10, above 0";
const SORT: &str = "`sort`: id, createdAt (default)";
const BAD_QUERY: &str = "Other bad query values: 400 A0013";
const UNKNOWN: &str = "Unknown or already deleted id: 404, A0007";
const GET: &str = "`GET`: 200 with the documented fields";
const TOKEN: &str = "Missing, unknown, expired token: 401";
const GUIDED: &str = "Guided documents: `GET /v2/documents/?interactionId=…`";
const BELOW: &str = "Every path below an interaction that is not there: 404";

const NOT_FOUND: &[Variant] = &[
    variant("new", 404, ERROR).code("A0007").client("absent"),
    variant("old", 404, OLD_ERROR).code("A0007").client("absent"),
];
const BAD_PARAMETER: &[Variant] =
    &[variant("new", 400, ERROR).code("A0013"), variant("old", 400, OLD_ERROR).code("A0013")];
const UNAUTHORIZED: &[Variant] = &[variant("documented", 401, "empty").headers(&["www-authenticate"])];
const BELOW_UNKNOWN: &[Variant] = &[variant("new", 404, ERROR), variant("old", 404, OLD_ERROR)];
const BELOW_MALFORMED: &[Variant] = &[variant("new", 400, ERROR), variant("old", 400, OLD_ERROR)];

static READING: &[Case] = &[
    ask(
        "token",
        "Token reply: members, 300 s",
        Ask::Token,
        &[variant(
            "documented",
            200,
            r#"{"access_token":"string","expires_in":"number","refresh_expires_in":"number","token_type":"string",
                "not-before-policy":"number","scope":"string"}"#,
        )],
    ),
    get(
        "list",
        SORT,
        "/interactions/?pageSize=100",
        &[variant("documented", 200, PAGE).facts(&[(Fact::Order, "newest_first")])],
    )
    .facts(&[Fact::Order]),
    get(
        "list_ascending",
        SORT,
        "/interactions/?pageSize=100&sort=createdAt&direction=asc",
        &[variant("documented", 200, PAGE).facts(&[(Fact::Order, "oldest_first")])],
    )
    .facts(&[Fact::Order]),
    get(
        "list_default_size",
        PAGING,
        "/interactions/",
        &[variant("documented", 200, PAGE).facts(&[(Fact::PageOf(10), "full")])],
    )
    .facts(&[Fact::PageOf(10)]),
    get(
        "list_page_1",
        PAGING,
        "/interactions/?pageSize=1&index=1",
        &[variant("documented", 200, PAGE).facts(&[(Fact::Shows("listed"), "yes")])],
    )
    .facts(&[Fact::Shows("listed")]),
    get(
        "list_page_2",
        PAGING,
        "/interactions/?pageSize=1&index=2",
        &[variant("documented", 200, PAGE).facts(&[(Fact::Shows("listed"), "no")])],
    )
    .facts(&[Fact::Shows("listed")])
    .needs("other"),
    get(
        "list_beyond_the_end",
        PAGING,
        "/interactions/?pageSize=100&index=1000000",
        &[variant("documented", 200, r#"{"interactions":[]}"#)],
    ),
    get("list_page_size_0", BAD_QUERY, "/interactions/?pageSize=0", BAD_PARAMETER),
    get("list_page_0", BAD_QUERY, "/interactions/?index=0", BAD_PARAMETER),
    get("list_unknown_sort", BAD_QUERY, "/interactions/?sort=name", BAD_PARAMETER),
    get(
        "list_unknown_status",
        "Unknown `encounterStatus`: 400 A0013",
        "/interactions/?pageSize=1&encounterStatus=archived",
        &[
            variant("400", 400, ERROR).code("A0013"),
            variant("400_old", 400, OLD_ERROR).code("A0013"),
            variant("ignored", 200, PAGE).facts(&[(Fact::Shows("listed"), "yes")]),
        ],
    )
    .facts(&[Fact::Shows("listed")]),
    get(
        "list_without_slash",
        "The path without its slash",
        "/interactions",
        &[variant("404", 404, "empty"), variant("works", 200, PAGE)],
    ),
    get(
        "list_of_nobody",
        "`patient` filters by `patient.identifier`",
        "/interactions/?pageSize=100&patient=00000000-0000-4000-8000-00000000c0de",
        &[variant("documented", 200, ANY_PAGE).facts(&[(Fact::Shows("listed"), "no")])],
    )
    .facts(&[Fact::Shows("listed")]),
    ask(
        "lookup",
        GET,
        Ask::Lookup("{listed}"),
        &[variant("documented", 200, INTERACTION).client("present").facts(&[(Fact::Is("listed"), "yes")])],
    )
    .facts(&[Fact::Is("listed")]),
    get(
        "lookup_upper_case",
        "Upper-case ids name the same interaction",
        "/interactions/{listed_upper}",
        &[variant("assumed", 200, INTERACTION).facts(&[(Fact::Is("listed"), "yes")])],
    )
    .facts(&[Fact::Is("listed")]),
    ask("lookup_unknown", UNKNOWN, Ask::Lookup("00000000-0000-4000-8000-00000000c0de"), NOT_FOUND),
    get(
        "lookup_malformed",
        "Id that is not a hyphenated UUID: 400",
        "/interactions/not-a-uuid",
        &[variant("new", 400, ERROR).code("A0008"), variant("old", 400, OLD_ERROR).code("A0008")],
    ),
    get(
        "recordings",
        "Recordings `{\"recordings\":[…]}`",
        "/interactions/{listed}/recordings/",
        &[variant("documented", 200, r#"{"recordings":["string"]}"#)],
    ),
    get(
        "transcripts",
        "No transcripts: an empty array",
        "/interactions/{listed}/transcripts/",
        &[
            variant("some", 200, r#"{"transcripts":[{"id":"string"}]}"#),
            variant("array", 200, r#"{"transcripts":[]}"#),
            variant("null", 200, r#"{"transcripts":"null"}"#),
        ],
    ),
    get(
        "documents",
        "Recordings `{\"recordings\":[…]}`",
        "/interactions/{listed}/documents/",
        &[variant("documented", 200, r#"{"data":[{"id":"string"}]}"#)],
    ),
    get(
        "guided_documents",
        GUIDED,
        "/documents/?interactionId={listed}",
        &[
            variant("array", 200, r#"[{"id":"string","interactionId":"string|null"}]"#),
            variant("data", 200, r#"{"data":[{"id":"string"}]}"#),
            variant("documents", 200, r#"{"documents":[{"id":"string"}]}"#),
            variant("400", 400, "any"),
            variant("403", 403, "any"),
            variant("404", 404, "any"),
        ],
    ),
    get(
        "recordings_of_unknown",
        BELOW,
        "/interactions/00000000-0000-4000-8000-00000000c0de/recordings/",
        BELOW_UNKNOWN,
    ),
    get("recordings_of_malformed", BELOW, "/interactions/not-a-uuid/recordings/", BELOW_MALFORMED),
    ask(
        "wrong_token",
        TOKEN,
        Ask::GetWith("/interactions/", ("authorization", Some("Bearer not-a-token"))),
        UNAUTHORIZED,
    ),
    ask("missing_token", TOKEN, Ask::GetWith("/interactions/", ("authorization", None)), UNAUTHORIZED),
    ask(
        "missing_tenant",
        "Missing `Tenant-Name`: `missing_tenant`",
        Ask::GetWith("/interactions/", ("tenant-name", None)),
        &[variant("400", 400, "any"), variant("401", 401, "any"), variant("403", 403, "any")],
    ),
    ask(
        "wrong_tenant",
        "`Tenant-Name` of another tenant",
        Ask::GetWith("/interactions/", ("tenant-name", Some("not-a-tenant"))),
        &[variant("401", 401, "any"), variant("403", 403, "any"), variant("404", 404, "any")],
    ),
];

static DELETING: &[Case] = &[
    ask(
        "lookup_before_delete",
        GET,
        Ask::Lookup("{deleted}"),
        &[variant("documented", 200, INTERACTION).client("present").facts(&[(Fact::Is("deleted"), "yes")])],
    )
    .facts(&[Fact::Is("deleted")]),
    get(
        "list_before_delete",
        LIST,
        "/interactions/?pageSize=100",
        &[
            variant("on_page", 200, PAGE).facts(&[(Fact::Shows("deleted"), "yes")]),
            // Later pages may have it.
            variant("not_on_page", 200, PAGE).facts(&[(Fact::Shows("deleted"), "no")]),
        ],
    )
    .facts(&[Fact::Shows("deleted")]),
    ask(
        "delete",
        "`DELETE` of a known interaction: 204",
        Ask::Delete,
        &[variant("documented", 204, "empty").client("deleted")],
    ),
    ask("lookup_after_delete", UNKNOWN, Ask::Lookup("{deleted}"), NOT_FOUND),
    get(
        "list_after_delete",
        "A deleted interaction leaves the list",
        "/interactions/?pageSize=100",
        &[variant("documented", 200, ANY_PAGE).facts(&[(Fact::Shows("deleted"), "no")])],
    )
    .facts(&[Fact::Shows("deleted")])
    .needs("on_list"),
    get("recordings_after_delete", BELOW, "/interactions/{deleted}/recordings/", BELOW_UNKNOWN),
    ask(
        "delete_again",
        UNKNOWN,
        Ask::Delete,
        &[
            variant("new", 404, ERROR).code("A0007").client("not_found"),
            variant("old", 404, OLD_ERROR).code("A0007").client("not_found"),
        ],
    ),
];
