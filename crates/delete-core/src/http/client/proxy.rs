//! Checks for proxies that reqwest would ignore without an error, and connect directly.

use std::env;
use std::ffi::OsString;

use http::Uri;

use crate::http::TransportError;

pub(super) fn read(url: &str) -> Result<reqwest::Proxy, TransportError> {
    let is_http = |url: &url::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    match url::Url::parse(url).ok().filter(is_http).and_then(|url| reqwest::Proxy::all(url).ok()) {
        Some(proxy) => Ok(proxy),
        None => Err(TransportError::invalid_request(
            "the proxy is not an http or https URL such as http://proxy.example:3128",
        )),
    }
}

/// Each variable in both spellings. reqwest reads the first of the two that is set, even if it is empty.
const VARIABLES: [[&str; 2]; 3] =
    [["HTTPS_PROXY", "https_proxy"], ["HTTP_PROXY", "http_proxy"], ["ALL_PROXY", "all_proxy"]];

/// Refuses proxy variables that cannot be read, since requests would be sent without the chosen proxy.
pub(super) fn check_environment() -> Result<(), TransportError> {
    VARIABLES.into_iter().try_for_each(|names| check_variable(names, names.map(env::var_os)))
}

fn check_variable(names: [&str; 2], values: [Option<OsString>; 2]) -> Result<(), TransportError> {
    let is_empty = |value: &Option<OsString>| value.as_ref().is_some_and(|value| value.is_empty());
    if is_empty(&values[0]) && values[1].as_ref().is_some_and(|value| !value.is_empty()) {
        let [upper, lower] = names;
        return Err(TransportError::invalid_request(format!(
            "the variable {upper} is empty and {lower} is not: unset one of them"
        )));
    }
    for (name, value) in names.into_iter().zip(values) {
        let Some(value) = value.filter(|value| !value.is_empty()) else { continue };
        if !value.to_str().is_some_and(is_usable) {
            // The value may hold a password.
            return Err(TransportError::invalid_request(format!(
                "the variable {name} is not the URL of an http or https proxy such as http://proxy.example:3128"
            )));
        }
    }
    Ok(())
}

/// Whether reqwest can use the value. Without a scheme, it is an http proxy.
fn is_usable(value: &str) -> bool {
    let Ok(uri) = value.parse::<Uri>() else { return false };
    let Some(authority) = uri.authority().filter(|authority| !authority.host().is_empty()) else { return false };
    let after_host = authority.as_str().rsplit_once('@').map_or(authority.as_str(), |(_, rest)| rest);
    let has_bad_port = after_host.len() > authority.host().len() && authority.port_u16().is_none();
    matches!(uri.scheme_str(), None | Some("http" | "https")) && !has_bad_port
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: [Option<&str>; 2]) -> Result<(), TransportError> {
        check_variable(VARIABLES[0], values.map(|value| value.map(OsString::from)))
    }

    #[test]
    fn a_proxy_variable_that_cannot_be_used_is_an_error_that_names_it() {
        for value in [
            "\"http://s3cret:3128\"",
            "'http://s3cret:3128'",
            "http://s3cret:3128 ",
            " http://s3cret:3128",
            "http://s3cret:3128\r",
            "http://s3cret:3128\n",
            "http://s3c ret:3128",
            "ftp://s3cret:1",
            "socks5://s3cret:1080",
            "http://",
            "http:///s3cret",
            "http:s3cret",
            "/s3cret",
            "http://s3cret:port",
            "http://s3cret:99999",
            "http://s3cret:",
            " ",
            "é",
        ] {
            for values in [[Some(value), None], [None, Some(value)]] {
                let error = check(values).unwrap_err().to_string();
                assert!(error.to_lowercase().contains("https_proxy") && !error.contains("s3c"), "{value:?}: {error}");
            }
        }
        assert!(check([Some(""), Some("http://proxy.example")]).is_err());
    }

    #[test]
    fn a_proxy_variable_that_can_be_used_or_is_empty_passes() {
        for value in [
            "http://proxy.example:3128",
            "https://proxy.example",
            "http://user:p%40ss@proxy.example:3128/",
            "proxy.example:3128",
            "proxy.example",
            "127.0.0.1:1",
            "http://[::1]:3128",
            "",
        ] {
            check([Some(value), None]).unwrap();
            check([None, Some(value)]).unwrap();
        }
        check([None, None]).unwrap();
        check([Some("http://proxy.example"), Some("")]).unwrap();
    }
}
