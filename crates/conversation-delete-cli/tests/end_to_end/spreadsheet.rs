//! What a first-time user of a spreadsheet in German does: one command, and nothing looked up.

use std::fs;

use conversation_delete_fake::{Fault, RecordState, Role, Route, Vendor};

use crate::support::{Run, World};

/// A file as a spreadsheet saves it: its encoding, and its bytes.
fn encodings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let old = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let wide = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![("Windows-1252", old), ("UTF-8", format!("\u{feff}{text}").into()), ("UTF-16", wide)]
}

fn delete(world: &World, file: &[u8], more: &[&str]) -> Run {
    let path = world.folder.path().join("export.csv");
    fs::write(&path, file).unwrap();
    let mode = world.mode();
    world.delete(
        mode.iter().map(String::as_str).chain(["--ids-from", path.to_str().unwrap()]).chain(more.iter().copied()),
    )
}

fn has_only_deleted(world: &World, run: &Run, ids: &[String]) {
    assert_eq!(run.code, Some(0), "{run:?}");
    run.has_summary(&[("deleted", ids.len() as u64)]);
    assert!(ids.iter().all(|id| world.fake.state_of(id) != Some(RecordState::Present)), "{run:?}");
}

fn says_nothing_private(run: &Run) {
    let text = format!("{}{}", run.stdout, run.stderr);
    assert!(!text.contains("ller") && !text.contains("jana@") && !text.contains("31.12."), "{run:?}");
}

#[test]
fn a_german_export_is_deleted_by_one_command() {
    for vendor in [Vendor::Tavus, Vendor::ElevenLabs, Vendor::Corti] {
        for number in 0..3 {
            let world = World::new(vendor);
            let ids = world.fake.seed(2);
            let text = format!(
                "ID;Name;Datum\r\n{};\"Müller, Jörg\";31.12.2025\r\n{};jana@example.com;1.1.2026\r\n",
                ids[0], ids[1]
            );
            let (encoding, file) = encodings(&text).swap_remove(number);
            let run = delete(&world, &file, &[]);
            println!("{encoding}");
            has_only_deleted(&world, &run, &ids);
            says_nothing_private(&run);
        }
    }
}

#[test]
fn an_unknown_column_is_one_diagnosis_that_says_what_to_type() {
    for (header, column) in
        [("Konversations-ID;Name;Datum", "Konversations-ID"), ("Gesprächs-ID;Name;Datum", "Gesprächs-ID")]
    {
        for number in 0..3 {
            let world = World::new(Vendor::Tavus);
            let ids = world.fake.seed(2);
            let text = format!("{header}\r\n{};Müller;31.12.2025\r\n{} ;jana@example.com;1.1.2026\r\n", ids[0], ids[1]);
            let (encoding, file) = encodings(&text).swap_remove(number);
            let run = delete(&world, &file, &[]);
            run.has_only_errors(2);
            assert_eq!(run.stderr.lines().count(), 1, "{encoding}: {run:?}");
            assert!(run.stderr.contains(&format!("--id-column '{column}'")), "{encoding}: {run:?}");
            says_nothing_private(&run);
            assert_eq!(world.fake.stats().requests, 0);
            has_only_deleted(&world, &delete(&world, &file, &["--id-column", column]), &ids);
        }
    }
}

#[test]
fn the_name_of_a_single_column_is_not_sent() {
    for header in ["Konversations-ID", "Gespräch", "Anruf"] {
        for number in 0..3 {
            let world = World::new(Vendor::ElevenLabs);
            let ids = world.fake.seed(2);
            let (encoding, file) = encodings(&format!("{header}\r\n{}\r\n{}\r\n", ids[0], ids[1])).swap_remove(number);
            let run = delete(&world, &file, &[]);
            run.has_only_errors(2);
            assert!(run.stderr.contains("line 1 is not like the lines below it"), "{encoding}: {run:?}");
            // The name of a person would look the same.
            assert_eq!(run.stderr.contains(header), header.ends_with("-ID"), "{run:?}");
            assert_eq!(world.fake.stats().requests, 0);
            has_only_deleted(&world, &delete(&world, &file, &["--id-column", header]), &ids);
        }
    }
    for header in ["Conversation ID", "conversation-id", "ConversationID", "Interaction-ID", "INTERACTION_ID"] {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(1);
        has_only_deleted(&world, &delete(&world, format!("{header}\r\n{}\r\n", ids[0]).as_bytes(), &[]), &ids);
    }
}

#[test]
fn a_first_line_that_is_an_id_is_sent_if_its_column_is_numbered() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    world.fake.fault(Fault::reply(204).on(Route::Delete).for_id("lonely"));
    let file = format!("lonely\n{}\n", ids[0]);
    delete(&world, file.as_bytes(), &["--allow-active"]).has_only_errors(2);
    let run = delete(&world, file.as_bytes(), &["--allow-active", "--id-column", "1"]);
    assert_eq!((run.code, world.deletes().len()), (Some(0), 2), "{run:?}");
}

#[test]
fn white_space_after_an_id_is_left_out_in_holds_too() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    let hold = world.folder.path().join("hold.txt");
    fs::write(&hold, format!("{}\u{a0}\t\r\n", ids[0])).unwrap();
    let run = world.delete_with_stdin(
        &["--hard", "--hold", hold.to_str().unwrap(), "--ids-from", "-"],
        format!("{}\t\r\n{}  \r\n", ids[0], ids[1]),
    );
    assert_eq!(run.code, Some(0), "{run:?}");
    run.has_summary(&[("deleted", 1), ("held", 1)]);
    assert_eq!(world.fake.state_of(&ids[0]), Some(RecordState::Present));
}

#[cfg(unix)]
#[test]
fn ids_that_are_typed_are_announced() {
    use std::io::Write;
    use std::process::Stdio;

    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let (mut master, terminal) = crate::signals::terminal();
    let mut command = world.command(Role::Full);
    command.args(["delete", "tavus", "--hard", "--yes", "--ids-from", "-"]);
    let child = command.stdin(terminal).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    write!(master, "{}\n\u{4}", ids[0]).unwrap();
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("reading ids from the terminal, end with Ctrl-D"), "{run:?}");
}
