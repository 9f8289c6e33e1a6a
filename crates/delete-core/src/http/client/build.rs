use std::time::Duration;

use super::{failure, proxy, tls};
use crate::http::{HttpOptions, Proxy, TransportError};

/// HTTP/2 has no limit on the number of headers, so it gets room here, and they are counted afterwards.
const MAX_HEADER_BYTES: u32 = 1024 * 1024;

/// A connection that was idle for longer is not used again. Servers close idle connections, and a request that meets
/// the closing would be ambiguous.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Pings find an HTTP/2 connection that was lost without notice (a NAT, a suspended machine).
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn build(options: &HttpOptions) -> Result<reqwest::Client, TransportError> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
        .http2_keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
        .http2_keep_alive_while_idle(true)
        .http2_max_header_list_size(MAX_HEADER_BYTES);
    let builder = tls::configure(builder, options)?;
    let builder = match &options.proxy {
        Proxy::None => builder.no_proxy(),
        Proxy::System => {
            proxy::check_environment()?;
            builder
        }
        Proxy::Url(url) => builder.proxy(proxy::read(url)?),
    };
    builder.build().map_err(|error| {
        let message = format!("the HTTP client cannot be built: {}", failure::chain(&error));
        TransportError::invalid_request(message).with_source(error)
    })
}
