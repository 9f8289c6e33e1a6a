//! The built program against fake vendors over loopback.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod absent;
mod check;
mod children;
#[cfg(unix)]
mod children_ending;
mod clock;
#[cfg(unix)]
mod colours;
mod containers;
#[cfg(unix)]
mod credentials;
mod delete;
mod delete_configuration;
mod delete_job;
mod dry_run;
mod end;
mod evidence;
mod exit_codes;
mod export;
#[cfg(unix)]
mod fake;
#[cfg(unix)]
mod help;
mod hold_files;
mod holds;
mod input;
mod input_formats;
#[cfg(unix)]
mod interrupt;
mod job;
#[cfg(unix)]
mod job_attempts;
mod job_file;
mod job_fini;
#[cfg(unix)]
mod job_full_disk;
#[cfg(unix)]
mod job_kill;
#[cfg(unix)]
mod job_kill_looks;
#[cfg(unix)]
mod job_lost;
mod job_lost_target;
mod job_retry;
mod job_safety;
#[cfg(unix)]
mod job_stop;
#[cfg(unix)]
mod job_target;
mod jobs;
#[cfg(unix)]
mod kill_any_delete;
#[cfg(unix)]
mod kill_shards;
mod late_holds;
mod list;
mod live;
mod log_format;
mod metrics;
#[cfg(unix)]
mod on_finish;
#[cfg(feature = "otel")]
mod otel;
mod others;
mod output_page;
#[cfg(unix)]
mod own_files;
mod own_output;
#[cfg(unix)]
mod profiles;
mod proof;
#[cfg(unix)]
mod question;
mod rate;
mod requests_per_record;
mod same_at_any_size;
mod same_ending_at_any_size;
mod schema;
mod shards;
#[cfg(unix)]
mod signals;
mod single_route;
#[cfg(unix)]
mod slow_reader;
mod spreadsheet;
#[cfg(unix)]
mod state_dir;
#[cfg(unix)]
mod status;
#[cfg(unix)]
mod stop_in_back_off;
mod support;
#[cfg(unix)]
mod sweep;
#[cfg(unix)]
mod sweep_again;
mod terminal;
mod throttle;
mod traffic;
mod variables;
mod verify;
#[cfg(unix)]
mod verify_goes_on;
