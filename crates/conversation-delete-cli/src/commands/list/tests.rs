use async_trait::async_trait;
use delete_core::vendor_kit::{Page, Pager};
use delete_core::{ConversationId, ErrorKind, RecordMeta};
use tokio::sync::mpsc;

use super::*;

struct Pages(Vec<Result<Page, Error>>);

#[async_trait]
impl Pager for Pages {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        match self.0.is_empty() {
            true => Ok(None),
            false => self.0.remove(0).map(Some),
        }
    }
}

fn found(id: &str) -> Result<RecordMeta, Error> {
    Ok(RecordMeta::new(ConversationId::new(id).unwrap()))
}

fn open() -> Error {
    Error::unexpected_response("it has no date")
}

/// Reads all of it, and gives the ids that were told.
async fn told(pages: Vec<Result<Page, Error>>) -> (Told, Vec<String>) {
    let (sender, mut items) = mpsc::channel(100);
    let output = Output::new(sender);
    let (_sender, mut signals) = mpsc::unbounded_channel();
    let told = tell(Listing::from_pages(Pages(pages)), &output, &mut signals).await;
    drop(output);
    let mut ids = Vec::new();
    while let Some(group) = items.recv().await {
        for item in group {
            let Item::Found(found) = item else { panic!("not a record") };
            ids.push(found.id().to_string());
        }
    }
    (told, ids)
}

#[tokio::test]
async fn a_record_that_cannot_be_judged_does_not_end_the_list() {
    let (told, ids) = told(vec![Ok(vec![found("c1"), Err(open()), found("c2")]), Ok(vec![found("c3")])]).await;
    assert_eq!(ids, ["c1", "c2", "c3"]);
    assert_eq!((told.found, told.open), (3, 1));
    assert!(matches!(told.end, End::Complete));
}

#[tokio::test]
async fn the_last_record_may_be_such_a_one() {
    let (told, ids) = told(vec![Ok(vec![found("c1"), Err(open())])]).await;
    assert_eq!((ids.len(), told.open), (1, 1));
    assert!(matches!(told.end, End::Complete));
}

#[tokio::test]
async fn an_error_that_is_the_last_word_ends_it() {
    let (told, ids) = told(vec![Ok(vec![found("c1"), Err(open())]), Err(Error::wrong_target("x"))]).await;
    assert_eq!((ids.len(), told.open), (1, 1));
    assert!(matches!(told.end, End::Failed(error) if error.kind() == ErrorKind::WrongTarget));
}

#[tokio::test]
async fn an_interrupt_ends_it_even_where_nobody_reads() {
    let (sender, items) = mpsc::channel(1);
    let output = Output::new(sender);
    let (interrupt, mut signals) = mpsc::unbounded_channel();
    let pages = vec![Ok(vec![found("c1"), found("c2"), found("c3")])];
    let reading = tell(Listing::from_pages(Pages(pages)), &output, &mut signals);
    let interrupting = async {
        tokio::task::yield_now().await;
        interrupt.send(()).unwrap();
    };
    let (told, ()) = tokio::join!(reading, interrupting);
    assert!(matches!(told.end, End::Interrupted));
    assert_eq!(told.found, 1);
    drop(items);
}

#[tokio::test]
async fn a_closed_output_ends_it() {
    let (sender, items) = mpsc::channel(1);
    drop(items);
    let output = Output::new(sender);
    let (_sender, mut signals) = mpsc::unbounded_channel();
    let told = tell(Listing::from_pages(Pages(vec![Ok(vec![found("c1"), found("c2")])])), &output, &mut signals).await;
    assert!(matches!(told.end, End::NobodyReads));
}
