//! Other crates, with their defaults.

use elevenlabs_rs::ElevenLabsClient;
use elevenlabs_rs::endpoints::convai::conversations::DeleteConversation;
use elevenlabs_rs::error::Error;
use reqwest::{Certificate, Client, Proxy};
use url::Url;

use crate::{AnyError, Job, Report};

/// Its endpoint for conversations has a fixed host, so the scenario's server is its proxy and ends TLS for that host.
pub(crate) async fn elevenlabs_rs(job: &Job, id: &str) -> Result<Report, AnyError> {
    let authority = Certificate::from_pem(&std::fs::read(std::env::var("COMPARE_AUTHORITY")?)?)?;
    let http = Client::builder().proxy(Proxy::https(&job.url)?).add_root_certificate(authority).build()?;
    let client = ElevenLabsClient::from((http, job.key.clone()));
    let result = client.hit(DeleteConversation::new(id)).await;
    if job.debug.is_some() {
        eprintln!("{result:?}");
    }
    Ok(match result {
        Ok(()) => Report::success(""),
        Err(Error::ApiError(error)) => Report::error(Some(error.status.as_u16()), "ApiError"),
        Err(_) => Report::error(None, "Error"),
    })
}

pub(crate) async fn reqwest_defaults(job: &Job) -> Result<Report, AnyError> {
    let request = Client::new().delete(format!("{}/v1/records/r1", job.url)).header("x-api-key", &job.key);
    Ok(match request.send().await.and_then(reqwest::Response::error_for_status) {
        Ok(response) => Report::success(response.text().await?),
        Err(error) => Report::error(error.status().map(|status| status.as_u16()), "Error"),
    })
}

pub(crate) fn url_push(id: &str) -> Result<Report, AnyError> {
    let mut url = Url::parse("https://host/v1/convai/conversations")?;
    url.path_segments_mut().map_err(|()| "the URL has no path")?.push(id);
    Ok(Report::success(after_host(&url)))
}

pub(crate) fn url_format(id: &str) -> Result<Report, AnyError> {
    let url = Url::parse(&format!("https://host/v1/convai/conversations/{id}"))?;
    Ok(Report::success(after_host(&url)))
}

fn after_host(url: &Url) -> &str {
    url.as_str().trim_start_matches("https://host")
}
