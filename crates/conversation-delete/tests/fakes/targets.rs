//! A credential for the wrong target is detected before anything is deleted.

use conversation_delete::{AccessToken, Deleter, ErrorKind, RecordReader, corti as corti_crate};
use conversation_delete_fake::{Fake, Role, Vendor};

use crate::clients::{corti, reader, reader_as, records};

#[tokio::test]
async fn a_valid_credential_passes_and_reports_its_target() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        let none = reader(&fake).check_credential().await.unwrap().sees_records;
        assert_eq!(none, (vendor != Vendor::Fini).then_some(false), "{vendor:?}");
        fake.seed(1);
        let checked = reader(&fake).check_credential().await.unwrap();
        assert!(
            checked.sees_records == Some(true) && checked.target.starts_with("https://"),
            "{vendor:?}: {checked:?}"
        );
        let confirmed = if vendor == Vendor::Corti { vec!["tenant base", "environment eu"] } else { vec![] };
        assert_eq!(checked.confirmed, confirmed, "{vendor:?}");
        assert!(fake.requests().iter().all(|request| request.method() != "DELETE"));
    }
}

#[tokio::test]
async fn a_refused_credential_or_one_without_read_permission_fails() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        let kind = reader_as(&fake, Role::WriteOnly).check_credential().await.unwrap_err().kind();
        assert!(matches!(kind, ErrorKind::MissingScope | ErrorKind::Forbidden), "{vendor:?}: {kind}");
        fake.revoke(Role::Full);
        assert_eq!(
            reader(&fake).check_credential().await.unwrap_err().kind(),
            ErrorKind::Unauthenticated,
            "{vendor:?}"
        );
    }
}

#[tokio::test]
async fn a_token_of_another_tenant_or_environment_is_never_sent() {
    for (option, value, variable) in
        [("issuer_environment", "us", "CORTI_ENVIRONMENT"), ("issuer_realm", "other", "CORTI_TENANT_NAME")]
    {
        let fake = Fake::in_process(Vendor::Corti);
        let ids = fake.seed(1);
        let id = records(&fake, &ids).remove(0);
        fake.set_option(option, value).unwrap();
        let token = AccessToken::new(fake.key(Role::Full)).unwrap();
        let with_token = corti_crate::Client::builder(corti_crate::Environment::Eu, "base", token)
            .transport(fake.transport())
            .build()
            .unwrap();
        for client in [corti(&fake, Role::Full), with_token] {
            for error in [client.delete(&id).await.unwrap_err(), client.check_credential().await.unwrap_err()] {
                assert_eq!(error.kind(), ErrorKind::WrongTarget, "{option}");
                assert!(error.to_string().contains(variable), "{error}");
            }
        }
        assert!(fake.requests().iter().all(|request| request.method() == "POST"), "only tokens were requested");
    }
}
