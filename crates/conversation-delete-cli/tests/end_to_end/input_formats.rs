//! Files as people have them: which column holds the ids, what cannot be read, and what never ends.

use std::fs;
use std::io::Write;
use std::process::{Child, Stdio};

use conversation_delete_fake::{RecordState, Role, Vendor};

use crate::support::{Run, World, spawn};

fn present(world: &World, ids: &[String]) -> usize {
    ids.iter().filter(|id| world.fake.state_of(id) == Some(RecordState::Present)).count()
}

/// A file of this content, and its path.
fn file(world: &World, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = world.folder.path().join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_table_with_row_numbers_and_ids_sends_nothing_until_the_column_is_named() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(3);
    let rows: Vec<String> = (1..).zip(&ids).map(|(number, id)| format!("{number},{id},Doe v. Acme")).collect();
    let table = file(&world, "litigation.csv", format!("id,conversation_id,matter\n{}\n", rows.join("\n")));
    let json = file(&world, "litigation.ndjson", format!("{{\"id\":\"1\",\"conversation_id\":\"{}\"}}\n", ids[0]));
    for path in [&table, &json] {
        for args in [
            vec!["delete", "tavus", "--hard", "--yes", "--absent-ok", "--ids-from", path],
            vec!["verify", "tavus", "--ids-from", path],
            vec!["plan", "tavus", "--hard", "--out", "p.job", "--ids-from", path],
            vec!["plan", "tavus", "--hard", "--out", "p.job", "--hold", path, &ids[0]],
        ] {
            let run = world.run(world.command(Role::Full).args(&args), "");
            assert_eq!(run.code, Some(2), "{args:?}: {run:?}");
            assert!(run.stderr.contains("`id` and `conversation_id`"), "{run:?}");
            assert!(run.stderr.contains("--id-column NAME"), "{run:?}");
        }
    }
    assert_eq!((world.fake.stats().requests, world.folder.path().join("p.job").exists()), (0, false));
    let column = ["--id-column", "conversation_id"];
    let held = world.run(
        world
            .command(Role::Full)
            .args(["plan", "tavus", "--hard", "--out", "p.job", "--hold", &json])
            .args(column)
            .args(["--ids-from", &table, "--output", "json"]),
        "",
    );
    assert!(held.stdout.contains("\"planned\":2,\"merged\":0,\"held\":1"), "{held:?}");
    let run = world.delete(["--hard", "--ids-from", &table].into_iter().chain(column));
    assert_eq!((run.code, present(&world, &ids)), (Some(0), 0), "{run:?}");
    let run = world.go("verify", ["--ids-from", &table, "--wait", "0"].into_iter().chain(column));
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn tables_of_all_programs_are_read() {
    for (vendor, table) in [
        (Vendor::Corti, "conversation_id,name\n#,\"Doe, Jane\"\n@,x\n"),
        (Vendor::Corti, "id;name\r\n#;Jane\r\n@;x\r\n"),
        (Vendor::Fini, "name, id\nJane, #\nx, @\n"),
        (Vendor::Tavus, "Name\tConversationId\r\nJane\t#\r\nx\t@\r\n"),
        (Vendor::ElevenLabs, "\"#\"\n\"@\"\n"),
        (Vendor::Corti, "[{\"id\":\"#\"},\n{\"id\":\"@\"}]"),
        (Vendor::Fini, "{\n  \"data\": [\n    {\"id\": \"#\"},\n    {\"id\": \"@\"}\n  ]\n}\n"),
    ] {
        for is_utf_16 in [false, true] {
            let world = World::new(vendor);
            let ids = world.fake.seed(2);
            let text = table.replace('#', &ids[0]).replace('@', &ids[1]);
            let units = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
            let path = file(&world, "ids", if is_utf_16 { units } else { text.into_bytes() });
            let run = world.delete(world.mode().into_iter().chain(["--ids-from".to_owned(), path]));
            assert_eq!((run.code, present(&world, &ids)), (Some(0), 0), "{table}: {run:?}");
            run.has_summary(&[("deleted", 2)]);
        }
    }
}

#[test]
fn a_file_that_holds_no_id_is_one_diagnosis_and_nothing_is_sent() {
    let rows = "Jane Doe;jane@example.com\n".repeat(5_000);
    for (content, expected) in [
        (&b"\x1f\x8b\x08\0\0"[..], "gunzip"),
        (b"PK\x03\x04\x14\0", "CSV UTF-8"),
        (b"%PDF-1.7\n", "PDF"),
        (b"Report\nname,id\nJane Doe,1\n", "header of its table is in line 2"),
        (rows.as_bytes(), "a table of 2 columns separated by `;`"),
        (b"id,mail\nJane Doe,jane@example.com\n", "--id-column"),
        (b"{\"name\":\"Jane Doe\"}\n", "field `id`"),
    ] {
        let world = World::new(Vendor::Corti);
        let path = file(&world, "ids", content);
        for args in [
            &["delete", "corti", "--yes", "--output", "json"][..],
            &["delete", "corti", "--dry-run"],
            &["verify", "corti"],
            &["plan", "corti", "--out", "p.job"],
        ] {
            let run = world.run(world.command(Role::Full).args(args).args(["--ids-from", &path]), "");
            match args.contains(&"json") {
                true => run.has_only_errors(2),
                false => assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{args:?}: {run:?}"),
            }
            assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
            assert!(run.stderr.contains(expected), "{expected}: {run:?}");
            assert!(!run.stderr.contains("Jane") && !run.stderr.contains("example"), "{run:?}");
        }
        assert_eq!((world.fake.stats().requests, world.folder.path().join("p.job").exists()), (0, false));
    }
}

#[test]
fn what_may_be_personal_is_neither_reported_nor_kept() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let private = ["jane@example.com", "Jane Doe", "O'Brien", "+491701234567"];
    let path = file(&world, "ids.csv", format!("id,x\n{},1\n{},1\n", ids[0], private.join(",1\n")));
    let plan = world
        .run(world.command(Role::Full).args(["plan", "tavus", "--hard", "--out", "p.job", "--ids-from", &path]), "");
    assert_eq!(plan.code, Some(3), "{plan:?}");
    let mut runs = vec![world.delete(["--hard", "--ids-from", &path])];
    for output in ["json", "csv"] {
        runs.push(world.run(world.command(Role::Full).args(["export", "p.job", "--output", output]), ""));
    }
    for run in &runs {
        let text = format!("{}{}", run.stdout, run.stderr);
        assert!(private.iter().all(|private| !text.contains(private)), "{run:?}");
        assert!(text.contains("an e-mail address is not an id"), "{run:?}");
        assert!(!text.contains("nothing was sent"), "the rest was: {run:?}");
    }
    runs[0].has_summary(&[("deleted", 1), ("refused", 4)]);
    let kept = fs::read(world.folder.path().join("p.job")).unwrap();
    assert!(private.iter().all(|private| !kept.windows(private.len()).any(|part| part == private.as_bytes())));
}

