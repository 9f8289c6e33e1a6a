//! The folder of jobs that `--job` did not name: its owner's alone.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use conversation_delete_fake::{Role, Vendor};
use serde_json::Value;

use crate::support::{Run, STATE_DIR, World};

fn delete_with(world: &World, state: &Path, ids: &[String]) -> Run {
    let mut command = world.command(Role::Full);
    command.env(STATE_DIR, state).args(["delete", "tavus", "--hard", "--yes", "--output", "json"]).args(ids);
    world.run(&mut command, "")
}

#[test]
fn a_state_directory_that_others_can_change_is_refused() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    let folder = world.folder.path();
    let (link, open, group) = (folder.join("link"), folder.join("open"), folder.join("group"));
    symlink(world.state.path(), &link).unwrap();
    for (path, mode) in [(&open, 0o777), (&group, 0o770)] {
        fs::create_dir(path).unwrap();
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    let (slash, dangling) = (folder.join("link/"), folder.join("dangling"));
    symlink("nowhere", &dangling).unwrap();
    for (path, advice) in [
        (&link, "replace it by a folder"),
        (&slash, "replace it by a folder"),
        (&dangling, "replace it by a folder"),
        (&open, "chmod go-w"),
        (&group, "chmod go-w"),
    ] {
        let run = delete_with(&world, path, &ids);
        assert_eq!(run.code, Some(2), "{path:?}: {run:?}");
        assert!(run.stderr.contains(advice) && run.stderr.contains(STATE_DIR), "{path:?}: {run:?}");
        assert!(world.deletes().is_empty(), "{path:?}");
    }
    fs::set_permissions(&group, Permissions::from_mode(0o750)).unwrap();
    assert_eq!(delete_with(&world, &group, &ids).code, Some(0), "others may read the names there");
    assert!(fs::read_dir(world.state.path()).unwrap().next().is_none());
}

fn jobs(world: &World) -> Vec<Value> {
    let mut command = world.command(Role::Full);
    let run = world.run(command.args(["jobs", "list", "--output", "json"]), "");
    assert_eq!(run.code, Some(0), "{run:?}");
    run.lines()
}

#[test]
fn a_lock_that_is_left_of_a_removed_job_is_removed_and_nothing_else() {
    let world = World::new(Vendor::Tavus);
    let write = |name: &str, text: &str| fs::write(world.state.path().join(name), text).unwrap();
    write("gone.job.lock", "process 1 since 2026-01-01T00:00:00Z\n");
    write("empty.job.lock", "");
    write("notes.job.lock", "of somebody else");
    assert!(jobs(&world).is_empty());
    let left: Vec<_> = fs::read_dir(world.state.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["notes.job.lock"]);
}

#[test]
fn a_job_that_found_nothing_has_begun() {
    let world = World::new(Vendor::Tavus);
    let ids = ["c1", "c2"].map(str::to_owned);
    assert_eq!(delete_with(&world, world.state.path(), &ids).code, Some(5));
    assert!(world.deletes().is_empty());
    assert_eq!(jobs(&world)[0]["state"], "stopped");
}
