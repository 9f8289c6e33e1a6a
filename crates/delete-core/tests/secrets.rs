//! What a transport may print of a request: method, URI and headers, in which credentials are hidden.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use delete_core::http::{self, Method};
use delete_core::testing::response;
use delete_core::vendor_kit::{Auth, ClientOptions, ResponseRules, VendorError, Verdict};
use delete_core::{
    AccessToken, ApiKey, BaseUrl, ClientCredentials, ConversationId, Outcome, RecordId, TokenSource, Vendor,
};

const RULES: ResponseRules = ResponseRules {
    classify_success: |_| Verdict::Done(Outcome::Deleted),
    read_error: |_| VendorError::default(),
    override_by_code: |_, _| None,
};

/// What a transport prints of the requests for one delete, and their bodies.
async fn requests_with(auth: Auth, base: &BaseUrl) -> Vec<(String, String)> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let mut options = ClientOptions::default();
    options.transport = Some(Arc::new(http::from_fn(move |request| {
        let shown = format!("{} {} {:?}", request.method(), request.uri(), request.headers());
        log.lock().unwrap().push((shown, String::from_utf8(request.body().to_vec()).unwrap()));
        let is_token = request.method() == Method::POST;
        async move { Ok(if is_token { response(200, r#"{"access_token":"s3cret"}"#) } else { response(204, "") }) }
    })));
    let pipeline = options.build(Vendor::new("example", "Example"), "example/1", &[base], auth).unwrap();
    let id = RecordId::from(ConversationId::new("r1").unwrap());
    let deletion = pipeline.delete_record(&base.collection(&["records"]), id, None, &RULES).await.unwrap();
    assert!(!format!("{deletion:?} {pipeline:?}").contains("s3cret"));
    std::mem::take(&mut *seen.lock().unwrap())
}

#[tokio::test]
async fn a_transport_can_print_headers_without_the_credential() {
    let base = BaseUrl::parse("https://vendor.example").unwrap();
    let key = ApiKey::new("s3cret").unwrap();
    let credentials = ClientCredentials::new("id", "s3cret");
    let source = TokenSource::new(|| async { Ok(AccessToken::new("s3cret")?) });
    for (auth, header) in [
        (Auth::api_key("x-api-key", &key).unwrap(), "x-api-key"),
        (Auth::bearer_key(&key).unwrap(), "authorization"),
        (Auth::access_token(&AccessToken::new("s3cret").unwrap()).unwrap(), "authorization"),
        (Auth::token_source(source), "authorization"),
        (Auth::client_credentials(&base, &["token"], credentials, "openid").unwrap(), "authorization"),
    ] {
        let requests = requests_with(auth, &base).await;
        assert!(requests.iter().all(|(shown, _)| !shown.contains("s3cret")), "{requests:?}");
        let (delete, body) = requests.last().unwrap();
        assert!(delete.contains(&format!("\"{header}\": Sensitive")) && body.is_empty(), "{delete}");
        // The form of a token request is the one body with a secret, as the documentation of `Transport` says.
        let forms: Vec<_> = requests.iter().filter(|(_, body)| body.contains("s3cret")).collect();
        assert!(forms.iter().all(|(shown, _)| shown.starts_with("POST https://vendor.example/token ")), "{forms:?}");
    }
}
