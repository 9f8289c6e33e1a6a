//! Colours of outcomes on a terminal.

use conversation_delete_fake::{Fault, Route, Vendor};

use crate::support::World;
use crate::terminal::shown;

/// What a delete of two ids, one of which fails, shows with these variables.
fn delete(output: &str, variables: &[(&str, &str)]) -> (String, [String; 2]) {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    world.fake.fault(Fault::reply(403).on(Route::Delete).for_id(ids[1].as_str()));
    let args = ["delete", "tavus", "--hard", "--yes", "--allow-active", "--output", output].map(str::to_owned);
    let (text, code) = shown(&world, &[&args[..], &ids].concat(), variables);
    assert_eq!(code, Some(3), "{text}");
    (text, [ids[0].clone(), ids[1].clone()])
}

#[test]
fn outcomes_have_colours_on_a_terminal_that_shows_them() {
    let (text, [deleted, failed]) = delete("text", &[("TERM", "xterm")]);
    assert!(text.contains(&format!("\u{1b}[32mdeleted        \u{1b}[0m {deleted}")), "{text:?}");
    assert!(text.contains(&format!("\u{1b}[31mfailed         \u{1b}[0m {failed}")), "{text:?}");
    assert!(text.contains("\u{1b}[31mfailed         \u{1b}[0m         1"), "in the summary too: {text:?}");
}

#[test]
fn variables_and_json_switch_colours_off() {
    for (output, variables) in [
        ("text", &[("TERM", "xterm"), ("NO_COLOR", "1")][..]),
        ("text", &[("TERM", "xterm"), ("CLICOLOR", "0")]),
        ("text", &[("TERM", "dumb")]),
        ("json", &[("TERM", "xterm"), ("CLICOLOR_FORCE", "1")]),
    ] {
        let (text, _) = delete(output, variables);
        assert!(!text.contains("\u{1b}[3"), "{variables:?}: {text:?}");
    }
}

#[test]
fn a_pipe_has_colours_only_if_they_are_forced() {
    for (variables, has_colours) in [(&[("TERM", "xterm")][..], false), (&[("CLICOLOR_FORCE", "1")], true)] {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(1);
        let mut command = world.command(conversation_delete_fake::Role::Full);
        command.args(["delete", "tavus", "--hard", "--yes", &ids[0]]).envs(variables.iter().copied());
        let output = command.output().unwrap();
        assert_eq!(output.stdout.contains(&0x1b), has_colours, "{variables:?}: {output:?}");
    }
}
