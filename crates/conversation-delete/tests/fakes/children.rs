//! Corti's cascade: children are deleted before their interaction, each with its own result.

use conversation_delete::corti::{CascadeDeletion, CascadeOptions, ChildKind};
use conversation_delete::{Delivery, ErrorKind, Outcome};
use conversation_delete_fake::{Fake, Fault, RecordState, Role, Route, Seed, Vendor};

use crate::clients::{corti, records};

fn seed() -> Seed {
    Seed::count(1).transcripts(2).recordings(2).documents(1).guided_documents(2)
}

async fn delete(fake: &Fake, id: &str) -> CascadeDeletion {
    let interaction = records(fake, &[id.to_owned()]).remove(0).as_uuid().unwrap();
    corti(fake, Role::Full).delete_cascade(interaction, CascadeOptions::default()).await
}

#[tokio::test]
async fn all_children_are_deleted_before_their_interaction() {
    for cascade in ["yes", "no"] {
        let fake = Fake::in_process(Vendor::Corti);
        fake.set_option("cascade", cascade).unwrap();
        let id = fake.seed_with(seed()).remove(0);
        let done = delete(&fake, &id).await;
        assert_eq!(done.interaction.unwrap().outcome(), Outcome::Deleted);
        let results: Vec<_> =
            done.children.iter().map(|(child, result)| (child.kind(), result.as_ref().unwrap().outcome())).collect();
        use ChildKind::{Document, GuidedDocument, Recording, Transcript};
        use Outcome::{Acknowledged, Deleted};
        let expected = [
            (Transcript, Deleted),
            (Transcript, Deleted),
            (Recording, Acknowledged),
            (Recording, Acknowledged),
            (Document, Deleted),
            (GuidedDocument, Deleted),
            (GuidedDocument, Deleted),
        ];
        assert_eq!(results, expected);
        assert!(fake.children(&id).iter().all(|child| child.state == RecordState::Deleted));
        let requests = fake.requests();
        let deletes: Vec<_> = requests.iter().filter(|request| request.method() == "DELETE").collect();
        assert!(deletes.last().unwrap().path().ends_with(&id), "the interaction is the last");
        assert_eq!(deletes.len(), 8);
    }
}

#[tokio::test]
async fn an_interaction_whose_children_cannot_all_be_deleted_is_kept() {
    let fake = Fake::in_process(Vendor::Corti);
    let id = fake.seed_with(seed()).remove(0);
    let recording = fake
        .children(&id)
        .into_iter()
        .find(|child| child.kind == conversation_delete_fake::ChildKind::Recording)
        .unwrap();
    fake.fault(Fault::reply(403).on(Route::Child).for_id(recording.id.as_str()));
    let done = delete(&fake, &id).await;
    let error = done.interaction.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Forbidden, Delivery::NotSent));
    assert!(error.to_string().contains("its recordings"), "{error}");
    assert_eq!(done.children.len(), 4);
    assert_eq!(fake.state_of(&id), Some(RecordState::Present));
}

#[tokio::test]
async fn children_are_deleted_in_every_form_of_lists_and_ids() {
    for (option, value) in [
        ("guided_list", "array"),
        ("guided_list", "data"),
        ("guided_list", "documents"),
        ("guided_interaction_id", "null"),
        ("child_ids", "hex"),
        ("child_ids", "upper"),
        ("empty_transcripts", "null"),
    ] {
        let fake = Fake::in_process(Vendor::Corti);
        fake.set_option(option, value).unwrap();
        let [id, bystander] = [seed(), seed()].map(|seed| fake.seed_with(seed).remove(0));
        let done = delete(&fake, &id).await;
        assert_eq!(done.interaction.unwrap().outcome(), Outcome::Deleted, "{option} {value}");
        assert!(fake.children(&id).iter().all(|child| child.state == RecordState::Deleted), "{option} {value}");
        assert!(fake.children(&bystander).iter().all(|child| child.state == RecordState::Present), "{option} {value}");
    }
}

/// The server ignores `interactionId`, so that its list has the documents of all interactions.
#[tokio::test]
async fn guided_documents_of_other_interactions_are_not_deleted() {
    for names in ["set", "null"] {
        let fake = Fake::in_process(Vendor::Corti);
        fake.set_option("guided_filter", "ignored").unwrap();
        fake.set_option("guided_interaction_id", names).unwrap();
        let [id, bystander] = [seed(), seed()].map(|seed| fake.seed_with(seed).remove(0));
        assert!(delete(&fake, &id).await.is_kept(), "{names}");
        for id in [id, bystander] {
            assert!(fake.children(&id).iter().all(|child| child.state == RecordState::Present), "{names}");
        }
    }
}
