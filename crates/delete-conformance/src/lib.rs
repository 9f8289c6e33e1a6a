#![doc = include_str!("../README.md")]
// Everything in this crate is test code: a failed `unwrap` is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod captured_log;
pub mod cases;
mod fault_server;
pub mod script;
mod subject;

pub use captured_log::CapturedLog;
pub use fault_server::{Behaviour, FaultServer};
pub use script::Script;
pub use subject::{Setup, Subject};

/// Stands in records for all that must not get out of them.
pub const CANARY: &str = "Canary Quillfeather";

/// Makes one test of each case for a [`Subject`].
#[macro_export]
macro_rules! suite {
    ($subject:ty) => {
        $crate::suite! { $subject:
            meaning: a_success_is_reported_as_the_vendor_means_it,
            meaning: not_found_at_first_contact_is_an_error,
            meaning: a_page_with_status_200_is_no_success,
            meaning: a_broken_page_with_status_200_is_no_success,
            meaning: every_status_is_kept_and_retried_as_ruled,
            meaning: error_bodies_of_any_kind_keep_the_status,
            meaning: error_bodies_of_any_bytes_keep_the_status_and_stay_bounded,
            meaning: an_endless_body_is_cut_off,
            ambiguity: a_lost_answer_then_not_found_is_gone,
            ambiguity: a_lost_answer_then_a_success_is_a_success,
            ambiguity: a_server_failure_then_not_found_is_gone,
            ambiguity: connections_that_break_leave_the_outcome_open,
            ambiguity: a_stalled_answer_times_out_with_the_outcome_open,
            ambiguity: slow_headers_time_out_with_the_outcome_open,
            ambiguity: a_body_that_stalls_ends_with_the_attempt,
            ambiguity: no_connection_means_nothing_was_sent,
            ambiguity: a_response_with_too_many_headers_is_too_large_and_not_retried,
            ambiguity: dropping_a_call_sends_nothing_more,
            bare_errors: a_bare_404_or_400_never_proves_that_a_record_is_gone,
            bare_errors: an_error_in_a_read_with_status_200_proves_nothing,
            bare_errors: a_bare_404_or_400_never_proves_absence,
            other_successes: a_2xx_that_is_not_the_documented_success_is_none,
            waiting: retry_after_is_kept_in_full,
            waiting: a_wrong_clock_does_not_change_a_wait,
            waiting: a_wait_beyond_the_deadline_returns_at_once_for_all_clones,
            waiting: an_unreadable_retry_after_is_no_wish,
            waiting: an_outage_does_not_multiply_the_load,
            waiting: success_earns_retries_back,
            waiting: throttling_does_not_use_retries_up,
            waiting: a_refusal_does_not_hold_the_others,
            secrecy: redirects_are_not_followed,
            secrecy: hostile_ids_are_never_sent,
            secrecy: hostile_keys_are_refused_unseen,
            secrecy: no_output_shows_a_secret,
            secrecy: a_server_cannot_write_to_the_terminal,
            looking: present_and_absent_are_the_vendors_own_words,
            looking: nothing_else_is_absence,
            looking: a_record_of_another_form_is_not_asked_for,
            looking: a_deletion_that_shows_late_is_waited_for,
            looking: a_record_that_stays_is_still_present,
            looking: a_look_that_fails_has_deleted_nothing,
            looking: nothing_of_a_record_is_shown,
            looking: a_list_that_cannot_be_read_ends_with_the_error,
            looking: a_filter_that_could_mean_everything_is_not_sent,
            looking: a_check_fails_where_nothing_can_be_read,
        }
    };
    ($subject:ty: $($area:ident: $case:ident,)*) => {
        $(
            #[tokio::test]
            async fn $case() {
                $crate::cases::$area::$case::<$subject>().await;
            }
        )*
    };
}
