//! A scripted vendor: its token endpoint and its deletes.

use std::sync::{Arc, Mutex};

use corti_delete::http::{self, Body, Bytes, Method, Request, Response};
use corti_delete::testing::{TestClock, response};
use corti_delete::{Client, ClientCredentials, Environment, Error, Outcome, Uuid};

pub(crate) const ID: Uuid = Uuid::from_u128(0xf47a_c10b_58cc_4372_a567_0e02_b2c3_d479);

/// A vendor in the process. `token` responds to the nth token request, `delete` to a delete with this `Authorization`.
pub(crate) struct Vendor {
    requests: Arc<Mutex<Vec<Request<Bytes>>>>,
    pub(crate) clock: TestClock,
    pub(crate) client: Client,
}

impl Vendor {
    pub(crate) fn new(
        token: impl Fn(usize) -> Response<Body> + Send + Sync + 'static,
        delete: impl Fn(&str) -> Response<Body> + Send + Sync + 'static,
    ) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        let (token, delete) = (Arc::new(token), Arc::new(delete));
        let transport = http::from_fn(move |request| {
            let (seen, token, delete) = (seen.clone(), token.clone(), delete.clone());
            async move {
                // Lets all other calls start to wait for the same token.
                tokio::task::yield_now().await;
                let mut seen = seen.lock().unwrap();
                seen.push(request.clone());
                let count = seen.iter().filter(|request| request.method() == Method::POST).count();
                Ok(match *request.method() {
                    Method::POST => token(count),
                    _ => delete(request.headers().get("authorization").map_or("", |value| value.to_str().unwrap())),
                })
            }
        });
        let clock = TestClock::new();
        let client = Client::builder(Environment::Eu, "base", ClientCredentials::new("id", "s3cret"))
            .transport(transport)
            .clock(clock.clone())
            .build()
            .unwrap();
        Self { requests, clock, client }
    }

    pub(crate) async fn delete(&self) -> Result<Outcome, Error> {
        self.client.clone().delete_interaction(ID).await.map(|deletion| deletion.outcome())
    }

    pub(crate) fn count(&self, method: Method) -> usize {
        self.requests.lock().unwrap().iter().filter(|request| request.method() == method).count()
    }
}

/// A token response.
pub(crate) fn fresh(number: usize, expires_in: u64) -> Response<Body> {
    let body = format!(
        r#"{{"access_token":"token{number}","expires_in":{expires_in},"refresh_expires_in":0,"token_type":"Bearer","id_token":"e","not-before-policy":0,"scope":"openid email profile"}}"#
    );
    response(200, body)
}
