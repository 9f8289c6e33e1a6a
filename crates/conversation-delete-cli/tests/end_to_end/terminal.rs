//! What a person sees on a terminal.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::process::Stdio;
use std::thread;

use conversation_delete_fake::{Fault, Role, Route, Vendor};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::World;

/// What a terminal gets that is stdout and stderr of the program, and the exit code.
pub(crate) fn shown(world: &World, args: &[String], variables: &[(&str, &str)]) -> (String, Option<i32>) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let terminal = OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let mut command = world.command(Role::Full);
    command
        .args(args)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(terminal.try_clone().unwrap())
        .stderr(terminal);
    let mut child = command.spawn().unwrap();
    // The terminal is closed with the program, which ends the reading.
    drop(command);
    let reader = thread::spawn(move || {
        let (mut text, mut buffer) = (Vec::new(), [0; 4096]);
        let mut master = File::from(master);
        while let Ok(length @ 1..) = master.read(&mut buffer) {
            text.extend_from_slice(&buffer[..length]);
        }
        String::from_utf8_lossy(&text).into_owned()
    });
    let status = child.wait().unwrap();
    (reader.join().unwrap(), status.code())
}

#[test]
fn of_more_than_a_hundred_ids_only_problems_scroll_by_above_a_bar() {
    for (count, shows_all) in [(100, true), (101, false)] {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(count);
        world.fake.fault(Fault::reply(403).on(Route::Delete).for_id(ids[7].as_str()));
        let args = ["delete", "tavus", "--hard", "--yes", "--allow-active"].map(str::to_owned);
        let (text, code) = shown(&world, &[&args[..], &ids].concat(), &[]);
        assert_eq!(code, Some(3), "{text}");
        assert!(text.contains(&format!("failed          {}", ids[7])), "{text}");
        for id in ids.iter().filter(|id| **id != ids[7]) {
            assert_eq!(text.contains(id.as_str()), shows_all, "{id}: {text}");
        }
        assert!(text.contains(&format!("deleted            {:>6}", count - 1)), "{text}");
        assert!(text.contains("[#") && text.contains(&format!(" of {count} ids, ")), "a bar: {text}");
    }
}
