use tokio::sync::mpsc;

use super::*;
use crate::look::tests::{Scripted, error_of, there};

fn ids(texts: impl IntoIterator<Item = impl AsRef<str>>) -> IdList {
    let texts: Vec<std::ffi::OsString> = texts.into_iter().map(|text| text.as_ref().into()).collect();
    let mut list = IdList::new(VendorName::Tavus);
    read_arguments(&texts, &mut list).unwrap();
    list
}

/// Verifies with the given concurrency, and gives the exit code, what was reported for each id, and the counts.
async fn verify(reader: &Scripted, ids: &IdList, concurrency: usize) -> (Exit, Vec<(String, Seen)>, SightTally) {
    let (_sender, mut signals) = mpsc::unbounded_channel();
    verify_until(reader, ids, concurrency, &mut signals).await
}

async fn verify_until(
    reader: &Scripted,
    ids: &IdList,
    concurrency: usize,
    signals: &mut UnboundedReceiver<()>,
) -> (Exit, Vec<(String, Seen)>, SightTally) {
    let (sender, mut items) = mpsc::channel(10_000);
    let output = Output::new(sender);
    let looker = Looker::new(reader, concurrency, &reader.clock);
    let mut verification = Verification::new(VendorName::Tavus, ids, looker, VerifyPolicy::default());
    verification.run(&ProgressReporter::new(BTreeMap::new(), 0, false), &output, signals).await;
    let (exit, tally) = (verification.conclude(Ok(())), verification.tally);
    drop(output);
    let mut told = Vec::new();
    while let Some(item) = items.recv().await {
        match item {
            Item::Sight(sight) => told.push((sight.id, sight.seen)),
            Item::SightSummary(summary) => assert_eq!(summary, tally),
            _ => panic!("verify tells nothing else"),
        }
    }
    (exit, told, tally)
}

#[tokio::test]
async fn each_id_is_told_once_in_the_order_of_the_input() {
    let list = ids(["..", "c1", "c2", "a/b", "c1", "c3"]);
    let reader = Scripted::new(|id, _| if id == "c2" { there() } else { Presence::Absent });
    let (exit, told, tally) = verify(&reader, &list, 4).await;
    let seen: Vec<(&str, Seen)> = told.iter().map(|(id, seen)| (id.as_str(), *seen)).collect();
    assert_eq!(
        seen,
        [
            ("..", Seen::Refused),
            ("c1", Seen::Absent),
            ("c2", Seen::Present),
            ("a/b", Seen::Refused),
            ("c3", Seen::Absent)
        ]
    );
    assert_eq!((exit, tally.total()), (Exit::StillPresent, 5));
}

#[tokio::test]
async fn many_ids_go_in_windows_and_keep_their_order() {
    let list = ids((0..300).map(|number| format!("c{number}")));
    let reader = Scripted::new(|_, _| Presence::Absent);
    let (exit, told, _) = verify(&reader, &list, 2).await;
    assert_eq!(exit, Exit::Success);
    assert!(told.iter().enumerate().all(|(number, (id, _))| *id == format!("c{number}")));
    assert_eq!(reader.asked().len(), 300);
}

#[tokio::test]
async fn what_cannot_be_looked_at_is_never_absent() {
    let list = ids(["c1", "c2", "c3"]);
    for (status, expected, others) in [
        (401, Exit::CredentialRefused, Seen::NotAttempted),
        (403, Exit::Incomplete, Seen::Unknown),
        (500, Exit::Incomplete, Seen::Unknown),
        (302, Exit::Incomplete, Seen::Unknown),
    ] {
        let error = error_of(status).await;
        let expected = if error.is_credential_refused() { Exit::CredentialRefused } else { expected };
        let others = if error.is_credential_refused() { Seen::NotAttempted } else { others };
        let reader = Scripted::new(move |_, _| Presence::Unknown(error.clone()));
        let (exit, told, tally) = verify(&reader, &list, 2).await;
        assert_eq!(exit, expected, "{status}");
        assert_eq!((told[0].1, told[2].1), (Seen::Unknown, others), "{status}");
        assert_eq!(tally.count(Seen::Absent), 0);
    }
}

#[tokio::test]
async fn an_interrupt_leaves_the_rest_unattempted() {
    let list = ids(["c1", "c2"]);
    let (sender, mut signals) = mpsc::unbounded_channel();
    sender.send(()).unwrap();
    let reader = Scripted::new(|_, _| Presence::Absent);
    let (exit, told, tally) = verify_until(&reader, &list, 1, &mut signals).await;
    assert_eq!((exit, told.len()), (Exit::Stopped, 2));
    assert_eq!(tally.count(Seen::NotAttempted), 2);
}
