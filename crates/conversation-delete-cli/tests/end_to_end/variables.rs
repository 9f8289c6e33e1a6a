//! Options that the environment gives.

use conversation_delete_fake::{Role, Vendor};

use crate::support::{Run, World};

/// `delete VENDOR --output json` with these variables and arguments.
fn delete(world: &World, variables: &[(&str, &str)], args: &[&str]) -> Run {
    let mut command = world.command(Role::Full);
    command.args(["delete", world.fake.vendor().as_str(), "--output", "json"]).args(args);
    command.envs(variables.iter().map(|(name, value)| (format!("CONVERSATION_DELETE_{name}"), *value)));
    world.run(&mut command, "")
}

#[test]
fn an_option_comes_from_its_variable_unless_an_argument_gives_it() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    let args = ["--hard", "--yes", &ids[0], &ids[1]];
    let refused = delete(&world, &[("MAX", "1")], &args);
    assert_eq!((refused.code, world.deletes().len()), (Some(5), 0), "{refused:?}");
    let deleted = delete(&world, &[("MAX", "1")], &[&args[..], &["--max", "2"]].concat());
    assert_eq!((deleted.code, world.deletes().len()), (Some(0), 2), "{deleted:?}");
}

#[test]
fn files_of_ids_and_holds_come_from_variables() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    std::fs::write(world.folder.path().join("ids"), ids.join("\n")).unwrap();
    std::fs::write(world.folder.path().join("hold"), &ids[1]).unwrap();
    let run = delete(&world, &[("IDS_FROM", "ids"), ("HOLD", "hold"), ("OUTPUT", "text")], &["--hard", "--yes"]);
    run.has_summary(&[("deleted", 1), ("held", 1)]);
}

#[test]
fn a_flag_takes_the_usual_words_for_true_and_false_and_no_others() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    for word in ["true", "1", "yes", "on"] {
        let run = delete(&world, &[("DRY_RUN", word)], &["--hard", &ids[0]]);
        assert_eq!((run.code, world.fake.requests().len()), (Some(0), 0), "{word}: {run:?}");
    }
    for word in ["maybe", ""] {
        let run = delete(&world, &[("DRY_RUN", word)], &["--hard", "--yes", &ids[0]]);
        run.has_only_errors(2);
        assert!(run.stderr.contains("the environment sets CONVERSATION_DELETE_DRY_RUN"), "{word}: {run:?}");
    }
    assert_eq!(world.fake.requests().len(), 0);
    for (word, is_left) in [("false", true), ("0", true)] {
        let run = delete(&world, &[("DRY_RUN", word)], &["--hard", &ids[0]]);
        assert_eq!((run.code, run.stderr.contains("add --yes")), (Some(2), is_left), "{word}: {run:?}");
    }
}

#[test]
fn a_mistyped_variable_is_warned_of() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let run = delete(&world, &[("HOLDS", "legal.csv"), ("RATE", "50")], &["--hard", "--dry-run", &ids[0]]);
    assert!(run.stderr.contains("warning: CONVERSATION_DELETE_HOLDS belongs to no option"), "{run:?}");
    assert!(!run.stderr.contains("CONVERSATION_DELETE_RATE") && !run.stderr.contains("STATE_DIR"), "{run:?}");
}

#[test]
fn what_must_be_said_each_time_is_not_read_from_a_variable() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let unread = [("YES", "true"), ("HARD", "true"), ("ALLOW_ACTIVE", "true"), ("ABSENT_OK", "true")];
    for args in [&["--hard"][..], &["--yes"]] {
        let run = delete(&world, &unread, &[args, &[&*ids[0]]].concat());
        assert_eq!((run.code, world.fake.requests().len()), (Some(2), 0), "{run:?}");
        for (name, _) in unread {
            assert!(run.stderr.contains(&format!("CONVERSATION_DELETE_{name} is not read")), "{name}: {run:?}");
        }
    }
}

#[test]
fn a_conflict_names_the_variable_that_takes_part_in_it() {
    let world = World::new(Vendor::Fini);
    let ids = world.fake.seed(1);
    let run = delete(&world, &[("SINGLE", "true")], &["--one-by-one", "--yes", &ids[0]]);
    run.has_only_errors(2);
    assert!(run.stderr.contains("the environment sets CONVERSATION_DELETE_SINGLE"), "{run:?}");
    let other = World::new(Vendor::Tavus);
    let run = delete(&other, &[("SINGLE", "true")], &["--hard", "--yes", "c1"]);
    run.has_only_errors(2);
    assert!(run.stderr.contains("the environment sets CONVERSATION_DELETE_SINGLE"), "{run:?}");
    assert_eq!((world.fake.requests().len(), other.fake.requests().len()), (0, 0));
}
