//! The crypto provider of the program's TLS, which is rustls.

#[cfg(feature = "aws-lc")]
use rustls::crypto::aws_lc_rs as crypto;
#[cfg(not(feature = "aws-lc"))]
use rustls::crypto::ring as crypto;

/// Makes the crypto provider that of the process. Later calls change nothing.
pub(crate) fn install_provider() {
    let _ = crypto::default_provider().install_default();
}

#[cfg(all(test, feature = "aws-lc"))]
mod tests {
    use rustls::NamedGroup;

    use super::*;

    /// A client sends a key share of the first group alone, and a server takes what it has a share of.
    #[test]
    fn post_quantum_key_exchange_is_preferred() {
        let groups = crypto::default_provider().kx_groups;
        assert_eq!(groups.first().map(|group| group.name()), Some(NamedGroup::X25519MLKEM768));
    }
}
