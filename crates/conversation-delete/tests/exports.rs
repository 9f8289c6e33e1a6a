//! The re-exports are a list. It has every name of `delete-core` that a user needs.

use std::collections::BTreeSet;

const CORE: &str = include_str!("../../delete-core/src/lib.rs");
const UMBRELLA: &str = include_str!("../src/lib.rs");

/// For authors of vendor crates, and for the program.
const NOT_RE_EXPORTED: [&str; 3] = ["text", "timestamp", "vendor_kit"];

/// The public names of a `lib.rs`: re-exports and modules at the top level.
fn public_names(source: &str) -> BTreeSet<&str> {
    let statements = source.split("\npub ").skip(1);
    let names = statements.filter_map(|statement| match statement.split_once(' ')? {
        ("mod", rest) => Some(vec![rest.split([' ', ';', '{']).next()?]),
        ("use", rest) => Some(names_of_use(rest.split_once(';')?.0)),
        _ => None,
    });
    names.flatten().collect()
}

/// The names of `path::{A, B}` or `path::A`.
fn names_of_use(tree: &str) -> Vec<&str> {
    let names = match tree.split_once('{') {
        Some((_, names)) => names.trim_end_matches('}'),
        None => tree.rsplit("::").next().unwrap_or(tree),
    };
    names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
}

#[test]
fn every_public_name_of_the_core_is_re_exported_or_left_out_on_purpose() {
    let core = public_names(CORE);
    assert!(core.len() > 40 && core.contains("Deletion") && core.contains("vendor_kit"), "{core:?}");
    let missing: Vec<_> = core.difference(&public_names(UMBRELLA)).copied().collect();
    assert_eq!(missing, NOT_RE_EXPORTED);
    assert!(!UMBRELLA.contains("::*"));
}

/// Uses one name of each group and each vendor's module.
#[test]
fn a_program_needs_no_names_but_those_of_the_umbrella() -> Result<(), conversation_delete::Error> {
    use conversation_delete::{
        ApiKey, ClientCredentials, Deleter, ErasureMode, RecordUuid, corti, elevenlabs, fini, tavus,
    };

    let credentials = ClientCredentials::new("id", "secret");
    let key = || ApiKey::new("key");
    let deleters: [Box<dyn Deleter>; 4] = [
        Box::new(corti::Client::builder(corti::Environment::Eu, "tenant", credentials).build()?),
        Box::new(fini::Client::builder(key()?).build()?),
        Box::new(elevenlabs::Client::builder(key()?).build()?),
        Box::new(tavus::Client::builder(key()?).build()?.with_erasure_mode(ErasureMode::Soft)),
    ];
    let vendors = deleters.each_ref().map(|deleter| deleter.vendor().to_string());
    assert_eq!(vendors, ["Corti", "Fini", "ElevenLabs", "Tavus"]);
    let uuid: conversation_delete::Uuid = "f47ac10b-58cc-4372-a567-0e02b2c3d479".parse::<RecordUuid>()?.into();
    assert_eq!(uuid.as_u128() >> 96, 0xf47a_c10b);
    Ok(())
}
