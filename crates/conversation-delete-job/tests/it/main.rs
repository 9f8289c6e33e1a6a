//! Jobs over a scripted vendor, in a time that passes only in sleeps.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

mod ahead;
mod checked_before;
mod children;
mod doubt;
mod export_in_run;
mod few;
mod format;
mod ground;
mod held_in_run;
mod history;
mod holds;
mod intent;
mod lane;
mod late_check;
mod lookup;
mod lost;
mod lost_holds;
mod lost_target;
mod memory;
mod missing_log;
mod mixed_up;
mod model;
mod outages;
mod own_file;
mod pace;
mod plan_hash;
mod presences;
mod proof;
mod readers;
mod responses;
mod retry;
mod shards;
mod stage;
mod storage;
mod target;
mod tried;
mod trouble;
mod truth;
mod vendor;
mod verified_by_list;
mod whole;
