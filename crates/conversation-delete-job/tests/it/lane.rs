//! A lane over the vendor in the process whose reader can list, and whose progress is kept.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use conversation_delete_job::{Ending, Lane, Planner, Progress, ProgressEvent, RunOptions, StopHandle, Verify};
use delete_core::vendor_kit::{Page, Pager};
use delete_core::{CredentialCheck, Error, ErrorKind, Filter, Listing, Presence, RecordMeta, RecordReader};
use tavus_delete::{Client, RecordId, Status, Vendor};

use crate::stage::{Stage, State, target};

/// The pages of the list that is read for the n-th time.
type Lists = dyn Fn(usize, &State) -> Vec<Result<Page, Error>> + Send + Sync;

/// A reader with scripted lists and one active record.
#[derive(Clone)]
struct Reader {
    client: Client,
    state: Arc<Mutex<State>>,
    active: Option<String>,
    lists: Arc<Lists>,
    listed: Arc<Mutex<usize>>,
}

struct Pages(std::vec::IntoIter<Result<Page, Error>>);

#[async_trait]
impl Pager for Pages {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        self.0.next().transpose()
    }
}

#[async_trait]
impl RecordReader for Reader {
    fn vendor(&self) -> Vendor {
        RecordReader::vendor(&self.client)
    }

    fn list(&self, _: &Filter) -> Result<Listing, Error> {
        let mut listed = self.listed.lock().unwrap();
        *listed += 1;
        let pages = (self.lists)(*listed, &self.state.lock().unwrap());
        Ok(Listing::from_pages(Pages(pages.into_iter())))
    }

    async fn lookup(&self, id: &RecordId) -> Presence {
        match self.client.lookup(id).await {
            Presence::Present { .. } if self.active == Some(id.to_string()) => {
                Presence::present(Some(Status::new("active")))
            }
            presence => presence,
        }
    }

    async fn active_status(&self, id: &RecordId) -> Result<Option<Status>, Error> {
        self.client.active_status(id).await
    }

    fn final_statuses(&self) -> &[Status] {
        self.client.final_statuses()
    }

    async fn check_credential(&self) -> Result<CredentialCheck, Error> {
        self.client.check_credential().await
    }
}

/// How a run ended, how many lists it read, and how many records it deleted unchecked.
#[derive(Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) ending: Ending,
    pub(crate) lists: usize,
    pub(crate) unchecked: usize,
}

/// What a run of a test differs in.
pub(crate) struct Setup {
    pub(crate) options: RunOptions,
    pub(crate) reject_active: bool,
    pub(crate) active: Option<String>,
    pub(crate) lists: Arc<Lists>,
}

impl Default for Setup {
    fn default() -> Self {
        let (options, lists) = (RunOptions::default(), Arc::new(|_, state: &State| vec![page(state)]));
        Self { options, reject_active: false, active: None, lists }
    }
}

impl Setup {
    pub(crate) fn verifying(verify: Verify) -> Self {
        Self { options: RunOptions { verify, ..RunOptions::default() }, ..Self::default() }
    }

    pub(crate) fn rejecting_active() -> Self {
        Self { reject_active: true, ..Self::default() }
    }

    pub(crate) async fn run(self, stage: &Stage) -> Run {
        let job = stage.open().unwrap();
        let listed = Arc::default();
        let state = Arc::clone(&stage.state);
        let reader = Reader { client: stage.client(), state, active: self.active, lists: self.lists, listed };
        let number = job.targets().unwrap()[0].0;
        let lane = Lane::new(number, target(), stage.deleter(), Arc::new(reader.clone()));
        let lane = lane.with_reject_active(self.reject_active);
        let (stop, unchecked) = (StopHandle::default(), Unchecked::default());
        let endings = job.run(vec![lane], Arc::new(stage.clock.clone()), &self.options, &stop, &unchecked).await;
        let ending = endings.unwrap().remove(0);
        let lists = *reader.listed.lock().unwrap();
        Run { ending, lists, unchecked: unchecked.0.into_inner().unwrap() }
    }
}

/// Counts the records that were deleted although they could not be looked up.
#[derive(Default)]
struct Unchecked(Mutex<usize>);

impl Progress for Unchecked {
    fn on_event(&self, event: ProgressEvent<'_>) {
        if let ProgressEvent::Unchecked { error, .. } = event {
            assert_eq!(error.kind(), ErrorKind::Forbidden);
            *self.0.lock().unwrap() += 1;
        }
    }
}

/// A page with every record that is there.
pub(crate) fn page(state: &State) -> Result<Page, Error> {
    page_of(&state.present.iter().map(String::as_str).collect::<Vec<_>>())
}

pub(crate) fn page_of(ids: &[&str]) -> Result<Page, Error> {
    Ok(ids.iter().map(|id| Ok(RecordMeta::new(record(id)))).collect())
}

fn record(id: &str) -> RecordId {
    tavus_delete::ConversationId::new(id).unwrap().into()
}

/// Plans so many records that are there, as entries of a list with a final status.
pub(crate) fn plan_listed(stage: &Stage, count: usize) -> Vec<String> {
    let ids: Vec<String> = (0..count).map(|number| format!("c{number:06}")).collect();
    stage.state.lock().unwrap().present.extend(ids.iter().cloned());
    let mut planner = Planner::create(&stage.path(), "test").unwrap();
    let number = planner.target(&target()).unwrap();
    for id in &ids {
        let entry = RecordMeta::new(record(id)).with_status(Some(Status::new("ended")));
        assert!(planner.add_listed(number, &entry, true).unwrap());
    }
    planner.finish().unwrap();
    ids
}
