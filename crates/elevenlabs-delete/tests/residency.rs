//! Which host a client sends to, and which keys it sends there.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use delete_conformance::{FaultAction, FaultServer};
use elevenlabs_delete::http;
use elevenlabs_delete::testing::response;
use elevenlabs_delete::{ApiKey, Client, Error, ErrorKind, Outcome, RecordReader, Residency};

#[test]
fn an_unknown_residency_is_never_the_global_host() {
    for &residency in Residency::ALL {
        assert_eq!(residency.as_str().parse::<Residency>().unwrap(), residency);
    }
    assert_eq!("eu-residency".parse::<Residency>().unwrap(), Residency::Eu);
    for name in ["mars", "", "EU", "eu ", "default", "global-"] {
        assert_eq!(name.parse::<Residency>().unwrap_err().kind(), ErrorKind::Configuration, "{name:?}");
    }
}

#[tokio::test]
async fn each_residency_has_its_host() {
    for (residency, host) in [
        (Residency::Global, "api.elevenlabs.io"),
        (Residency::Us, "api.us.elevenlabs.io"),
        (Residency::Eu, "api.eu.residency.elevenlabs.io"),
        (Residency::In, "api.in.residency.elevenlabs.io"),
        (Residency::Sg, "api.sg.residency.elevenlabs.io"),
    ] {
        let transport = http::from_fn(move |request| async move {
            assert_eq!(request.uri(), &*format!("https://{host}/v1/convai/conversations/conv_01"));
            Ok(response(200, "null"))
        });
        let builder = Client::builder(ApiKey::new("sk_key").unwrap()).residency(residency);
        let client = builder.transport(transport).build().unwrap();
        let deletion = client.delete_conversation(&"conv_01".parse().unwrap()).await.unwrap();
        assert_eq!(deletion.outcome(), Outcome::Deleted);
    }
}

#[tokio::test]
async fn a_key_of_another_residency_is_never_sent() {
    let suffixes = [("", None), ("_residency_eu", Some(Residency::Eu)), ("_residency_us", Some(Residency::Us))];
    let suffixes = suffixes.into_iter().chain([
        ("_residency_in", Some(Residency::In)),
        ("_residency_sg", Some(Residency::Sg)),
        ("_residency_EU", Some(Residency::Eu)),
        ("_RESIDENCY_EU", Some(Residency::Eu)),
    ]);
    for (suffix, named) in suffixes {
        for &residency in Residency::ALL {
            let server = FaultServer::start([FaultAction::status(200, &[], "null")]);
            let key = || ApiKey::new(format!("sk_s3cret{suffix}")).unwrap();
            let client = Client::builder(key()).residency(residency).base_url(server.url()).build().unwrap();
            let result = client.delete_conversation(&"conv_01".parse().unwrap()).await;
            if named.is_none_or(|named| named == residency) {
                assert_eq!(result.unwrap().outcome(), Outcome::Deleted, "{suffix} {residency}");
                continue;
            }
            let error = result.unwrap_err();
            assert_eq!((error.kind(), server.requests().len()), (ErrorKind::WrongTarget, 0), "{suffix} {residency}");
            let text = format!("{error}{error:?}");
            assert!(text.contains("ELEVENLABS_RESIDENCY") && text.contains(residency.as_str()), "{text}");
            assert!(!text.contains("s3cret"), "{text}");
            // If no residency is set, another base URL may belong to any.
            let client = Client::builder(key()).base_url(server.url()).build().unwrap();
            assert!(client.delete_conversation(&"conv_01".parse().unwrap()).await.unwrap().outcome().is_success());
        }
    }
    let unknown = Client::builder(ApiKey::new("sk_residency_s3cret").unwrap()).build().unwrap();
    let error = unknown.delete_conversation(&"conv_01".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongTarget);
    assert!(!format!("{error}{error:?}").contains("s3cret"), "{error}");
}

#[tokio::test]
async fn a_key_is_compared_with_the_host_it_would_be_sent_to() {
    for (url, residency, key, is_sent) in [
        (None, None, "sk_residency_eu", false),
        (None, None, "sk_key", true),
        (None, Some(Residency::Eu), "sk_residency_eu", true),
        (None, Some(Residency::Global), "sk_residency_xx", false),
        (Some("https://api.eu.residency.elevenlabs.io/v1"), None, "sk_residency_eu", true),
        (Some("https://api.eu.residency.elevenlabs.io"), Some(Residency::Us), "sk_residency_eu", true),
        (Some("https://api.elevenlabs.io"), Some(Residency::Eu), "sk_residency_eu", false),
        (Some("https://proxy.example"), Some(Residency::In), "sk_residency_sg", false),
        (Some("https://proxy.example"), None, "sk_residency_sg", true),
    ] {
        let transport = http::from_fn(|_| async { Ok(response(200, "null")) });
        let mut builder = Client::builder(ApiKey::new(key).unwrap()).transport(transport);
        builder = residency.into_iter().fold(builder, |builder, residency| builder.residency(residency));
        builder = url.into_iter().fold(builder, |builder, url| builder.base_url(url));
        let client = builder.build().unwrap();
        let deleted = client.delete_conversation(&"conv_01".parse().unwrap()).await;
        let kind = deleted.as_ref().map_err(Error::kind).map(|_| ());
        assert_eq!(kind, if is_sent { Ok(()) } else { Err(ErrorKind::WrongTarget) }, "{url:?} {residency:?} {key}");
        assert_eq!(
            client.check_credential().await.err().map(|error| error.kind()) == Some(ErrorKind::WrongTarget),
            !is_sent
        );
    }
}
