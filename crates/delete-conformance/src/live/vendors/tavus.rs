//! Tavus.

use delete_core::ErasureMode;
use serde_json::Value;

use crate::live::case::{Ask, Case, Fact, Variant, ask, get, variant};
use crate::live::vendor::{Vendor, conversation_id, known_text, rfc3339_ms};

pub(super) static TAVUS: Vendor = Vendor {
    name: "tavus",
    title: "Tavus",
    reading: READING,
    deleting,
    has_erasure_modes: true,
    list_path: "/v2/conversations",
    item_path: "/v2/conversations/{id}",
    bulk_path: None,
    list_keys: &["data"],
    id_key: "conversation_id",
    takes_seconds: false,
    parse: conversation_id,
    time: |record| rfc3339_ms(&record["created_at"]),
    code,
};

fn code(body: &Value) -> Option<String> {
    let texts = ["error", "message", "detail"].iter().map(|key| &body[*key]);
    texts.into_iter().find_map(|text| known_text(text, &[INVALID_ID, INVALID_KEY]))
}

const INVALID_ID: &str = "Invalid conversation_id";
const INVALID_KEY: &str = "Invalid access token";

const CONVERSATION: &str = r#"{"conversation_id":"string","status":"string","created_at":"string"}"#;
const PAGE: &str = r#"{"data":[{"conversation_id":"string","status":"string","created_at":"string"}]}"#;
/// A list whose records, if it has any, do not matter.
const ANY_PAGE: &str = r#"{"data":"array"}"#;
const PAGE_WITH_TOTAL: &str = r#"{"data":"array","total_count":"number"}"#;
const ERROR: &str = r#"{"error":"string"}"#;

const LIST: &str = "List: `GET /v2/conversations`";
const PAGING: &str = "`limit` 10 by default";
const UNKNOWN: &str = "Unknown, malformed, foreign or deleted id";
const KEY: &str = "Missing, wrong, revoked key";

