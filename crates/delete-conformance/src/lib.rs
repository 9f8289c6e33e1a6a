//! The suite that every vendor crate must pass.
