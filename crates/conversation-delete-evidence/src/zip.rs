//! As much of the ZIP format as a bundle needs.
//!
//! Reading is stricter than that of other programs, so that no two programs see different files in one bundle: no doubled
//! names, no encryption, no methods but deflate and none, no gaps, and nothing said twice in two ways.

mod read;
mod write;

pub(crate) use read::{Archive, Entry};
pub(crate) use write::ZipWriter;

const LOCAL_HEADER: u32 = 0x0403_4b50;
const CENTRAL_HEADER: u32 = 0x0201_4b50;
const DESCRIPTOR_HEADER: u32 = 0x0807_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const END_64_LOCATOR: u32 = 0x0706_4b50;

/// The extra field that has 64-bit sizes, and what the 32-bit fields hold then.
const EXTRA_64: u16 = 1;
const IN_EXTRA_64: u32 = u32::MAX;

/// The extra fields of Info-ZIP with times, and with the owner of a file.
const EXTRA_TIME: u16 = 0x5455;
const EXTRA_OWNER: u16 = 0x7875;

/// Flags: how hard it was packed, that sum and sizes are behind the contents, and that the name is UTF-8.
const LEVEL: u16 = 6;
const DESCRIPTOR: u16 = 8;
const UTF8: u16 = 0x800;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

#[cfg(test)]
mod tests;
