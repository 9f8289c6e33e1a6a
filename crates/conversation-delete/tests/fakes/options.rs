//! With every combination of the fakes' options, reports agree with the state.

use conversation_delete::{Deleter, ErrorKind, Filter, Listing, Outcome, Presence, RecordId, RecordReader};
use conversation_delete_fake::{Fake, OptionValues, RecordState, Vendor};
use proptest::prelude::*;

use crate::clients::{deleter, reader};

/// Options with which a vendor hides records. No client can detect that.
const HIDING: [&str; 1] = ["hidden_from"];

type Options = Vec<(&'static str, String)>;

/// A vendor, with other values than the defaults for some of its options.
fn vendor_with_options() -> impl Strategy<Value = (Vendor, Options)> {
    prop::sample::select(Vendor::ALL).prop_flat_map(|vendor| {
        let specs: Vec<_> = vendor.options().into_iter().filter(|spec| !HIDING.contains(&spec.name)).collect();
        let most = specs.len();
        let drawn = prop::sample::subsequence(specs, 0..=most.min(6)).prop_flat_map(|specs| {
            let value = |spec: &&'static conversation_delete_fake::OptionSpec| {
                let name = spec.name;
                let values = match spec.values {
                    OptionValues::OneOf(values) => prop::sample::select(values).prop_map(str::to_owned).boxed(),
                    _ => (0_u64..4).prop_map(|number| number.to_string()).boxed(),
                };
                values.prop_map(move |value| (name, value))
            };
            specs.iter().map(value).collect::<Vec<_>>()
        });
        (Just(vendor), drawn)
    })
}

/// Two records to delete, one that another client deleted, and one that is not touched.
struct Scenario {
    fake: Fake,
    ids: Vec<RecordId>,
}

impl Scenario {
    fn new(vendor: Vendor, options: &Options) -> Self {
        let fake = Fake::in_process(vendor);
        for (name, value) in options {
            fake.set_option(name, value).unwrap();
        }
        let client = deleter(&fake);
        let ids: Vec<RecordId> = fake.seed(4).iter().map(|id| client.parse_id(id).unwrap()).collect();
        fake.remove(&ids[2].to_string());
        Self { fake, ids }
    }

    fn is_there(&self, id: &RecordId) -> bool {
        self.fake.state_of(&id.to_string()) == Some(RecordState::Present)
    }
}

async fn deletes_agree(scenario: &Scenario, client: &dyn Deleter) {
    let others_were_there = scenario.is_there(&scenario.ids[3]);
    for (index, id) in scenario.ids[..3].iter().enumerate() {
        let was_there = scenario.is_there(id);
        match client.delete(id).await {
            Ok(deletion) if matches!(deletion.outcome(), Outcome::Deleted | Outcome::Gone) => {
                assert!(!scenario.is_there(id), "{index}: {deletion:?}");
                assert!(was_there || deletion.outcome() == Outcome::Gone, "{index}: {deletion:?}");
            }
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => assert!(!was_there, "{index}: {error}"),
            Err(error) if error.may_have_taken_effect() => {}
            Err(error) => assert_eq!(scenario.is_there(id), was_there, "{index}: {error}"),
        }
    }
    assert_eq!(scenario.is_there(&scenario.ids[3]), others_were_there, "something else was deleted");
}

async fn lookups_agree(scenario: &Scenario, reader: &dyn RecordReader) {
    for (id, presence) in scenario.ids.iter().zip(reader.lookup_many(&scenario.ids).await) {
        if let Presence::Absent = presence {
            assert!(!scenario.is_there(id), "{id}");
        }
    }
}

/// A complete list has every record that existed all the time.
async fn lists_agree(scenario: &Scenario, reader: &dyn RecordReader) {
    let present: Vec<&RecordId> = scenario.ids.iter().filter(|id| scenario.is_there(id)).collect();
    let mut listing: Listing = reader.list(&Filter::new()).unwrap();
    let mut listed = Vec::new();
    while let Some(found) = listing.next().await {
        listed.extend(found.ok().map(|found| found.id().clone()));
    }
    if listing.is_complete() {
        for id in present.into_iter().filter(|id| scenario.is_there(id)) {
            assert!(listed.contains(id), "{id} is missing from a complete list");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn reports_agree_with_the_state_under_all_options((vendor, options) in vendor_with_options()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let scenario = Scenario::new(vendor, &options);
            let (deleter, reader) = (deleter(&scenario.fake), reader(&scenario.fake));
            lists_agree(&scenario, &*reader).await;
            lookups_agree(&scenario, &*reader).await;
            deletes_agree(&scenario, &*deleter).await;
            lookups_agree(&scenario, &*reader).await;
        });
    }
}
