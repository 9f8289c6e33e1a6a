#![doc = include_str!("../README.md")]
// This crate is test code: a failed `unwrap` is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod captured_log;
#[expect(missing_docs, reason = "the name of a case says what it tests")]
pub mod cases;
mod fault_server;
#[cfg(feature = "live")]
pub mod live;
pub mod raw_http;
pub mod script;
mod vendor_under_test;

pub use captured_log::CapturedLog;
pub use fault_server::FaultServer;
pub use raw_http::FaultAction;
pub use script::Script;
pub use vendor_under_test::{Setup, VendorUnderTest};

/// The pages of `docs/` whose examples are tests of the documentation. `tests/docs.rs` finds those that nothing compiles.
#[cfg(doctest)]
mod docs {
    #[doc = include_str!("../../../docs/architecture.md")]
    struct Architecture;
    #[doc = include_str!("../../../docs/finding-and-verifying.md")]
    struct FindingAndVerifying;
    #[doc = include_str!("../../../docs/outcomes-and-errors.md")]
    struct OutcomesAndErrors;
}

/// Content of a record that must never be shown.
pub const CANARY: &str = "Canary Quillfeather";

/// Defines one test for each case, with a [`VendorUnderTest`].
#[macro_export]
macro_rules! suite {
    ($vendor:ty) => {
        $crate::suite! { $vendor:
            responses: a_success_has_the_documented_request_and_outcome,
            responses: a_success_that_arrives_byte_by_byte_is_a_success,
            responses: not_found_on_the_first_attempt_is_an_error,
            responses: an_html_page_with_status_200_is_an_error,
            responses: a_truncated_page_with_status_200_is_an_error,
            responses: every_status_is_kept_and_only_transient_ones_are_retried,
            responses: error_bodies_of_any_kind_keep_the_status,
            responses: error_bodies_of_any_bytes_keep_the_status_and_stay_bounded,
            responses: an_endless_body_is_read_up_to_a_limit,
            ambiguity: a_lost_response_then_not_found_is_gone,
            ambiguity: a_lost_response_then_a_success_is_a_success,
            ambiguity: a_server_error_then_not_found_is_gone,
            ambiguity: broken_connections_leave_the_outcome_unknown,
            ambiguity: a_stalled_response_times_out_with_the_outcome_unknown,
            ambiguity: stalled_headers_time_out_with_the_outcome_unknown,
            ambiguity: a_stalled_error_body_ends_with_the_attempt,
            ambiguity: a_refused_connection_means_nothing_was_sent,
            ambiguity: a_response_with_too_many_headers_is_too_large_and_not_retried,
            ambiguity: dropping_a_call_sends_no_more_requests,
            bare_errors: a_bare_404_or_400_never_proves_that_a_record_is_gone,
            bare_errors: an_error_body_with_status_200_is_neither_present_nor_absent,
            bare_errors: a_bare_404_or_400_never_proves_absence,
            undocumented_success: an_undocumented_2xx_is_an_error,
            retries: retry_after_is_honoured_in_full,
            retries: a_wrong_clock_does_not_change_a_wait,
            retries: a_retry_after_beyond_the_deadline_returns_at_once_for_all_clones,
            retries: an_unreadable_retry_after_is_ignored,
            retries: the_retry_budget_bounds_the_load_of_an_outage,
            retries: successes_refill_the_retry_budget,
            retries: throttling_does_not_use_the_retry_budget,
            retries: retry_after_of_a_rejected_record_does_not_throttle_others,
            secrets: redirects_are_not_followed,
            secrets: hostile_ids_are_never_sent,
            secrets: unusable_keys_are_rejected_and_not_shown,
            secrets: no_output_shows_a_secret,
            secrets: control_characters_from_a_server_are_escaped,
            lookups: the_documented_responses_are_present_and_absent,
            lookups: no_other_response_is_absence,
            lookups: an_id_of_another_vendor_is_not_looked_up,
            lookups: a_deletion_that_shows_late_is_confirmed,
            lookups: a_record_that_remains_is_reported_as_present,
            lookups: a_failed_lookup_never_reports_a_possible_deletion,
            lookups: no_output_shows_the_content_of_a_record,
            lookups: an_unreadable_list_ends_with_an_error,
            lookups: a_filter_that_cannot_match_is_rejected,
            lookups: a_credential_check_fails_if_the_list_cannot_be_read,
        }
    };
    ($vendor:ty: $($area:ident: $case:ident,)*) => {
        $(
            #[tokio::test]
            async fn $case() {
                $crate::cases::$area::$case::<$vendor>().await;
            }
        )*
    };
}