const NOT_FOUND: &[Variant] = &[
    variant("400", 400, ERROR).code(INVALID_ID).client("absent"),
    variant("404", 404, ERROR).code(INVALID_ID).client("absent"),
];
const UNAUTHORIZED: &[Variant] = &[variant("documented", 401, r#"{"message":"string"}"#).code(INVALID_KEY)];
const REFUSED: &[Variant] = &[variant("400", 400, "any")];

static READING: &[Case] = &[
    get(
        "list",
        "`order` newest, oldest, random",
        "/v2/conversations?limit=100",
        &[
            variant("newest", 200, PAGE).facts(&[(Fact::Order, "newest_first")]),
            variant("oldest", 200, PAGE).facts(&[(Fact::Order, "oldest_first")]),
            variant("random", 200, PAGE).facts(&[(Fact::Order, "other")]),
        ],
    )
    .facts(&[Fact::Order]),
    get(
        "list_total",
        "`total_count` may be missing",
        "/v2/conversations?limit=1",
        &[variant("present", 200, PAGE_WITH_TOTAL), variant("missing", 200, ANY_PAGE)],
    ),
    get(
        "list_default_size",
        PAGING,
        "/v2/conversations",
        &[variant("documented", 200, PAGE).facts(&[(Fact::PageOf(10), "full")])],
    )
    .facts(&[Fact::PageOf(10)]),
    get(
        "list_page_1",
        "`first_page` 0: pages count from 0",
        "/v2/conversations?limit=1&page=1",
        &[
            variant("1", 200, PAGE).facts(&[(Fact::Shows("listed"), "yes")]),
            variant("0", 200, PAGE).facts(&[(Fact::Shows("listed"), "no")]),
        ],
    )
    .facts(&[Fact::Shows("listed")])
    .needs("other"),
    get(
        "list_page_2",
        PAGING,
        "/v2/conversations?limit=1&page=2",
        &[variant("documented", 200, PAGE).facts(&[(Fact::Shows("listed"), "no")])],
    )
    .facts(&[Fact::Shows("listed")])
    .needs("other"),
    get(
        "list_page_0",
        "`first_page` 0: pages count from 0",
        "/v2/conversations?limit=1&page=0",
        &[variant("1", 400, "any"), variant("0", 200, PAGE).facts(&[(Fact::Shows("listed"), "yes")])],
    )
    .facts(&[Fact::Shows("listed")]),
    get(
        "list_beyond_the_end",
        LIST,
        "/v2/conversations?limit=100&page=1000000",
        &[variant("documented", 200, r#"{"data":[]}"#)],
    ),
    get("list_limit_0", PAGING, "/v2/conversations?limit=0", REFUSED),
    get("list_limit_not_a_number", PAGING, "/v2/conversations?limit=many", REFUSED),
    get(
        "list_ended",
        "`status` active or ended",
        "/v2/conversations?limit=100&status=ended",
        &[variant("documented", 200, PAGE).facts(&[(Fact::OnlyStatus("ended"), "yes")])],
    )
    .facts(&[Fact::OnlyStatus("ended")]),
    get(
        "list_unknown_status",
        "`status` active or ended",
        "/v2/conversations?limit=1&status=error",
        &[variant("400", 400, "any"), variant("ignored", 200, PAGE)],
    ),
    ask(
        "lookup",
        "`GET`: the documented fields",
        Ask::Lookup("{listed}"),
        &[variant("documented", 200, CONVERSATION).client("present").facts(&[(Fact::Is("listed"), "yes")])],
    )
    .facts(&[Fact::Is("listed")]),
    ask("lookup_unknown", UNKNOWN, Ask::Lookup("c0ffee000000000a"), NOT_FOUND),
    ask("lookup_malformed", UNKNOWN, Ask::Lookup("0"), NOT_FOUND),
    ask("wrong_key", KEY, Ask::GetWith("/v2/conversations", ("x-api-key", Some("not-a-key"))), UNAUTHORIZED),
    ask("missing_key", KEY, Ask::GetWith("/v2/conversations", ("x-api-key", None)), UNAUTHORIZED),
];

fn deleting(mode: Option<ErasureMode>) -> &'static [Case] {
    if mode == Some(ErasureMode::Hard) { HARD } else { SOFT }
}

const BEFORE: Case = ask(
    "lookup_before_delete",
    "`GET`: the documented fields",
    Ask::Lookup("{deleted}"),
    &[variant("documented", 200, CONVERSATION).client("present").facts(&[(Fact::Is("deleted"), "yes")])],
)
.facts(&[Fact::Is("deleted")]);

const LISTED: Case = get(
    "list_before_delete",
    LIST,
    "/v2/conversations?limit=100",
    &[
        variant("on_page", 200, PAGE).facts(&[(Fact::Shows("deleted"), "yes")]),
        // Later pages may have it.
        variant("not_on_page", 200, PAGE).facts(&[(Fact::Shows("deleted"), "no")]),
    ],
)
.facts(&[Fact::Shows("deleted")]);

const DELETE: Case = ask(
    "delete",
    "`DELETE`: 204 without body, with and without `hard`",
    Ask::Delete,
    &[variant("documented", 204, "empty").client("deleted")],
);

static HARD: &[Case] = &[
    BEFORE,
    LISTED,
    DELETE,
    ask("lookup_after_delete", UNKNOWN, Ask::Lookup("{deleted}"), NOT_FOUND),
    get(
        "list_after_delete",
        LIST,
        "/v2/conversations?limit=100",
        &[variant("documented", 200, ANY_PAGE).facts(&[(Fact::Shows("deleted"), "no")])],
    )
    .facts(&[Fact::Shows("deleted")])
    .needs("on_list"),
    ask(
        "delete_again",
        UNKNOWN,
        Ask::Delete,
        &[
            variant("400", 400, ERROR).code(INVALID_ID).client("not_found"),
            variant("404", 404, ERROR).code(INVALID_ID).client("not_found"),
        ],
    ),
];

static SOFT: &[Case] = &[
    BEFORE,
    LISTED,
    DELETE,
    ask(
        "lookup_after_soft_delete",
        "After a soft delete: `after_soft_get`",
        Ask::Lookup("{deleted}"),
        &[
            variant("visible", 200, CONVERSATION).client("present"),
            variant("hidden", 400, ERROR).code(INVALID_ID).client("absent"),
            variant("hidden_404", 404, ERROR).code(INVALID_ID).client("absent"),
        ],
    ),
    get(
        "list_after_soft_delete",
        "A soft-deleted conversation is listed, or not",
        "/v2/conversations?limit=100",
        &[
            variant("visible", 200, PAGE).facts(&[(Fact::Shows("deleted"), "yes")]),
            variant("hidden", 200, ANY_PAGE).facts(&[(Fact::Shows("deleted"), "no")]),
        ],
    )
    .facts(&[Fact::Shows("deleted")])
    .needs("on_list"),
    ask(
        "soft_delete_again",
        "After a soft delete: `after_soft_get`",
        Ask::Delete,
        &[
            variant("204", 204, "empty").client("deleted"),
            variant("400", 400, ERROR).code(INVALID_ID).client("not_found"),
            variant("404", 404, ERROR).code(INVALID_ID).client("not_found"),
        ],
    ),
];
