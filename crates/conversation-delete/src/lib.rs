#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use delete_core::*;

/// One vendor crate as a module, behind the feature of its name.
macro_rules! vendor {
    ($feature:literal, $module:ident, $krate:ident) => {
        #[cfg(feature = $feature)]
        #[cfg_attr(docsrs, doc(cfg(feature = $feature)))]
        #[doc = concat!("*Needs the feature `", $feature, "`.*\n\n")]
        #[doc(inline)]
        pub use $krate as $module;
    };
}

vendor!("corti", corti, corti_delete);
vendor!("fini", fini, fini_delete);
vendor!("elevenlabs", elevenlabs, elevenlabs_delete);
vendor!("tavus", tavus, tavus_delete);
