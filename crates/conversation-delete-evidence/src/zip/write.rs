//! Writes a ZIP file. The same contents make the same bytes.

use std::io::{self, Seek, SeekFrom, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::{CENTRAL_HEADER, DEFLATED, END, END_64, END_64_LOCATOR, EXTRA_64, IN_EXTRA_64, LOCAL_HEADER};

/// The version of the format that a reader needs: for 64-bit sizes, or for deflate.
const VERSION_64: u16 = 45;
const VERSION: u16 = 20;

/// Files that are extracted may be read by everybody, and are made on Unix.
const MADE_BY: u16 = 3 << 8 | VERSION_64;
const MODE: u32 = 0o100_644 << 16;

/// Midnight of 1 January 1980, the earliest time. The times of a bundle are in its manifest.
const TIME: u16 = 0;
const DATE: u16 = 1 << 5 | 1;

/// Where the check sum and the sizes stand in a local header, and the 64-bit sizes behind its name.
const SUM_IN_HEADER: u64 = 14;
const SIZES_IN_EXTRA: u64 = 30 + 4;

/// Writes a ZIP file, one entry after the other.
pub(crate) struct ZipWriter<W: Write + Seek> {
    out: W,
    entries: Vec<Written>,
}

struct Written {
    name: &'static str,
    /// Its sizes may need more than 32 bits.
    is_large: bool,
    offset: u64,
    sum: u32,
    size: u64,
    packed: u64,
}

impl<W: Write + Seek> ZipWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, entries: Vec::new() }
    }

    /// Adds a file of less than 4 GiB, or a larger one if `is_large`.
    pub(crate) fn add<E: From<io::Error>>(
        &mut self,
        name: &'static str,
        is_large: bool,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<(), E> {
        let offset = self.out.stream_position()?;
        let mut entry = Written { name, is_large, offset, sum: 0, size: 0, packed: 0 };
        self.out.write_all(&entry.local_header())?;
        let start = self.out.stream_position()?;
        let (sum, size) = deflate(&mut self.out, fill)?;
        let end = self.out.stream_position()?;
        (entry.sum, entry.size, entry.packed) = (sum, size, end - start);
        if !is_large && size.max(entry.packed) >= u64::from(IN_EXTRA_64) {
            return Err(io::Error::other(format!("{name} is longer than 4 GiB")).into());
        }
        self.complete_header(&entry)?;
        self.out.seek(SeekFrom::Start(end))?;
        self.entries.push(entry);
        Ok(())
    }

    /// Adds a file whose contents are known.
    pub(crate) fn add_bytes(&mut self, name: &'static str, contents: &[u8]) -> io::Result<()> {
        self.add(name, false, |out| out.write_all(contents))
    }

    fn complete_header(&mut self, entry: &Written) -> io::Result<()> {
        self.out.seek(SeekFrom::Start(entry.offset + SUM_IN_HEADER))?;
        self.out.write_all(&entry.sum_and_sizes())?;
        if entry.is_large {
            self.out.seek(SeekFrom::Start(entry.offset + SIZES_IN_EXTRA + entry.name.len() as u64))?;
            self.out.write_all(&[entry.size.to_le_bytes(), entry.packed.to_le_bytes()].concat())?;
        }
        Ok(())
    }

    /// Writes the directory, and returns what was written to.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let start = self.out.stream_position()?;
        for entry in &self.entries {
            self.out.write_all(&entry.central_header())?;
        }
        let length = self.out.stream_position()? - start;
        let is_large = self.entries.iter().any(|entry| entry.is_large);
        self.out.write_all(&end(self.entries.len() as u64, start, length, is_large))?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Packs what `fill` writes. Returns its check sum and its size.
fn deflate<E: From<io::Error>>(
    out: impl Write,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(u32, u64), E> {
    let mut counted = Counted { out: DeflateEncoder::new(out, Compression::fast()), crc: Crc::new(), size: 0 };
    fill(&mut counted)?;
    let Counted { out, crc, size } = counted;
    out.finish()?;
    Ok((crc.sum(), size))
}

struct Counted<W: Write> {
    out: W,
    crc: Crc,
    size: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.crc.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Written {
    fn local_header(&self) -> Vec<u8> {
        let extra = if self.is_large { 20_u16 } else { 0 };
        let mut header = LOCAL_HEADER.to_le_bytes().to_vec();
        header.extend(self.shared_fields());
        header.extend(extra.to_le_bytes());
        header.extend(self.name.as_bytes());
        if self.is_large {
            header.extend([EXTRA_64.to_le_bytes(), 16_u16.to_le_bytes()].concat());
            header.extend([0; 16]);
        }
        header
    }

    fn central_header(&self) -> Vec<u8> {
        let extra = if self.is_large { 28_u16 } else { 0 };
        let mut header = [&CENTRAL_HEADER.to_le_bytes()[..], &MADE_BY.to_le_bytes()].concat();
        header.extend(self.shared_fields());
        header.extend(extra.to_le_bytes());
        // The comment, the disk, and whether it is text.
        header.extend([0; 6]);
        header.extend(MODE.to_le_bytes());
        header.extend(self.narrow(self.offset).to_le_bytes());
        header.extend(self.name.as_bytes());
        if self.is_large {
            header.extend([EXTRA_64.to_le_bytes(), 24_u16.to_le_bytes()].concat());
            header.extend([self.size, self.packed, self.offset].map(u64::to_le_bytes).concat());
        }
        header
    }

    /// From the version to the length of the name, which is the same in both headers.
    fn shared_fields(&self) -> Vec<u8> {
        let version = if self.is_large { VERSION_64 } else { VERSION };
        let mut fields = [version, 0, DEFLATED, TIME, DATE].map(u16::to_le_bytes).concat();
        fields.extend(self.sum_and_sizes());
        fields.extend((self.name.len() as u16).to_le_bytes());
        fields
    }

    fn sum_and_sizes(&self) -> Vec<u8> {
        [self.sum, self.narrow(self.packed), self.narrow(self.size)].map(u32::to_le_bytes).concat()
    }

    fn narrow(&self, number: u64) -> u32 {
        if self.is_large { IN_EXTRA_64 } else { u32::try_from(number).unwrap_or(IN_EXTRA_64) }
    }
}

/// The end of the directory, which is `length` bytes from `start` on.
fn end(entries: u64, start: u64, length: u64, is_large: bool) -> Vec<u8> {
    let mut end = Vec::new();
    if is_large {
        end.extend(END_64.to_le_bytes());
        end.extend(44_u64.to_le_bytes());
        end.extend([MADE_BY, VERSION_64].map(u16::to_le_bytes).concat());
        end.extend([0; 8]);
        end.extend([entries, entries, length, start].map(u64::to_le_bytes).concat());
        end.extend([END_64_LOCATOR, 0].map(u32::to_le_bytes).concat());
        end.extend((start + length).to_le_bytes());
        end.extend(1_u32.to_le_bytes());
    }
    let narrow = |number: u64| if is_large { IN_EXTRA_64 } else { u32::try_from(number).unwrap_or(IN_EXTRA_64) };
    end.extend(END.to_le_bytes());
    end.extend([0; 4]);
    end.extend([entries as u16; 2].map(u16::to_le_bytes).concat());
    end.extend([narrow(length), narrow(start)].map(u32::to_le_bytes).concat());
    end.extend([0; 2]);
    end
}
