//! What the suite sends, and what it never does.

use conversation_delete::ErasureMode;
use conversation_delete_fake::{
    CANARY_NAME, CANARY_TEXT, Fake, Fault, RecordState, RequestRecord, Role, Route, Seed, Vendor,
};
use delete_conformance::live::RunError;

use crate::account::{account, delete_route, run_at, run_command, run_with, variables};

fn deletes(fake: &Fake) -> Vec<RequestRecord> {
    fake.requests().into_iter().filter(|request| request.method() == "DELETE").collect()
}

#[tokio::test]
async fn without_ids_only_gets_and_the_token_request_are_sent() {
    for &vendor in Vendor::ALL {
        let (fake, ids) = account(vendor).await;
        run_at(&fake, &[]).await.unwrap();
        let others = fake.requests().into_iter().filter(|request| request.method() != "GET");
        let others: Vec<String> = others.map(|other| format!("{} {}", other.method(), other.path())).collect();
        match vendor {
            Vendor::Corti => assert_eq!(others, ["POST /realms/base/protocol/openid-connect/token"]),
            _ => assert_eq!(others, [""; 0]),
        }
        assert!(ids.iter().all(|id| fake.state_of(id) == Some(RecordState::Present)));
    }
}

#[tokio::test]
async fn only_the_given_ids_are_deleted() {
    for &vendor in Vendor::ALL {
        let (fake, ids) = account(vendor).await;
        let given = [ids[3].clone(), ids[40].clone(), ids[3].clone()];
        run_at(&fake, &given).await.unwrap();
        for request in deletes(&fake) {
            let text = format!("{} {}", request.path(), String::from_utf8_lossy(request.request().body()));
            let named: Vec<&String> = ids.iter().filter(|id| text.contains(*id)).collect();
            assert!(named.len() == 1 && given.contains(named[0]), "{text}");
        }
        for id in &ids {
            let is_given = given.contains(id);
            assert_eq!(fake.state_of(id) != Some(RecordState::Present), is_given, "{vendor:?} {id}");
        }
        assert!(fake.adjacent_resources().iter().all(|resource| resource.state == RecordState::Present));
    }
}

#[tokio::test]
async fn an_id_that_is_refused_keeps_all_of_them() {
    for &vendor in Vendor::ALL {
        let (fake, ids) = account(vendor).await;
        let foreign = fake.seed_with(Seed::count(1).foreign()).remove(0);
        let deleted = fake.seed(1).remove(0);
        fake.remove(&deleted);
        for refused in [foreign, deleted, "../agents/agent_1".into(), String::new(), "a/b".into()] {
            let before = fake.stats().requests;
            let error = run_at(&fake, &[ids[0].clone(), refused.clone()]).await.unwrap_err();
            assert!(matches!(error, RunError::Refused(_)), "{refused}: {error}");
            assert!(error.to_string().contains("nothing was deleted"), "{error}");
            // The credential check, and lookups: no case was tried.
            assert!(fake.stats().requests - before <= 7, "{refused}: {}", fake.stats().requests - before);
        }
        let many = run_at(&fake, &ids[..6]).await.unwrap_err();
        assert!(many.to_string().contains("at most 5"), "{many}");
        assert!(deletes(&fake).is_empty());
    }
}

#[tokio::test]
async fn an_active_record_is_refused() {
    for (vendor, status) in [(Vendor::Tavus, "active"), (Vendor::ElevenLabs, "in-progress")] {
        let (fake, ids) = account(vendor).await;
        fake.set_status(&ids[1], status);
        let error = run_at(&fake, &ids[..2]).await.unwrap_err();
        assert!(error.to_string().contains("still active"), "{error}");
        assert!(deletes(&fake).is_empty());
    }
    let (fake, ids) = account(Vendor::Corti).await;
    let active = fake.seed_with(Seed::count(1).transcript("processing")).remove(0);
    let error = run_at(&fake, &[ids[0].clone(), active]).await.unwrap_err();
    assert!(error.to_string().contains("still active"), "{error}");
    assert!(deletes(&fake).is_empty());
}

