//! Fini.

use delete_core::ErasureMode;
use serde_json::Value;

use crate::live::case::{Ask, Case, Fact, Variant, ask, get, variant};
use crate::live::vendor::{Vendor, known_text, uuid};

pub(super) static FINI: Vendor = Vendor {
    name: "fini",
    title: "Fini",
    reading: READING,
    deleting: |_: Option<ErasureMode>| DELETING,
    has_erasure_modes: false,
    list_path: "/v2/hc-interactions/public",
    item_path: "/v2/hc-interactions/{id}/public",
    bulk_path: Some("/v2/hc-interactions/public"),
    list_keys: &["interactions", "conversations"],
    id_key: "id",
    takes_seconds: false,
    parse: uuid,
    time: latest_message,
    code,
};

/// The list is sorted by the time of the latest message, which no member gives: that of the latest event is taken for it.
fn latest_message(record: &Value) -> Option<i64> {
    let events = record["events"].as_array().into_iter().flatten();
    events.chain([record]).filter_map(|event| event["createdAt"].as_i64()).max()
}

/// The text of an error, or `success` for the body of one.
fn code(body: &Value) -> Option<String> {
    let success = (body["success"] == true).then(|| "success".to_owned());
    success.or_else(|| known_text(&body["message"], &[UNAUTHORIZED, NOT_ACCESSIBLE]))
}

const UNAUTHORIZED: &str = "Invalid or revoked API key";
const NOT_ACCESSIBLE: &str = "One or more interactions not accessible to the user";

const PAGE: &str = r#"{"interactions":[{"id":"string","createdAt":"number","source":"string","channel":"string",
    "events":[{"createdAt":"number"}]}],"hasMore":"bool","nextCursor":"string|null","prevCursor":"string|null"}"#;
const RENAMED_PAGE: &str = r#"{"conversations":[{"id":"string","createdAt":"number","source":"string","channel":"string",
    "events":[{"createdAt":"number"}]}],"hasMore":"bool","nextCursor":"string|null","prevCursor":"string|null"}"#;
const ANY_PAGE: &str = r#"{"hasMore":"bool","nextCursor":"string|null","prevCursor":"string|null"}"#;
const CONVERSATION: &str = r#"{"id":"string","createdAt":"number","source":"string","channel":"string",
    "events":[{"createdAt":"number"}]}"#;
const ERROR: &str = r#"{"statusCode":"number","message":"string","error":"string"}"#;
const SUCCESS: &str = r#"{"success":"bool"}"#;

const LIST: &str = "List: `GET /v2/hc-interactions/public`";
const WINDOW: &str = "`since`, `until` in milliseconds";
const LIMIT: &str = "`limit` 1 to 100";
const CURSOR: &str = "`cursor` is the id of the page's last conversation";
const BAD_CURSOR: &str = "An unknown cursor, a wrong `direction`: 400";
const GET: &str = "`GET` of a conversation: the list item's fields";
const GONE: &str = "`GET` of an unknown, removed or foreign id: 500";
const KEY: &str = "401 and 403 with exact bodies";

