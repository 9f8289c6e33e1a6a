//! Certificates and keys for the TLS library that is compiled in. With both libraries it is rustls: a feature that some
//! other crate enables must not change what is trusted.

use crate::http::{HttpOptions, TransportError};

#[cfg(any(feature = "rustls-no-provider", feature = "native-tls"))]
pub(super) fn configure(
    builder: reqwest::ClientBuilder,
    options: &HttpOptions,
) -> Result<reqwest::ClientBuilder, TransportError> {
    check_provider()?;
    let certificates = read_certificates(&options.root_certificates)?;
    let builder = match options.system_roots {
        true => builder.tls_certs_merge(certificates),
        false => builder.tls_certs_only(certificates),
    };
    let builder = match &options.client_identity {
        Some(pem) => builder.identity(read_identity(pem)?),
        None => builder,
    };
    #[cfg(feature = "rustls-no-provider")]
    let builder = builder.tls_backend_rustls();
    Ok(builder)
}

#[cfg(not(any(feature = "rustls-no-provider", feature = "native-tls")))]
pub(super) fn configure(
    builder: reqwest::ClientBuilder,
    options: &HttpOptions,
) -> Result<reqwest::ClientBuilder, TransportError> {
    if options.root_certificates.is_empty() && options.client_identity.is_none() {
        return Ok(builder);
    }
    Err(TransportError::invalid_request(
        "certificates need one of the features `rustls`, `rustls-no-provider` and `native-tls`",
    ))
}

/// reqwest would panic without a provider.
#[cfg(all(feature = "rustls-no-provider", not(feature = "rustls")))]
fn check_provider() -> Result<(), TransportError> {
    match rustls::crypto::CryptoProvider::get_default() {
        Some(_) => Ok(()),
        None => Err(TransportError::invalid_request(
            "rustls has no crypto provider: install one with `CryptoProvider::install_default`, or enable the feature \
             `rustls`",
        )),
    }
}

#[cfg(any(feature = "rustls", all(feature = "native-tls", not(feature = "rustls-no-provider"))))]
fn check_provider() -> Result<(), TransportError> {
    Ok(())
}

#[cfg(any(feature = "rustls-no-provider", feature = "native-tls"))]
fn read_certificates(bundles: &[Vec<u8>]) -> Result<Vec<reqwest::Certificate>, TransportError> {
    let mut certificates = Vec::new();
    for pem in bundles {
        let found = reqwest::Certificate::from_pem_bundle(pem)
            .map_err(|_| TransportError::invalid_request("a root certificate cannot be read as PEM"))?;
        if found.is_empty() {
            let message = "the PEM text given as root certificate holds no certificate";
            return Err(TransportError::invalid_request(message));
        }
        certificates.extend(found);
    }
    Ok(certificates)
}

#[cfg(any(feature = "rustls-no-provider", feature = "native-tls"))]
fn read_identity(pem: &[u8]) -> Result<reqwest::Identity, TransportError> {
    #[cfg(feature = "rustls-no-provider")]
    let identity = reqwest::Identity::from_pem(pem);
    #[cfg(not(feature = "rustls-no-provider"))]
    let identity = reqwest::Identity::from_pkcs8_pem(pem, private_key(pem));
    // The parser's own message could quote the key.
    identity.map_err(|_| {
        TransportError::invalid_request(
            "the client identity is not a PEM text with a PKCS#8 private key and a certificate",
        )
    })
}

/// The part of `pem` from the private key on: Windows reads the key only at the beginning of a text.
#[cfg(all(feature = "native-tls", not(feature = "rustls-no-provider")))]
fn private_key(pem: &[u8]) -> &[u8] {
    const BEGIN: &[u8] = b"-----BEGIN PRIVATE KEY-----";
    let start = pem.windows(BEGIN.len()).position(|window| window == BEGIN);
    start.map_or(&[], |start| &pem[start..])
}
