//! ElevenLabs.

use delete_core::ErasureMode;
use serde_json::Value;

use crate::live::case::{Ask, Case, Fact, Variant, ask, get, variant};
use crate::live::vendor::{Vendor, conversation_id};

pub(super) static ELEVENLABS: Vendor = Vendor {
    name: "elevenlabs",
    title: "ElevenLabs",
    reading: READING,
    deleting: |_: Option<ErasureMode>| DELETING,
    has_erasure_modes: false,
    list_path: "/v1/convai/conversations",
    item_path: "/v1/convai/conversations/{id}",
    bulk_path: None,
    list_keys: &["conversations"],
    id_key: "conversation_id",
    takes_seconds: true,
    parse: conversation_id,
    time: |record| record["start_time_unix_secs"].as_i64(),
    code,
};

/// A code of the vendor's registry: `code`, or `status` in the older form.
fn code(body: &Value) -> Option<String> {
    let code = ["code", "status"].iter().find_map(|key| body["detail"][*key].as_str())?;
    let is_code = code.len() <= 60 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    Some(if is_code { code.to_owned() } else { "another text".to_owned() })
}

const PAGE: &str = r#"{"conversations":[{"agent_id":"string","conversation_id":"string","start_time_unix_secs":"number",
    "call_duration_secs":"number","message_count":"number","status":"string","call_successful":"string"}],
    "has_more":"bool","next_cursor?":"string|null"}"#;
/// A list whose records, if it has any, do not matter.
const ANY_PAGE: &str = r#"{"conversations":"array","has_more":"bool","next_cursor?":"string|null"}"#;
const LAST_PAGE: &str = r#"{"conversations":"array","has_more":"bool","next_cursor":"string|null"}"#;
const LAST_PAGE_WITHOUT_CURSOR: &str = r#"{"conversations":"array","has_more":"bool"}"#;
const CONVERSATION: &str = r#"{"agent_id":"string","conversation_id":"string","status":"string","has_audio":"bool",
    "has_user_audio":"bool","has_response_audio":"bool","has_auxiliary_audio":"bool","transcript":"array",
    "metadata":{"start_time_unix_secs":"number","call_duration_secs":"number","cost_fiat":"any"}}"#;
const ERROR: &str = r#"{"detail":{"type":"string","code":"string","status":"string","message":"string"}}"#;
const LEGACY_ERROR: &str = r#"{"detail":{"status":"string","message":"string"}}"#;
const VALIDATION_ERROR: &str = r#"{"detail":[{"loc":"array","msg":"string","type":"string"}]}"#;

const LIST: &str = "List: `GET /v1/convai/conversations`";
const SIZE: &str = "`page_size` 1 to 100";
const CURSOR: &str = "The cursor is opaque";
const UNKNOWN: &str = "Unknown, malformed or already deleted id";
const KEY: &str = "Missing key 401 `missing_api_key`";
const FILTERS: &str = "`agent_id`, `user_id`, `exclude_statuses`";

const NOT_FOUND_CODE: &str = "conversation_not_found";
const LEGACY_NOT_FOUND: &str = "conversation_history_not_found";

const NOT_FOUND: &[Variant] = &[
    variant("full", 404, ERROR).code(NOT_FOUND_CODE).client("absent"),
    variant("legacy", 404, LEGACY_ERROR).code(LEGACY_NOT_FOUND).client("absent"),
];