const REFUSED: &[Variant] = &[
    variant("array", 400, r#"{"statusCode":"number","message":"array"}"#),
    variant("string", 400, r#"{"statusCode":"number","message":"string"}"#),
];
const REFUSED_KEY: &[Variant] = &[variant("documented", 401, ERROR).code(UNAUTHORIZED)];

static READING: &[Case] = &[
    get(
        "list",
        LIST,
        "/v2/hc-interactions/public?since={since}&until={now}&limit=100",
        &[variant("documented", 200, ANY_PAGE).facts(&[(Fact::Order, "newest_first")])],
    )
    .facts(&[Fact::Order]),
    get(
        "list_key",
        "The key of the list: `interactions`",
        "/v2/hc-interactions/public?since={since}&until={now}&limit=1",
        &[variant("interactions", 200, PAGE), variant("conversations", 200, RENAMED_PAGE)],
    )
    .learns(&[("cursor", "nextCursor")]),
    get(
        "list_default_size",
        LIMIT,
        "/v2/hc-interactions/public",
        &[variant("documented", 200, ANY_PAGE).facts(&[(Fact::PageOf(50), "full")])],
    )
    .facts(&[Fact::PageOf(50)]),
    get(
        "list_older_page",
        CURSOR,
        "/v2/hc-interactions/public?since={since}&until={now}&limit=1&cursor={cursor}&direction=next",
        &[variant("documented", 200, ANY_PAGE).facts(&[(Fact::Shows("listed"), "no")])],
    )
    .facts(&[Fact::Shows("listed")])
    .learns(&[("previous_cursor", "prevCursor")]),
    get(
        "list_newer_page",
        CURSOR,
        "/v2/hc-interactions/public?since={since}&until={now}&limit=1&cursor={previous_cursor}&direction=previous",
        &[variant("documented", 200, ANY_PAGE).facts(&[(Fact::Shows("listed"), "yes")])],
    )
    .facts(&[Fact::Shows("listed")]),
    get(
        "list_bounds",
        "Both bounds belong to the window",
        "/v2/hc-interactions/public?since={time}&until={after_time}",
        &[
            variant("inclusive", 200, ANY_PAGE).facts(&[(Fact::Shows("listed"), "yes")]),
            variant("exclusive", 200, ANY_PAGE).facts(&[(Fact::Shows("listed"), "no")]),
        ],
    )
    .facts(&[Fact::Shows("listed")]),
    get(
        "list_of_no_agent",
        "`agentId`, `source`, `channel` filter",
        "/v2/hc-interactions/public?since={since}&until={now}&limit=100&agentId=nobody-has-this-id",
        &[variant("documented", 200, ANY_PAGE).facts(&[(Fact::Shows("listed"), "no")])],
    )
    .facts(&[Fact::Shows("listed")]),
    get("list_limit_0", LIMIT, "/v2/hc-interactions/public?limit=0", REFUSED),
    get("list_limit_101", LIMIT, "/v2/hc-interactions/public?limit=101", REFUSED),
    get("list_empty_window", WINDOW, "/v2/hc-interactions/public?since={now}&until={now}", REFUSED),
    get("list_long_window", WINDOW, "/v2/hc-interactions/public?since={long_since}&until={now}", REFUSED),
    get("list_wrong_direction", BAD_CURSOR, "/v2/hc-interactions/public?direction=older", REFUSED),
    get(
        "list_unknown_cursor",
        BAD_CURSOR,
        "/v2/hc-interactions/public?cursor=00000000-0000-4000-8000-00000000c0de",
        REFUSED,
    ),
    get(
        "lookup",
        GET,
        "/v2/hc-interactions/{listed}/public",
        &[variant("documented", 200, CONVERSATION).facts(&[(Fact::Is("listed"), "yes")])],
    )
    .facts(&[Fact::Is("listed")]),
    get("lookup_unknown", GONE, "/v2/hc-interactions/00000000-0000-4000-8000-00000000c0de/public", GONE_ERROR),
    ask(
        "wrong_key",
        KEY,
        Ask::GetWith("/v2/hc-interactions/public", ("authorization", Some("Bearer not-a-key"))),
        REFUSED_KEY,
    ),
    ask("missing_key", KEY, Ask::GetWith("/v2/hc-interactions/public", ("authorization", None)), REFUSED_KEY),
];

const GONE_ERROR: &[Variant] = &[variant("documented", 500, r#"{"statusCode":"number","message":"string"}"#)];

static DELETING: &[Case] = &[
    get(
        "lookup_before_delete",
        GET,
        "/v2/hc-interactions/{deleted}/public",
        &[variant("documented", 200, CONVERSATION).facts(&[(Fact::Is("deleted"), "yes")])],
    )
    .facts(&[Fact::Is("deleted")]),
    get(
        "list_before_delete",
        LIST,
        "/v2/hc-interactions/public?since={since}&until={now}&limit=100",
        &[
            variant("on_page", 200, ANY_PAGE).facts(&[(Fact::Shows("deleted"), "yes")]),
            // Later pages may have it.
            variant("not_on_page", 200, ANY_PAGE).facts(&[(Fact::Shows("deleted"), "no")]),
        ],
    )
    .facts(&[Fact::Shows("deleted")]),
    ask(
        "delete",
        "Bulk: 200 when every id was accessible",
        Ask::Delete,
        &[variant("documented", 200, SUCCESS).code("success").client("deleted")],
    ),
    get("lookup_after_delete", GONE, "/v2/hc-interactions/{deleted}/public", GONE_ERROR),
    get(
        "list_after_delete",
        LIST,
        "/v2/hc-interactions/public?since={since}&until={now}&limit=100",
        &[variant("documented", 200, ANY_PAGE).facts(&[(Fact::Shows("deleted"), "no")])],
    )
    .facts(&[Fact::Shows("deleted")])
    .needs("on_list"),
    ask(
        "delete_again",
        "Bulk: 406 after removing the accessible ids",
        Ask::Delete,
        &[variant("documented", 406, ERROR).code(NOT_ACCESSIBLE).client("not_found")],
    ),
    ask(
        "delete_again_alone",
        "Single: 200 `{\"success\":true}`",
        Ask::RawDelete("/v2/hc-interactions/{deleted}/public"),
        &[variant("documented", 200, SUCCESS).code("success")],
    ),
];
