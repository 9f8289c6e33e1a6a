//! The contents of an entry.

use std::io::{self, BufRead, Chain, Read};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::bytes::invalid;
use super::header::Header;
use crate::zip::STORED;

/// Reads the contents of an entry, and checks them at their end.
pub(super) struct Contents<R> {
    unpacked: Unpacked<R>,
    /// How many bytes are still to come.
    left: u64,
    crc: Crc,
    sum: u32,
    packed: u64,
}

enum Unpacked<R> {
    Stored(R),
    Deflated(DeflateDecoder<Chain<R, &'static [u8]>>),
}

impl<R: BufRead> Contents<R> {
    pub(super) fn new(packed: R, header: &Header) -> Self {
        let unpacked = match header.method {
            STORED => Unpacked::Stored(packed),
            // The decoder reports no end of a stream. One without an end takes the byte that is behind it here.
            _ => Unpacked::Deflated(DeflateDecoder::new(packed.chain(&[0]))),
        };
        Self { unpacked, left: header.size, crc: Crc::new(), sum: header.sum, packed: header.packed }
    }

    /// Whether all of the packed bytes were needed, and no more.
    fn is_used_up(&self) -> bool {
        match &self.unpacked {
            Unpacked::Stored(_) => true,
            Unpacked::Deflated(decoder) => decoder.total_in() == self.packed,
        }
    }
}

impl<R: BufRead> Read for Contents<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        let read = match &mut self.unpacked {
            Unpacked::Stored(source) => source.read(out)?,
            Unpacked::Deflated(decoder) => decoder.read(out)?,
        };
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| invalid("it is longer than its header says"))?;
        self.crc.update(&out[..read]);
        match (read, self.left) {
            (0, 1..) => Err(io::ErrorKind::UnexpectedEof.into()),
            (0, 0) if self.crc.sum() != self.sum => Err(invalid("its check sum differs")),
            (0, 0) if !self.is_used_up() => Err(invalid("its packed form does not end where its header says")),
            _ => Ok(read),
        }
    }
}