#[tokio::test]
async fn a_mode_must_be_given_where_there_are_two_and_nowhere_else() {
    let (tavus, ids) = account(Vendor::Tavus).await;
    let (fini, conversations) = account(Vendor::Fini).await;
    let hard = Some(ErasureMode::Hard);
    for (fake, delete, mode, named) in [
        (&tavus, &ids[..1], None, "add --hard or --soft"),
        (&tavus, &[][..], hard, "belong to --delete-these"),
        (&fini, &conversations[..1], hard, "leave out"),
    ] {
        let error = run_with(fake, &variables(fake, Role::Full), delete, mode).await.unwrap_err();
        assert!(error.to_string().contains(named), "{error}");
        assert!(fake.requests().is_empty());
    }
}

/// On stdout and on stderr, whether the cases agree, disagree or fail.
#[tokio::test]
async fn a_run_prints_no_id_no_credential_and_no_content() {
    for &vendor in Vendor::ALL {
        let (fake, ids) = account(vendor).await;
        let variables = variables(&fake, Role::Full);
        let run = async |expected: u8| {
            let mode = (vendor == Vendor::Tavus).then_some("--hard");
            let arguments = [vendor.as_str(), "--delete-these", &ids[if expected == 0 { 0 } else { 1 }]];
            let arguments: Vec<&str> = arguments.into_iter().chain(mode).collect();
            let (code, stdout, stderr) = run_command(&arguments, &variables).await;
            assert!(code == expected && !stdout.is_empty() && stderr.contains("delete"), "{vendor:?}: {stderr}");
            stdout + &stderr
        };
        let agreeing = run(0).await;
        let echo = format!(r#"{{"message":"{CANARY_TEXT}","error":"{0}","detail":{{"code":"{0}"}}}}"#, ids[1]);
        fake.fault(Fault::close().after_effect().on(delete_route(vendor)).once());
        fake.fault(Fault::reply(418).with_json(echo).on(Route::List).nth(2).once());
        let differing = run(1).await;
        assert!(differing.contains("DISAGREES") && differing.contains("FAILED"), "{differing}");

        let is_secret = |name: &str| name.contains("KEY") || name.contains("SECRET");
        let secrets: Vec<&String> =
            variables.iter().filter_map(|(name, value)| is_secret(name).then_some(value)).collect();
        assert!(!secrets.is_empty());
        let tokens: Vec<String> =
            fake.requests().iter().filter_map(|r| r.request().header("authorization").map(str::to_owned)).collect();
        let private = ids.iter().chain(secrets).chain(&tokens).map(String::as_str);
        for private in private.chain([CANARY_NAME, CANARY_TEXT, "Canary"]) {
            let text = private.trim_start_matches("Bearer ");
            // The wrong key is the suite's own, and the name of a case.
            let is_printed = agreeing.contains(text) || differing.contains(text);
            assert!(!is_printed || private == "Bearer not-a-key", "{vendor:?}: {private}");
        }
    }
}

#[tokio::test]
async fn a_wrong_key_is_one_diagnosis_and_no_case() {
    for &vendor in Vendor::ALL {
        let (fake, ids) = account(vendor).await;
        fake.revoke(Role::Full);
        let error = run_at(&fake, &ids[..1]).await.unwrap_err();
        let RunError::Client(error) = error else { panic!("{error}") };
        assert!(error.is_credential_refused(), "{error}");
        assert!(fake.requests().len() <= 2, "{vendor:?}");
    }
}

#[tokio::test]
async fn a_dead_host_is_named() {
    for &vendor in Vendor::ALL {
        let (mut fake, _) = account(vendor).await;
        let variables = variables(&fake, Role::Full);
        fake.stop();
        let error = run_with(&fake, &variables, &[], None).await.unwrap_err();
        let RunError::Client(error) = error else { panic!("{error}") };
        assert_eq!(error.kind(), conversation_delete::ErrorKind::Connect, "{error}");
    }
}