/// The program, while it is written to without end.
fn run_with_endless_stdin(world: &World, args: &[&str], start: &str, mut next: impl FnMut(u64) -> String) -> Run {
    let mut child: Child = spawn(world.command(Role::Full).args(args).stdout(Stdio::null()));
    let mut stdin = child.stdin.take().unwrap();
    let mut written = stdin.write_all(start.as_bytes());
    let mut numbers = 0..;
    while written.is_ok() {
        let chunk: String = numbers.by_ref().take(10_000).map(&mut next).collect();
        written = stdin.write_all(chunk.as_bytes());
    }
    Run::of(child.wait_with_output().unwrap())
}

#[test]
fn endless_input_ends_the_program() {
    let world = World::new(Vendor::Tavus);
    let delete = ["delete", "tavus", "--hard", "--yes", "--max", "100", "--output", "json", "--ids-from", "-"];
    let verify = ["verify", "tavus", "--max", "100", "--ids-from", "-"];
    let plan = ["plan", "tavus", "--hard", "--max", "100", "--out", "p.job", "--ids-from", "-"];
    for args in [&delete[..], &verify, &plan] {
        let run = run_with_endless_stdin(&world, args, "", |number| format!("c{number}\n"));
        assert_eq!(run.code, Some(5), "{args:?}: {run:?}");
        assert!(run.stderr.contains("more") && run.stderr.contains("--max"), "{run:?}");
    }
    for (start, line) in [("", "x"), ("c1\n", "a/b\n"), ("id,x\nc1,\"", "x\n"), ("[{\"id\":\"c1\",\"text\":\"", "x")] {
        let run = run_with_endless_stdin(&world, &delete, start, |_| line.to_owned());
        assert_eq!(run.code, Some(2), "{line:?}: {run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    }
    assert_eq!((world.fake.stats().requests, world.folder.path().join("p.job").exists()), (0, false));
}

#[test]
fn a_very_long_line_is_refused_and_the_rest_goes_on() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    let run = world.delete_with_stdin(
        &["--hard", "--ids-from", "-"],
        format!("{}\n{}\n{}\n", ids[0], "x".repeat(10_000_000), ids[1]),
    );
    assert_eq!(run.code, Some(3), "{run:?}");
    run.has_summary(&[("deleted", 2), ("refused", 1)]);
}
