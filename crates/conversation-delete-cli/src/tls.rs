//! The crypto provider of the program's TLS, which is rustls.

#[cfg(feature = "aws-lc")]
use rustls::crypto::aws_lc_rs as crypto;
#[cfg(not(feature = "aws-lc"))]
use rustls::crypto::ring as crypto;

/// Makes the crypto provider that of the process. Later calls change nothing.
pub(crate) fn install_provider() {
    let _ = crypto::default_provider().install_default();
}
