//! As much of the ZIP format as a bundle needs.
//!
//! Reading is stricter than that of other programs, so that no two programs see different files in one bundle: no doubled
//! names, no encryption, no methods but deflate and none.

mod read;
mod write;

pub(crate) use read::{Archive, Entry};
pub(crate) use write::ZipWriter;

const LOCAL_HEADER: u32 = 0x0403_4b50;
const CENTRAL_HEADER: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const END_64_LOCATOR: u32 = 0x0706_4b50;

/// The extra field that has 64-bit sizes, and what the 32-bit fields hold then.
const EXTRA_64: u16 = 1;
const IN_EXTRA_64: u32 = u32::MAX;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

#[cfg(test)]
mod tests;