static READING: &[Case] = &[
    get(
        "list",
        LIST,
        "/v1/convai/conversations?page_size=100",
        &[variant("documented", 200, PAGE).facts(&[(Fact::Order, "newest_first")])],
    )
    .facts(&[Fact::Order]),
    get(
        "list_headers",
        "`request-id`, `x-trace-id`",
        "/v1/convai/conversations?page_size=1",
        &[variant("documented", 200, PAGE).headers(&["request-id", "x-trace-id"])],
    ),
    get(
        "list_default_size",
        SIZE,
        "/v1/convai/conversations",
        &[variant("documented", 200, PAGE).facts(&[(Fact::PageOf(30), "full")])],
    )
    .facts(&[Fact::PageOf(30)]),
    get(
        "list_first_page",
        CURSOR,
        "/v1/convai/conversations?page_size=1",
        &[variant("documented", 200, PAGE).facts(&[(Fact::Shows("listed"), "yes")])],
    )
    .facts(&[Fact::Shows("listed")])
    .learns(&[("cursor", "next_cursor")]),
    get(
        "list_second_page",
        CURSOR,
        "/v1/convai/conversations?page_size=1&cursor={cursor}",
        &[variant("documented", 200, PAGE).facts(&[(Fact::Shows("listed"), "no")])],
    )
    .facts(&[Fact::Shows("listed")]),
    get(
        "list_wrong_cursor",
        "A wrong cursor: 400 `invalid_cursor`",
        "/v1/convai/conversations?cursor=wrong",
        INVALID_CURSOR,
    ),
    get("list_page_size_0", SIZE, "/v1/convai/conversations?page_size=0", INVALID_PAGE_SIZE),
    get("list_page_size_101", SIZE, "/v1/convai/conversations?page_size=101", INVALID_PAGE_SIZE),
    get(
        "list_page_size_not_a_number",
        "A value of the wrong type: 422",
        "/v1/convai/conversations?page_size=x",
        &[variant("422", 422, VALIDATION_ERROR)],
    ),
    get(
        "list_ascending",
        FILTERS,
        "/v1/convai/conversations?page_size=100&sort_direction=asc",
        &[variant("documented", 200, PAGE).facts(&[(Fact::Order, "oldest_first")])],
    )
    .facts(&[Fact::Order]),
    get(
        "list_of_no_agent",
        FILTERS,
        "/v1/convai/conversations?page_size=100&agent_id=agent_0000000000000000000000000000",
        &[variant("documented", 200, ANY_PAGE).facts(&[(Fact::Shows("listed"), "no")])],
    )
    .facts(&[Fact::Shows("listed")]),
    get(
        "list_unknown_parameter",
        "Other parameter names are ignored",
        "/v1/convai/conversations?page_size=1&unheard_of=1",
        &[variant("ignored", 200, PAGE).facts(&[(Fact::Shows("listed"), "yes")])],
    )
    .facts(&[Fact::Shows("listed")]),
    get(
        "list_of_nobody",
        "`ignore_user_filter`: the filter `user_id` is ignored",
        "/v1/convai/conversations?page_size=100&user_id=nobody-has-this-id",
        &[
            variant("no", 200, ANY_PAGE).facts(&[(Fact::Shows("listed"), "no")]),
            variant("yes", 200, PAGE).facts(&[(Fact::Shows("listed"), "yes")]),
        ],
    )
    .facts(&[Fact::Shows("listed")]),
    get(
        "list_bounds",
        "Both times belong to the window",
        "/v1/convai/conversations?page_size=100&call_start_after_unix={time}&call_start_before_unix={time}",
        &[
            variant("inclusive", 200, PAGE).facts(&[(Fact::Shows("listed"), "yes")]),
            variant("exclusive", 200, ANY_PAGE).facts(&[(Fact::Shows("listed"), "no")]),
        ],
    )
    .facts(&[Fact::Shows("listed")]),
    get(
        "list_end",
        "`next_cursor` is null at the end",
        "/v1/convai/conversations?page_size=100&call_start_after_unix={now}",
        &[variant("null", 200, LAST_PAGE), variant("missing", 200, LAST_PAGE_WITHOUT_CURSOR)],
    ),
    ask(
        "lookup",
        "`GET`: required fields",
        Ask::Lookup("{listed}"),
        &[variant("documented", 200, CONVERSATION).client("present").facts(&[(Fact::Is("listed"), "yes")])],
    )
    .facts(&[Fact::Is("listed")]),
    ask("lookup_unknown", UNKNOWN, Ask::Lookup("conv_0000000000000000000000000000"), NOT_FOUND),
    ask(
        "lookup_malformed",
        UNKNOWN,
        Ask::Get("/v1/convai/conversations/not%20an%20id"),
        &[
            variant("404", 404, ERROR).code(NOT_FOUND_CODE),
            variant("404_legacy", 404, LEGACY_ERROR).code(LEGACY_NOT_FOUND),
            variant("422", 422, VALIDATION_ERROR),
        ],
    ),
    ask(
        "wrong_key",
        KEY,
        Ask::GetWith("/v1/convai/conversations", ("xi-api-key", Some("not-a-key"))),
        &[
            variant("full", 401, ERROR).code("invalid_api_key"),
            variant("legacy", 401, LEGACY_ERROR).code("invalid_api_key"),
        ],
    ),
    ask(
        "missing_key",
        KEY,
        Ask::GetWith("/v1/convai/conversations", ("xi-api-key", None)),
        &[
            variant("full", 401, ERROR).code("missing_api_key"),
            variant("legacy", 401, LEGACY_ERROR).code("missing_api_key"),
        ],
    ),
];

const INVALID_CURSOR: &[Variant] =
    &[variant("full", 400, ERROR).code("invalid_cursor"), variant("legacy", 400, LEGACY_ERROR).code("invalid_cursor")];

const INVALID_PAGE_SIZE: &[Variant] = &[
    variant("full", 400, ERROR).code("invalid_page_size"),
    variant("legacy", 400, LEGACY_ERROR).code("invalid_page_size"),
];

static DELETING: &[Case] = &[
    ask(
        "lookup_before_delete",
        "`GET`: required fields",
        Ask::Lookup("{deleted}"),
        &[variant("documented", 200, CONVERSATION).client("present").facts(&[(Fact::Is("deleted"), "yes")])],
    )
    .facts(&[Fact::Is("deleted")]),
    get(
        "list_before_delete",
        LIST,
        "/v1/convai/conversations?page_size=100",
        &[
            variant("on_page", 200, PAGE).facts(&[(Fact::Shows("deleted"), "yes")]),
            // Later pages may have it.
            variant("not_on_page", 200, PAGE).facts(&[(Fact::Shows("deleted"), "no")]),
        ],
    )
    .facts(&[Fact::Shows("deleted")]),
    ask(
        "delete",
        "Body `null`; options",
        Ask::Delete,
        &[
            variant("null", 200, "null").client("deleted"),
            variant("{}", 200, "object").client("deleted"),
            variant("empty", 200, "empty").client("deleted"),
            variant("204", 204, "empty").client("deleted"),
        ],
    ),
    ask("lookup_after_delete", UNKNOWN, Ask::Lookup("{deleted}"), NOT_FOUND),
    get(
        "list_after_delete",
        LIST,
        "/v1/convai/conversations?page_size=100",
        &[variant("documented", 200, ANY_PAGE).facts(&[(Fact::Shows("deleted"), "no")])],
    )
    .facts(&[Fact::Shows("deleted")])
    .needs("on_list"),
    ask(
        "delete_again",
        "`DELETE` of an unknown id may be 500",
        Ask::Delete,
        &[
            variant("404", 404, ERROR).code(NOT_FOUND_CODE).client("not_found"),
            variant("404_legacy", 404, LEGACY_ERROR).code(LEGACY_NOT_FOUND).client("not_found"),
            variant("500", 500, "any").client("server"),
        ],
    ),
];
