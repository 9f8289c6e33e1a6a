//! A feature adds its own vendor only, according to the tree that cargo resolves.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::process::Command;

const VENDORS: [&str; 4] = ["corti", "fini", "elevenlabs", "tavus"];

/// The names of all crates that a package is built from.
fn tree(package: &str, options: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}", "--package", package])
        .args(options)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn each_feature_adds_only_its_own_vendor() {
    for vendor in VENDORS {
        let crates = tree("conversation-delete", &["--no-default-features", "--features", vendor]);
        for other in VENDORS {
            assert_eq!(crates.contains(&format!("{other}-delete")), other == vendor, "{vendor} and {other}");
        }
    }
    let full = tree("conversation-delete", &["--features", "full"]);
    assert!(VENDORS.iter().all(|vendor| full.contains(&format!("{vendor}-delete"))));
    let none = tree("conversation-delete", &[]);
    assert!(VENDORS.iter().all(|vendor| !none.contains(&format!("{vendor}-delete"))));
}

#[test]
fn a_vendor_crate_depends_on_no_other_vendor() {
    for vendor in VENDORS {
        let crates = tree(&format!("{vendor}-delete"), &[]);
        let foreign = VENDORS.iter().filter(|other| **other != vendor && crates.contains(&format!("{other}-delete")));
        assert_eq!(foreign.count(), 0, "{vendor}");
    }
}

#[test]
fn the_tls_libraries_are_a_choice() {
    for (features, rustls, native) in
        [("", false, false), ("rustls", true, false), ("rustls-no-provider", true, false), ("native-tls", false, true)]
    {
        let crates = tree("conversation-delete", &["--no-default-features", "--features", &format!("full,{features}")]);
        assert_eq!((crates.contains("rustls"), crates.contains("native-tls")), (rustls, native), "{features}");
        assert_eq!(crates.contains("aws-lc-rs"), features == "rustls", "{features}");
    }
    assert!(tree("conversation-delete", &[]).contains("rustls"));
}

#[test]
fn a_vendor_crate_stays_light() {
    let crates = tree("tavus-delete", &[]);
    assert!(crates.len() <= 105, "{} crates: {crates:?}", crates.len());
}
